"""Every number of the charts leads to exactly the records that it counts."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import polars as pl
import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from dashboards.live.charts import CHARTS, Choice, overview_cards
from dashboards.live.records import days_late
from dashboards.live.selection import Selection, months_of
from dashboards.live.snapshots import OpenSnapshot, open_snapshot
from dashboards.parts import Table
from dashboards.rate_sections import cards
from dashboards.snapshot import read_obligations
from tests.dashboards.live.conftest import SignIn
from tests.dashboards.live.published import drawing

pytestmark = pytest.mark.thorough

ASKED: dict[str, dict[str, object]] = {
    "all": {},
    "two counties, one kind": {"region": ["421221", "421222"], "type": ["construction"]},
    "some months": {"first": "2017-03", "last": "2017-06"},
    "one rule": {"rule": ["X-01"]},
    "nothing": {"region": ["999999"]},
}


@pytest.fixture(scope="module")
def snapshot(home: Path) -> Iterator[OpenSnapshot]:
    opened = open_snapshot((home / "published" / "current").resolve(), {"as_of": "2018-01-25"})
    yield opened
    opened.connection.close()


def _choice(snapshot: OpenSnapshot, asked: dict[str, object], measure: str = "timeliness") -> Choice:
    months = months_of(snapshot.frames.rates)
    selection = Selection.made(**{"first": months[0], "last": months[-1], **asked})
    with snapshot.reading() as connection:
        return Choice(snapshot.frames, "zh", selection, measure, days_late(connection, selection, measure))


def _records(snapshot: OpenSnapshot, address: str) -> int:
    said = MultiDict([(name, value) for name, values in parse_qs(urlsplit(address).query).items() for value in values])
    condition, parameters = Selection.of(said).condition()
    with snapshot.reading() as connection:
        return read_obligations(connection, condition, "o.obligation_id", 1, parameters)[1]


def _number(table: Table, row: int, column: int) -> int:
    return int(str(table.rows[row][column]).replace(",", ""))


@pytest.mark.parametrize("measure", ["timeliness", "disclosure"])
@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
@pytest.mark.parametrize("chart", ["region", "rule", "days_late"])
def test_every_number_leads_to_as_many_records(snapshot: OpenSnapshot, chart: str, asked: dict[str, object], measure: str) -> None:
    drawn = CHARTS[chart](_choice(snapshot, asked, measure))
    assert all(_records(snapshot, address) == _number(drawn.chart.table, row, column) for (row, column), address in drawn.cells.items())
    assert bool(drawn.cells) == (asked != ASKED["nothing"] and (measure == "timeliness" or asked != ASKED["one rule"]) and bool(drawn.chart.table.rows) and chart != "days_late") or chart == "days_late"  # fmt: skip


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
def test_a_cell_of_the_heat_map_leads_to_what_it_judged_and_what_it_could_not(snapshot: OpenSnapshot, asked: dict[str, object]) -> None:
    choice = _choice(snapshot, asked)
    drawn = CHARTS["heat_map"](choice)
    judged = 0
    for (row, column), address in drawn.cells.items():
        text = str(drawn.chart.table.rows[row][column])
        judged += int(text.split("/")[1].rstrip(")"))
        assert _records(snapshot, f"{address}&verdict=met") + _records(snapshot, f"{address}&verdict=missed") == int(text.split("/")[1].rstrip(")"))
    rates = choice.view.monthly.filter(pl.col("measure") == "timeliness")
    assert judged == rates["met"].sum() + rates["missed"].sum()
    assert set(drawn.points.values()) == set(drawn.cells.values())


def test_a_month_leads_to_what_it_missed(snapshot: OpenSnapshot) -> None:
    choice = _choice(snapshot, {})
    drawn = CHARTS["month"](choice)
    rows = choice.view.monthly
    assert drawn.cells
    for (row, _), address in drawn.cells.items():
        said = parse_qs(urlsplit(address).query)
        month = pl.col("period_start").dt.strftime("%Y-%m") == said["first"][0]
        missed = rows.filter(month & (pl.col("measure") == said["measure"][0]))["missed"].sum()
        assert _records(snapshot, address) == missed, drawn.chart.table.rows[row]


def test_without_a_choice_the_numbers_are_those_of_the_published_page(snapshot: OpenSnapshot) -> None:
    choice = _choice(snapshot, {})
    view = choice.view
    yearly = snapshot.frames.rates.filter(pl.col("period_kind") == "year")
    assert overview_cards(choice) == cards(type(view)(view.snapshot, "zh", None, yearly, yearly, view.rules, view.addresses))[:5]
    assert view.snapshot.rates is snapshot.frames.rates


def _asked_by_dash(client: FlaskClient, search: str = "") -> dict[str, dict[str, object]]:
    answer = client.post(
        "/rates/_dash-update-component",
        json=drawing(search),
    )
    assert answer.status_code == 200, answer.text[:500]
    found: dict[str, dict[str, object]] = answer.json["response"]  # type: ignore[index]
    return found


def test_dash_answers_a_choice_in_the_language_of_the_session(sign_in: SignIn) -> None:
    client = sign_in("looker")
    every = _asked_by_dash(client)
    assert "及时率" in str(every["title"]["children"])
    one = _asked_by_dash(client, "?region=421221&chart=rule&measure=disclosure")
    assert one["records-link"]["href"] != every["records-link"]["href"] and "region=421221" in str(one["records-link"]["href"])
    assert "披露率" in str(one["title"]["children"]) and len(one["plot"]["figure"]["data"]) > 0  # type: ignore[index]


@pytest.mark.parametrize(
    "search", ["?region=<script>", "?first=%27+OR+1=1", "?measure=x&chart=y", "?rule=&rule=3", "?region=" + "9" * 5000, "nonsense", "?%ff=%00"]
)
def test_nonsense_is_no_error(sign_in: SignIn, search: str) -> None:
    client = sign_in("looker")
    assert "<script>" not in json.dumps(_asked_by_dash(client, search)["plot"])
    page = client.get(f"/rates/{search}" if search.startswith("?") else "/rates/")
    assert page.status_code == 200 and "<script>" not in page.text.split('<form class="filters"')[1].split("</form>")[0]


def test_the_form_says_what_the_address_says(sign_in: SignIn) -> None:
    page = sign_in("looker").get("/rates/?region=421221&region=421222&first=2017-03&chart=heat_map&measure=disclosure").text
    assert "已选 2 项" in page and page.count(" checked") == 4
    assert '<option value="2017-03" selected>' in page


def test_a_reviewer_is_shown_the_records_of_their_own_county(snapshot: OpenSnapshot, sign_in: SignIn) -> None:
    def total(name: str, search: str = "") -> int:
        found = re.search(r"共 ([\d,]+) 件", sign_in(name).get(f"/records{search}").text)
        assert found
        return int(found.group(1).replace(",", ""))

    own, foreign = (_records(snapshot, f"/records?region={code}") for code in ("421202", "421221"))
    assert total("looker") > own > 0 and total("xianan") == own
    assert foreign > 0 and total("xianan", "?region=421221") == 0 and total("looker", "?region=421221") == foreign
    page = sign_in("xianan").get("/records").text
    assert 'value="421202"' in page and 'value="421221"' not in page
