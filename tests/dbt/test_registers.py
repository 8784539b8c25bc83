"""Channels, registers and intermediaries: a small Wenzhou with planted gaps, delivered and built for real, and told a second time in plain Python."""

import csv
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from dagster_project.project import DBT
from sources.definitions import datasets
from sources.simulated.cities import CITIES
from sources.simulated.delivery import write_city
from sources.simulated.registers.intermediaries import Intermediaries
from sources.simulated.registers.property_transactions import PropertyTransactions
from sources.simulated.registers.register_of_disclosures import Documents, RegisterOfDisclosures
from tests.dbt.building import built
from tests.end_to_end.recomputation import City, judge, read_city, when, working_days_after

pytestmark = pytest.mark.thorough

AS_OF = date(2017, 1, 25)
COVERS = (date(2016, 1, 1), date(2017, 1, 24))
CHANNELS = ("公开网站", "门户网站", "纸质媒体")
#: The notice that each duty asks for, in the word of the register. Contracts are no matter of channels.
NOTICES = {
    "E-01": "招标公告", "E-02": "中标候选人公示", "E-03": "中标结果公告", "E-11": "采购公告", "E-12": "中标成交结果公告", "E-21": "出让公告", "E-22": "成交公示",
    "E-31": "产权转让公告", "E-32": "产权转让公告", "E-33": "产权交易结果公告", "E-34": "产权交易结果公告",
}  # fmt: skip
#: What a term of days leaves open on its last day; the others must be there before a stage.
TERMS = {"E-22", "E-33", "E-34"}
KIND = {"E-0": "construction", "E-1": "procurement", "E-2": "land", "E-3": "property"}
DECISIONS = {"主动公开": "proactive", "依申请公开": "on_request", "不公开": "withheld", "": "undecided"}
Lines = list[dict[str, str]]


def _read(path: Path) -> Lines:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _write(path: Path, lines: Lines) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)


def _later(text: str, days: int) -> str:
    return (datetime.strptime(text, "%Y%m%d%H%M%S") + timedelta(days=days)).strftime("%Y%m%d%H%M%S")


def _planted_register(lines: Lines, draw: random.Random) -> Lines:
    """Lines of the register with gaps of every kind: no line, no channel, no time, late, unreviewed, reviewed later, undecided, against the decision."""
    kept = []
    for line in lines:
        luck = draw.randrange(100)
        channels = line["CHANNEL"].split("；")
        if luck < 4:
            continue
        if luck < 16 and len(channels) > 1:
            channels.remove(draw.choice(CHANNELS))
        elif luck < 20:
            line["PUBLISHED_TIME"] = ""
        elif luck < 26 and line["PUBLISHED_TIME"]:
            line["PUBLISHED_TIME"] = _later(line["PUBLISHED_TIME"], draw.choice((20, 60, 200, 400)))
        elif luck < 29:
            line["REVIEWED_TIME"] = ""
        elif luck < 32 and line["PUBLISHED_TIME"]:
            line["REVIEWED_TIME"] = _later(line["PUBLISHED_TIME"], 2)
        elif luck < 35:
            line["OPENNESS"] = ""
        elif luck < 38:
            line["OPENNESS"] = "依申请公开"
        elif luck < 40:
            line["CATEGORY"] = "预中标公示" if line["CATEGORY"] == "中标候选人公示" else line["CATEGORY"]
        line["CHANNEL"] = draw.choice(("；", "、", ";")).join(channels)
        kept.append(line)
    return kept


REQUESTS: Lines = [
    {"REQUEST_NUMBER": number, "REGION_CODE": "330300", "OFFICE": "办公室", "FORM": "网络", "APPLICANT": "申请人甲", **steps}
    for number, steps in {
        "A-1": {"RECEIVED_TIME": "20161103090000", "ACCEPTED_TIME": "20161103140000", "ANSWERED_TIME": "20161124090000", "OUTCOME": "同意公开"},
        "A-2": {"RECEIVED_TIME": "20161103090000", "ACCEPTED_TIME": "20161103140000", "ANSWERED_TIME": "20161125090000", "OUTCOME": "不予公开"},
        "A-3": {"RECEIVED_TIME": "20170112090000", "ACCEPTED_TIME": "20170113090000", "SUSPENDED_TIME": "20170116090000"},
        "A-4": {
            "RECEIVED_TIME": "20161201090000", "SUSPENDED_TIME": "20161205090000", "RESUMED_TIME": "20161212090000", "SUSPENDED_DAYS": "5",
            "ANSWERED_TIME": "20170207090000",
        },
        "A-5": {"RECEIVED_TIME": "20170125090000"},
        "A-6": {"RECEIVED_TIME": "20170126090000"},
        "A-7": {"RECEIVED_TIME": "20170110090000", "ACCEPTED_TIME": "20170110100000"},
    }.items()
]  # fmt: skip


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("registers") / "in"
    property_ = PropertyTransactions(assets=30, equities=10)
    register = RegisterOfDisclosures(
        channels=CHANNELS, documents=(Documents("公文", "主动公开", 60), Documents("公文", "不公开", 20)), property=property_
    )
    city = replace(CITIES["wenzhou-2016"], sections=160, registers=(Intermediaries(120, 40, 15, 4), property_, register))
    write_city(city, folder)
    draw = random.Random(20160101)
    _write(folder / "DISCLOSURE_REGISTER.csv", _planted_register(_read(folder / "DISCLOSURE_REGISTER.csv"), draw))
    # Notices that were never made are on no channel; an unread item is not disclosed.
    for name, share in (("TENDER_ANN_QUA_INQUERY_ANN", 10), ("LISTING_PUB_INFO", 6)):
        lines = _read(folder / f"{name}.csv")
        _write(folder / f"{name}.csv", [line for line in lines if draw.randrange(share)])
    bodies = _read(folder / "INTERMEDIARY.csv")
    bodies[3]["FEE_STANDARD"], bodies[4]["QUALIFICATION_EXPIRES_DATE"], bodies[5]["GOOD_RECORDS"], bodies[6]["UPDATED_TIME"] = (
        "",
        "长期",
        "",
        "20170301090000",
    )
    _write(folder / "INTERMEDIARY.csv", bodies)
    headings = [column.national for column in datasets()["INFORMATION_REQUEST"].columns]
    _write(folder / "INFORMATION_REQUEST.csv", [{heading: line.get(heading, "") for heading in headings} for line in REQUESTS])
    return folder


@pytest.fixture(scope="module")
def warehouse(delivered: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with built(delivered, AS_OF) as connection:
        yield connection


@pytest.fixture(scope="module")
def recomputed(delivered: Path) -> City:
    return read_city(delivered, *COVERS, AS_OF, AS_OF)


def _expected_channels(delivered: Path, recomputed: City) -> dict[tuple[str, str, str], str]:
    """(rule, transaction, channel) → outcome, from the duties as the plain recomputation judges them and the lines of the register."""
    entries: dict[tuple[str, str, str], list[datetime | None]] = defaultdict(list)
    for line in _read(delivered / "DISCLOSURE_REGISTER.csv"):
        published = when(line["PUBLISHED_TIME"])
        if published and published.date() > AS_OF:
            continue
        category = line["CATEGORY"].replace("预中标公示", "中标候选人公示")
        for channel in line["CHANNEL"].replace("、", "；").replace(";", "；").split("；"):
            entries[line["RELATED_CODE"], category, channel].append(published)
    expected = {}
    for (rule, subject, _), (outcome, due) in judge(recomputed).items():
        for channel in CHANNELS if rule in NOTICES else ():
            times = entries.get((subject, NOTICES[rule], channel), [])
            first = min((time for time in times if time), default=None)
            if channel == "公开网站" or outcome not in ("met", "late", "absent"):
                found = outcome
            elif first:
                found = "met" if due and first.date() <= due else "late"
            elif times:
                found = "duty_time_missing"
            elif due and (due >= AS_OF if rule in TERMS else due > AS_OF):
                found = "pending"
            else:
                found = "absent" if due and COVERS[0] <= due <= COVERS[1] else "outside_coverage"
            expected[rule, subject, channel] = found
    return expected


def test_every_notice_is_looked_for_on_every_channel(warehouse: duckdb.DuckDBPyConnection, delivered: Path, recomputed: City) -> None:
    rows = warehouse.execute(
        "SELECT rule_id, subject_id, channel, coalesce(missed_reason, undecidable_reason, verdict) FROM marts.channel_disclosures"
    ).fetchall()
    found = {(rule, subject, channel): outcome for rule, subject, channel, outcome in rows}
    assert len(found) == len(rows)
    expected = _expected_channels(delivered, recomputed)
    assert found == expected
    assert set(expected.values()) >= {"met", "late", "absent", "duty_time_missing"}
    assert {KIND[rule[:3]] for (rule, _, channel), outcome in expected.items() if outcome == "absent" and channel != "公开网站"} == set(KIND.values())
    assert {rule for rule, _, channel in expected if channel == "公开网站" and expected[rule, _, channel] == "absent"} == {"E-01", "E-32"}


def test_the_rates_of_channels_are_counted_from_the_same_rows(warehouse: duckdb.DuckDBPyConnection, delivered: Path, recomputed: City) -> None:
    counted: Counter[tuple[str, str, str]] = Counter()
    for (rule, _, channel), outcome in _expected_channels(delivered, recomputed).items():
        verdict = outcome if outcome in ("met", "pending") else "missed" if outcome in ("late", "absent") else "undecidable"
        counted[KIND[rule[:3]], channel, verdict] += 1
    rows = warehouse.execute(
        """SELECT transaction_type, channel, sum(met), sum(missed), sum(undecidable), sum(pending) FROM marts.channel_disclosure_rates
        WHERE period_kind = 'year' GROUP BY ALL"""
    ).fetchall()
    for kind, channel, *counts in rows:
        assert counts == [counted[kind, channel, verdict] for verdict in ("met", "missed", "undecidable", "pending")]
    assert len(rows) == len(KIND) * len(CHANNELS)
    figures = warehouse.execute(
        """SELECT subject, indicator, sum(value)::INTEGER FROM marts.statistics
        WHERE starts_with(indicator, 'channel_notices_') AND period_kind = 'year' AND source_id IS NULL AND region_code IS NOT NULL GROUP BY ALL"""
    ).fetchall()
    of_channels = {(channel, verdict): sum(counted[kind, channel, verdict] for kind in KIND.values()) for _, channel, verdict in counted}
    told = {(channel, indicator.removeprefix("channel_notices_")): value for channel, indicator, value in figures}
    due = {channel: sum(of_channels.get((channel, verdict), 0) for verdict in ("met", "missed", "undecidable")) for channel in CHANNELS}
    assert {channel: told.pop((channel, "due")) for channel in CHANNELS} == due
    assert told == {key: count for key, count in of_channels.items() if key[1] != "pending"}
    published = warehouse.execute("SELECT computed, verdict FROM marts.published_figures WHERE indicator = 'trade_info_disclosure_rate'").fetchone()
    assert published is not None and published[0] < 100 and published[1] == "differs"


def test_what_is_missing_is_told_with_its_place(warehouse: duckdb.DuckDBPyConnection) -> None:
    told = warehouse.execute(
        """SELECT count(*), count(subject_title), count(trigger_source_row), count(shown_source_row) FILTER (missed_reason = 'late'),
            count(*) FILTER (missed_reason = 'late'), count(channel_source) FROM marts.channel_disclosures WHERE verdict = 'missed'"""
    ).fetchone()
    assert told is not None
    total, titled, triggered, shown, late, sourced = told
    assert total == titled == triggered == sourced > 20
    assert shown == late > 0


def test_the_register_tells_decision_and_review(warehouse: duckdb.DuckDBPyConnection, delivered: Path) -> None:
    expected = {}
    for line in _read(delivered / "DISCLOSURE_REGISTER.csv"):
        published, reviewed = when(line["PUBLISHED_TIME"]), when(line["REVIEWED_TIME"])
        is_published = published is not None and published.date() <= AS_OF
        state = None
        if published and is_published:
            state = "not_reviewed" if reviewed is None else "reviewed_before" if reviewed.date() <= published.date() else "reviewed_after"
            # A review that lies after the day asked about is not known yet.
            if reviewed and reviewed.date() > AS_OF:
                state = "undecidable"
        decision = DECISIONS[line["OPENNESS"]]
        expected[line["ITEM_CODE"]] = (decision, is_published, state, is_published and decision != "proactive", int(line["FORMED_TIME"][:4]))
    rows = warehouse.execute(
        "SELECT item_code, openness_class, is_published, review_state, is_published_against_decision, year FROM marts.disclosure_register"
    ).fetchall()
    found = {item: tuple(told) for item, *told in rows}
    different = {item: (found.get(item), told) for item, told in expected.items() if found.get(item) != told}
    assert not different
    assert len(found) == len(expected)
    assert {"not_reviewed", "reviewed_after", "reviewed_before", None} <= {told[2] for told in found.values()}
    by_office = warehouse.execute(
        """SELECT sum(items), sum(proactive), sum(on_request), sum(withheld), sum(undecided), sum(published), sum(not_reviewed), sum(reviewed_after),
            sum(published_against_decision) FROM marts.disclosure_register_by_office"""
    ).fetchone()
    decided, states = Counter(told[0] for told in expected.values()), Counter(told[2] for told in expected.values())
    assert by_office == (
        len(expected), decided["proactive"], decided["on_request"], decided["withheld"], decided["undecided"],
        sum(told[1] for told in expected.values()), states["not_reviewed"], states["reviewed_after"], sum(told[3] for told in expected.values()),
    )  # fmt: skip


ITEMS = [column.national for column in datasets()["INTERMEDIARY"].columns[:16]]


def test_sixteen_items_are_disclosed_or_named(warehouse: duckdb.DuckDBPyConnection, delivered: Path) -> None:
    names = {column.national: column.name for column in datasets()["INTERMEDIARY"].columns}
    # What nobody can read is not disclosed, what was changed later is not known yet.
    lines = [
        line | {"QUALIFICATION_EXPIRES_DATE": line["QUALIFICATION_EXPIRES_DATE"].replace("长期", "")}
        for line in _read(delivered / "INTERMEDIARY.csv")
    ]
    lines = [line for line in lines if line["UPDATED_TIME"][:8] <= f"{AS_OF:%Y%m%d}"]
    expected = {line["INTERMEDIARY_CODE"]: [names[item] for item in ITEMS if not line[item]] for line in lines}
    rows = warehouse.execute(
        "SELECT intermediary_code, missing_items, required_items, disclosed_items, is_complete FROM marts.intermediaries"
    ).fetchall()
    assert {code: missing for code, missing, *_ in rows} == expected
    assert all(required == 16 and disclosed == 16 - len(missing) and complete == (not missing) for _, missing, required, disclosed, complete in rows)
    by_category: Counter[tuple[str, str]] = Counter()
    for line in lines:
        for item in ITEMS:
            by_category[line["CATEGORY"], names[item]] += bool(line[item])
    rows = warehouse.execute("SELECT category, item, bodies_disclosing FROM marts.intermediary_completeness").fetchall()
    assert {(category, item): count for category, item, count in rows} == dict(by_category)
    # Two of the standardised leave one item open each: what all of them disclose is fourteen.
    figures = dict(warehouse.execute("SELECT indicator, computed FROM marts.published_figures WHERE indicator LIKE 'agency%'").fetchall())
    assert (figures["agency_disclosed_fields"], figures["agency_standardised"], figures["agency_online"]) == (14, 39, 119)
    assert figures["agency_physical"] == sum(line["IS_RESIDENT"] == "1" for line in lines)
    assert figures["agency_physical_categories"] == len({line["CATEGORY"] for line in lines if line["IS_RESIDENT"] == "1"}) == 4
    assert warehouse.execute("SELECT count(*) FROM marts.intermediaries WHERE good_records IS NULL").fetchone() == (1,)


def test_requests_stand_at_their_last_step(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = warehouse.execute("SELECT request_number, state, verdict, due_on, outcome FROM marts.request_register").fetchall()
    found = {number: tuple(told) for number, *told in rows}

    def due(received: date, more: int = 0) -> date:
        return working_days_after(received, 15 + more)

    assert found == {
        "A-1": ("answered", "met", due(date(2016, 11, 3)), "同意公开"),
        "A-2": ("answered", "missed", due(date(2016, 11, 3)), "不予公开"),
        "A-3": ("suspended", "pending", due(date(2017, 1, 12)), None),
        # Resumed, its answer lies after the day.
        "A-4": ("accepted", "missed", due(date(2016, 12, 1), 5), None),
        "A-5": ("received", "pending", due(date(2017, 1, 25)), None),
        "A-7": ("accepted", "pending", due(date(2017, 1, 10)), None),
    }


def test_the_sixteen_items_are_the_first_columns_of_the_definition() -> None:
    macro = (DBT / "macros" / "disclosed_items.sql").read_text(encoding="utf-8")
    listed = macro[macro.index("return([") + 8 : macro.index("])")]
    assert json.loads(f"[{listed.replace(chr(39), chr(34))}]") == [column.name for column in datasets()["INTERMEDIARY"].columns[:16]]
