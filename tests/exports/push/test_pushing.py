"""A city is pushed, corrected, withdrawn and held back; the province has exactly what the snapshot says."""

import csv
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from exports.push.answers import Settled
from exports.push.errors import ProvinceForbids, ProvinceUnreachable, PushUsageError
from exports.push.outbox import open_outbox, packages_folder
from exports.push.packages import Format, Package
from exports.push.province.server import Province
from exports.push.pushing import Pushed, compare, look, push
from exports.push.settings import PushSettings
from exports.push.status import LEFT_BEHIND
from exports.push.writing import write_packages
from sources.definitions import Column, datasets
from tests.exports.push.city import City
from tests.exports.push.reading import content, read_all

pytestmark = pytest.mark.thorough

AtProvince = Callable[[str], dict[str, dict[str, str]]]
NATIONAL = [name for name, dataset in datasets().items() if dataset.number]


def _push(city: City, settings: PushSettings, form: Format = "xml") -> Pushed:
    return push(city.home, settings, form, lambda: datetime.now(UTC))


def _as_sent(column: Column, delivered: str) -> str:
    """What must arrive for a delivered value, worked out here in plain Python."""
    if column.personal and not column.required:
        return "***"
    if column.type == "decimal":
        return f"{Decimal(delivered).normalize():f}"
    return delivered.upper() if column.type == "code" else delivered


def _expected(city: City, dataset: str) -> dict[str, dict[str, str]]:
    """The current records of what was delivered, by key."""
    current: dict[str, dict[str, str]] = {}
    for row in sorted(city.delivered(dataset), key=lambda row: row["DATA_TIMESTAMP"]):
        if row["DATA_TYPE"] == "3":
            current.pop(row["DATA_KEY"], None)
        else:
            columns = [column for column in datasets()[dataset].columns if not column.extension]
            current[row["DATA_KEY"]] = {column.national: _as_sent(column, row[column.national]) for column in columns if row.get(column.national)}
    return current


@pytest.mark.parametrize("form", ["xml", "json"])
def test_packages_hold_what_was_delivered_row_for_row(city: City, tmp_path: Path, form: Format) -> None:
    city.simulate(40)
    packages = write_packages(city.publish(), tmp_path / "out", form, PushSettings(records_per_package=37))
    read = read_all(tmp_path / "out")
    delivered = {name: _expected(city, name) for name in NATIONAL if city.delivered(name)}
    assert {name: {record["DATA_KEY"]: content(record) for record in records} for name, records in read.items()} == {
        name: rows for name, rows in delivered.items() if rows
    }
    assert sum(package.records for package in packages) == sum(len(rows) for rows in delivered.values()) > 200
    for name, records in read.items():
        assert len({record["DATA_KEY"] for record in records}) == len(records), name
        assert {record["DATA_TYPE"] for record in records} == {"1"}


def test_the_province_has_the_snapshot_and_a_second_push_sends_nothing(
    city: City, province: Province, settings: PushSettings, at_province: AtProvince
) -> None:
    city.simulate(40)
    city.publish()
    first = _push(city, settings)
    for name in NATIONAL:
        assert at_province(name) == (_expected(city, name) if city.delivered(name) else {}), name
    assert first.settled.accepted == first.filling.additions == first.status.at_province == province.store.count()
    assert compare(city.home, settings).is_clean
    second = _push(city, settings)
    assert (second.filling.queued, second.settled.accepted, second.receipts) == (0, 0, None)


def test_what_changed_is_sent_as_a_change_and_what_was_withdrawn_is_deleted(
    city: City, province: Province, settings: PushSettings, at_province: AtProvince
) -> None:
    city.simulate(30)
    city.publish()
    _push(city, settings)
    sections = city.delivered("SECTION")
    corrected = {**sections[0], "BID_SECTION_NAME": "改后的标段", "DATA_TYPE": "2", "DATA_TIMESTAMP": "20180124100000"}
    resent = {**sections[1], "DATA_TIMESTAMP": "20180124110000"}
    withdrawn = {**city.delivered("TENDER_CANDIDATE")[0], "DATA_TYPE": "3", "DATA_TIMESTAMP": "20180124120000"}
    city.deliver("SECTION", [corrected, resent])
    city.deliver("TENDER_CANDIDATE", [withdrawn])
    city.publish()
    pushed = _push(city, settings)
    # What was sent again without a change is no news to the province.
    assert (pushed.filling.additions, pushed.filling.changes, pushed.filling.deletions) == (0, 1, 1)
    assert at_province("SECTION")[corrected["DATA_KEY"]]["BID_SECTION_NAME"] == "改后的标段"
    assert withdrawn["DATA_KEY"] not in at_province("TENDER_CANDIDATE")
    assert at_province("SECTION") == _expected(city, "SECTION")
    assert compare(city.home, settings).is_clean
    assert _push(city, settings).filling.queued == 0


def test_what_is_blocked_never_leaves_and_is_listed(city: City, settings: PushSettings, at_province: AtProvince) -> None:
    city.simulate(30)
    snapshot = city.publish()
    code = city.delivered("SECTION")[0]["BID_SECTION_CODE"]
    row = city.source_row("SECTION", "section_code", code)
    contract_file = city.source_row("CONTRACT_PERFORMANCE", "section_code", city.delivered("CONTRACT_PERFORMANCE")[0]["BID_SECTION_CODE"])
    whole_file = contract_file // 1_000_000_000 * 1_000_000_000
    city.publish([("SECTION", "估算价为空", row), ("CONTRACT_PERFORMANCE", "整个文件缺项", whole_file)])
    pushed = _push(city, settings)
    assert code not in {record["BID_SECTION_CODE"] for record in at_province("SECTION").values()}
    assert at_province("CONTRACT_PERFORMANCE") == {}
    assert pushed.status.blocked == 1 + len(city.delivered("CONTRACT_PERFORMANCE"))
    for records in read_all(packages_folder(city.home)).values():
        assert not [record for record in records if record.get("BID_SECTION_NAME") and record["BID_SECTION_CODE"] == code]
    with open_outbox(city.home) as connection:
        assert ("SECTION", "x: 估算价为空") in connection.execute(f"SELECT dataset, reason FROM ({LEFT_BEHIND})").fetchall()
    # As soon as nothing is found any more, it leaves.
    assert snapshot.exists()
    city.publish()
    assert _push(city, settings).status.left_behind == 0
    assert at_province("SECTION") == _expected(city, "SECTION")


def test_a_record_waits_for_its_parent(city: City, settings: PushSettings, at_province: AtProvince) -> None:
    city.simulate(20)
    projects = city.delivered("TENDER_PROJECT")
    orphan = projects[0]["TENDER_PROJECT_CODE"]
    (city.deliveries / "TENDER_PROJECT.csv").unlink()
    city.deliver("TENDER_PROJECT", projects[1:], "first")
    city.publish()
    pushed = _push(city, settings)
    waiting = [row for name in NATIONAL for row in city.delivered(name) if row.get("TENDER_PROJECT_CODE") == orphan]
    assert pushed.status.waiting == pushed.status.left_behind == len(waiting) > 3
    city.deliver("TENDER_PROJECT", projects[:1], "late")
    city.publish()
    assert _push(city, settings).status.left_behind == 0
    assert at_province("SECTION") == _expected(city, "SECTION")


def test_a_snapshot_that_knows_less_is_refused(city: City, settings: PushSettings) -> None:
    city.simulate(10)
    city.publish(known_at="2018-01-25")
    _push(city, settings)
    city.publish(known_at="2017-06-30")
    with pytest.raises(PushUsageError, match="knows records up to 2017-06-30"):
        _push(city, settings)


def test_a_poisoned_record_is_parked_and_the_rest_flows(city: City, province: Province, settings: PushSettings, at_province: AtProvince) -> None:
    city.simulate(150)
    sections = city.delivered("SECTION")
    poisoned = {**sections[7], "BID_SECTION_NAME": "毒标段", "DATA_TYPE": "2", "DATA_TIMESTAMP": "20180124100000"}
    city.deliver("SECTION", [poisoned])
    city.publish()
    province.faults.poison = "毒标段"
    pushed = _push(city, settings)
    assert pushed.status.parked == 1
    assert at_province("SECTION").keys() == {row["DATA_KEY"] for row in sections} - {poisoned["DATA_KEY"]}
    # Healed, with new content, it goes.
    province.faults.poison = None
    city.deliver("SECTION", [{**poisoned, "BID_SECTION_NAME": "好标段", "DATA_TIMESTAMP": "20180124110000"}], "healed")
    city.publish()
    assert _push(city, settings).status.left_behind == 0
    assert at_province("SECTION")[poisoned["DATA_KEY"]]["BID_SECTION_NAME"] == "好标段"


def test_what_is_put_off_is_sent_again_and_every_refusal_is_visible(city: City, province: Province, settings: PushSettings) -> None:
    city.simulate(40)
    city.publish()
    province.faults.partial, province.faults.refusing = 0.3, 0.05
    pushed = _push(city, settings)
    with open_outbox(city.home) as connection:
        refused = connection.execute("SELECT dataset, data_key FROM outbox.messages WHERE state = 'refused'").fetchall()
    assert len(refused) == pushed.status.refused > 5
    assert pushed.status.parked == pushed.status.queued - pushed.status.waiting == 0
    assert pushed.status.at_province == province.store.count()
    assert compare(city.home, settings).is_clean


def test_a_province_that_is_down_costs_nothing(city: City, province: Province, settings: PushSettings) -> None:
    city.simulate(10)
    city.publish()
    province.faults.down = True
    impatient = replace(settings, patience_seconds=1)
    with pytest.raises(ProvinceUnreachable, match="Nothing is lost"):
        _push(city, impatient)
    province.faults.down = False
    assert _push(city, settings).status.left_behind == 0


def test_a_province_that_only_fails_parks_nothing(city: City, province: Province, settings: PushSettings) -> None:
    city.simulate(10)
    city.publish()
    province.faults.failing = 1
    with pytest.raises(ProvinceUnreachable, match="keeps failing"):
        _push(city, replace(settings, patience_seconds=30))
    province.faults.failing = 0
    with open_outbox(city.home) as connection:
        assert connection.execute("SELECT DISTINCT state, tries FROM outbox.messages").fetchall() == [("queued", 0)]
    assert _push(city, settings).status.left_behind == 0


def test_without_the_token_nobody_is_let_in_and_the_token_is_shown_to_nobody(city: City, province: Province, settings: PushSettings) -> None:
    city.simulate(5)
    city.publish()
    province.token = "geheim-42"
    with pytest.raises(ProvinceForbids, match="GONGKAI_PUSH_TOKEN") as caught:
        _push(city, replace(settings, token="wrong-43"))
    assert "wrong-43" not in str(caught.value) + repr(replace(settings, token="wrong-43"))
    assert _push(city, replace(settings, token="geheim-42")).status.left_behind == 0
    assert not [path for path in city.home.rglob("*") if path.is_file() and b"geheim-42" in path.read_bytes()]


def _receipts(city: City) -> Counter[tuple[str, str, str]]:
    """How often each record is told with which status, over all deliveries of receipts."""
    told: Counter[tuple[str, str, str]] = Counter()
    for path in sorted((city.home / "push" / "receipts").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            told.update((row["PUSHED_DATASET"], row["PUSHED_KEY"], row["STATUS"]) for row in csv.DictReader(stream))
    return told


def _at_province(city: City) -> set[tuple[str, str]]:
    with open_outbox(city.home) as connection:
        return set(connection.execute("SELECT dataset, data_key FROM outbox.records WHERE is_at_province").fetchall())


def test_the_receipts_of_a_push_that_was_shut_out_half_way_are_told(city: City, province: Province, settings: PushSettings) -> None:
    city.simulate(10)
    city.publish()
    sent: list[int] = []

    def shut_out(package: Package, settled: Settled) -> None:
        sent.append(settled.accepted)
        province.token = "another"

    with pytest.raises(ProvinceForbids):
        push(city.home, settings, "xml", lambda: datetime.now(UTC), shut_out)
    assert sent[0] > 0
    assert {(dataset, key) for dataset, key, status in _receipts(city) if status == "已接收"} == _at_province(city)


def test_every_receipt_is_told_once_also_when_a_push_was_killed_before_it_wrote_them(city: City, settings: PushSettings) -> None:
    """A kill leaves answers in the outbox and no file: the next push tells them, and nothing twice."""
    city.simulate(10)
    city.publish()

    def killed(package: Package, settled: Settled) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        push(city.home, settings, "xml", lambda: datetime.now(UTC), killed)
    assert not _receipts(city) and _at_province(city)
    _push(city, settings)
    told = _receipts(city)
    assert {(dataset, key) for dataset, key, status in told if status == "已接收"} == _at_province(city)
    assert set(told.values()) == {1}
    assert _push(city, settings).receipts is None


def test_reconciliation_tells_what_differs(city: City, province: Province, settings: PushSettings, tmp_path: Path) -> None:
    city.simulate(20)
    city.publish()
    _push(city, settings)
    keys = sorted(row["DATA_KEY"] for row in city.delivered("SECTION"))
    store = province.store._connection
    store.execute("DELETE FROM records WHERE data_key = ?", (keys[0],))
    store.execute("UPDATE records SET content = json_set(content, '$.BID_SECTION_NAME', '别的'), digest = 'x' WHERE data_key = ?", (keys[1],))
    store.execute(
        "INSERT INTO records SELECT dataset, '别人的', platform, NULL, content, digest, accepted_at FROM records WHERE data_key = ?", (keys[2],)
    )
    found = compare(city.home, settings)
    assert (found.not_received, found.not_sent, found.differing) == (1, 1, 1)
    with duckdb.connect(str(city.home / "push" / "push.duckdb")) as connection:
        told = set(connection.execute("SELECT kind, data_key, column_name FROM outbox.differences").fetchall())
    assert told == {
        ("not_received", keys[0], None),
        ("not_sent", "别人的", None),
        ("differing", keys[1], None),
        ("differing", keys[1], "BID_SECTION_NAME"),
    }


def test_a_dry_run_sends_nothing(city: City, province: Province, settings: PushSettings) -> None:
    city.simulate(5)
    city.publish()
    filling, stands = look(city.home, settings)
    assert filling.additions == stands.queued > 20
    assert province.store.count() == 0
    assert not list(packages_folder(city.home).glob("*"))
