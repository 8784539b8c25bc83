"""An outbox that was lost takes over what the province has: nothing is sent twice, what differs is changed, what was withdrawn is deleted."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from exports.push.adoption import Adoption
from exports.push.errors import PushUsageError
from exports.push.outbox import push_folder
from exports.push.pushing import Pushed, compare, push, take_over
from exports.push.settings import PushSettings
from sources.definitions import datasets
from tests.exports.push.city import City

pytestmark = pytest.mark.thorough


def _deliver_without_keys(city: City) -> int:
    """Further results without DATA_KEY: the keys that the province knows them by stand in the lost outbox alone. Gives how many."""
    results = city.delivered("WIN_RESULT_ANNO")
    keyless = [row | {"DATA_KEY": "", "BID_SECTION_CODE": f"{row['BID_SECTION_CODE'][:-3]}9{number:02}"} for number, row in enumerate(results)]
    city.deliver("WIN_RESULT_ANNO", keyless)
    return len(keyless)


def _push(city: City, settings: PushSettings) -> Pushed:
    return push(city.home, settings, "json", lambda: datetime.now(UTC))


def _lose(city: City) -> None:
    shutil.rmtree(push_folder(city.home))


def test_nothing_is_sent_twice(city: City, settings: PushSettings) -> None:
    city.simulate(15)
    keyless = _deliver_without_keys(city)
    city.publish()
    sent = _push(city, settings).settled.accepted
    assert sent == sum(len(city.delivered(name)) for name, dataset in datasets().items() if dataset.number) and keyless > 3
    _lose(city)
    assert take_over(city.home, settings) == Adoption(sent, 0)
    again = _push(city, settings)
    assert (again.settled.accepted, again.settled.refused, again.status.left_behind) == (0, 0, 0)
    assert compare(city.home, settings).agreed == sent


def test_without_it_every_record_would_be_refused(city: City, settings: PushSettings) -> None:
    city.simulate(3)
    city.publish()
    _push(city, settings)
    _lose(city)
    again = _push(city, settings)
    assert again.settled.accepted == 0
    assert again.settled.refused > 0


def test_what_changed_since_is_changed_and_what_was_withdrawn_is_deleted(
    city: City, settings: PushSettings, at_province: Callable[[str], dict[str, dict[str, str]]]
) -> None:
    city.simulate(10)
    city.publish()
    sent = _push(city, settings).settled.accepted
    first, second, *_ = city.delivered("WIN_RESULT_ANNO")
    city.deliver("WIN_RESULT_ANNO", [first | {"DATA_TYPE": "2", "DATA_TIMESTAMP": "20180125080000", "NOTICE_CONTENT": "更正"}], "changed")
    city.deliver("WIN_RESULT_ANNO", [second | {"DATA_TYPE": "3", "DATA_TIMESTAMP": "20180125080000"}], "withdrawn")
    city.publish()
    _lose(city)
    assert take_over(city.home, settings).adopted == sent
    pushed = _push(city, settings)
    assert (pushed.filling.additions, pushed.filling.changes, pushed.filling.deletions) == (0, 1, 1)
    records = at_province("WIN_RESULT_ANNO")
    assert records[first["DATA_KEY"]]["NOTICE_CONTENT"] == "更正"
    assert second["DATA_KEY"] not in records
    assert compare(city.home, settings).is_clean


def test_an_outbox_that_knows_something_is_left_alone(city: City, settings: PushSettings) -> None:
    city.simulate(3)
    city.publish()
    _push(city, settings)
    with pytest.raises(PushUsageError, match=r"knows [\d,]+ records already"):
        take_over(city.home, settings)


def test_what_the_province_has_beside_it_is_counted(city: City, settings: PushSettings) -> None:
    city.simulate(3)
    keyless = _deliver_without_keys(city)
    city.publish()
    sent = _push(city, settings).settled.accepted
    _lose(city)
    # The snapshot that is published now does not hold the keyless results any more.
    shutil.rmtree(city.home / "work")
    (city.deliveries / "WIN_RESULT_ANNO-more.csv").unlink()
    city.publish()
    assert take_over(city.home, settings) == Adoption(sent - keyless, keyless)
