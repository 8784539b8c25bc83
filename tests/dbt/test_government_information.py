"""Registers of government information: random years with gaps of every kind, delivered and built for real, and counted a second time in plain Python."""

import csv
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb
import pytest

from sources.definitions import datasets
from sources.loader import load_deliveries
from tests.dbt.building import build, prepared_warehouse
from tests.end_to_end.recomputation import working_days_after

pytestmark = pytest.mark.thorough

AS_OF = date(2017, 8, 15)
YEARS = (2015, 2016, 2017)
CATEGORIES, CHANNELS = ("政策法规", "业务工作", "统计数据", "其他"), ("门户网站", "政府公报", "官方微博", "官方微信")
LISTED = {
    "CONSULTATION": ("现场", "电话", "网上"),
    "REVIEW_LITIGATION": ("复议", "诉讼", "投诉"),
    "form": ("当面", "传真", "网络", "信函"),
    "outcome": (
        "属于已主动公开范围", "同意公开", "同意部分公开", "不同意公开", "不属于本行政机关公开", "申请信息不存在", "告知作出更改补充", "告知通过其他途径办理",
    ),
}  # fmt: skip
Lines = list[dict[str, str]]


def _moment(draw: random.Random, since: datetime | None = None, longest: int = 40) -> datetime:
    if since is not None:
        return since + timedelta(days=draw.randrange(longest), minutes=draw.randrange(600))
    return datetime(2015, 1, 5, 9) + timedelta(days=draw.randrange(1000), minutes=draw.randrange(600))


def _t14(moment: datetime | None) -> str:
    return f"{moment:%Y%m%d%H%M%S}" if moment else ""


def _when(text: str) -> datetime | None:
    """A delivered time, as far as it is not after the day asked about."""
    moment = datetime.strptime(text, "%Y%m%d%H%M%S") if text else None
    return moment if moment and moment.date() <= AS_OF else None


def _register(draw: random.Random) -> dict[str, Lines]:
    """Records of every data set."""
    items, consultations, disputes, requests, decisions = [], [], [], [], []
    for number in range(300):
        formed = _moment(draw)
        items.append(
            {
                "ITEM_CODE": f"I{number:04}", "TITLE": "某信息", "CATEGORY": draw.choices((*CATEGORIES, " "), (3, 40, 1, 9, 1))[0],
                "CHANNEL": draw.choice(("；", "、", ",")).join(draw.sample(CHANNELS, draw.choice((0, 1, 1, 1, 2, 3)))),
                "OPENNESS": draw.choices(("主动公开", "依申请公开", ""), (8, 1, 1))[0], "FORMED_TIME": _t14(formed), "REVIEWED_TIME": _t14(formed),
                "PUBLISHED_TIME": _t14(_moment(draw, formed)) if draw.random() < 0.8 else "",
            }
        )  # fmt: skip
        consultations.append(
            {
                "CONSULTATION_CODE": f"C{number:04}", "CHANNEL": draw.choice(("现场", "电话", "电话", "来信", "")), "TOPIC": "某事",
                "CONSULTED_TIME": _t14(_moment(draw)) if draw.random() < 0.95 else "",
            }
        )  # fmt: skip
    for number in range(40):
        filed = _moment(draw)
        disputes.append(
            {
                "CASE_CODE": f"D{number:04}", "KIND": draw.choice(("复议", "诉讼", "复议", "仲裁")), "FILED_TIME": _t14(filed),
                "DECIDED_TIME": _t14(_moment(draw, filed, 200)), "OUTCOME": draw.choice(("结果维持", "结果纠正", "其他结果", "尚未审结", "撤回")),
            }
        )  # fmt: skip
    for number in range(120):
        received = _moment(draw)
        answered = draw.choices((None, _moment(draw, received, 30), _moment(draw, received, 500), received - timedelta(days=3)), (2, 8, 3, 1))[0]
        requests.append(
            {
                "REQUEST_NUMBER": f"R{number:04}", "FORM": draw.choice(("网络", "网络", "信函", "电子邮件")), "RECEIVED_TIME": _t14(received),
                "ANSWERED_TIME": _t14(answered), "OUTCOME": draw.choice(("同意公开", "属于已主动公开范围", "不同意公开", "信访")), "FEE": "0",
            }
        )  # fmt: skip
    for number in range(250):
        decided = _moment(draw)
        decisions.append(
            {
                "DOCUMENT_NUMBER": f"P{number:04}", "KIND": draw.choice(("许可", "处罚")), "TITLE": "某事项", "AUTHORITY": draw.choice("甲乙丙") + "局",
                "BODY_NAME": "某公司", "DECIDED_TIME": _t14(decided), "PUBLISHED_TIME": _t14(_moment(draw, decided, 20)) if draw.random() < 0.9 else "",
            }
        )  # fmt: skip
    return {
        "DISCLOSURE_REGISTER": items, "CONSULTATION": consultations, "REVIEW_LITIGATION": disputes, "INFORMATION_REQUEST": requests,
        "PERMIT_PENALTY": decisions,
    }  # fmt: skip


def _deliver(folder: Path, source: str, covers: tuple[str, str], files: dict[str, Lines]) -> None:
    folder.mkdir(parents=True)
    (folder / "delivery.toml").write_text(
        f'source_id = "{source}"\nregion_code = "370900"\njurisdiction = "CN"\ncovers_from = {covers[0]}\ncovers_to = {covers[1]}\n', encoding="utf-8"
    )
    for name, lines in files.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, [column.national for column in datasets()[name].columns], restval="")
            writer.writeheader()
            writer.writerows(lines)


@pytest.fixture(scope="module")
def registers() -> dict[str, Lines]:
    return _register(random.Random(20170815))


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory, registers: dict[str, Lines]) -> Iterator[duckdb.DuckDBPyConnection]:
    """Three sources: one with all registers, one that had none of anything in 2016, one that delivers nothing of the kind."""
    home = tmp_path_factory.mktemp("information")
    path = prepared_warehouse(home / "work" / "warehouse.duckdb")
    for source, covers, files in (
        ("full", ("2015-01-01", "2017-12-31"), registers),
        ("none", ("2015-07-01", "2017-03-31"), {name: [] for name in registers}),
        ("silent", ("2016-01-01", "2016-12-31"), {"VIOLATING_LAWS_RULES_INFO": []}),
    ):
        _deliver(home / source, source, covers, files)
        load_deliveries(path, home / source, home=home, received_at=datetime(2017, 8, 15, tzinfo=UTC))
    build(path, home, as_of=AS_OF.isoformat(), tested=True)
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


def _rows(warehouse: duckdb.DuckDBPyConnection, sql: str) -> list[tuple]:
    return warehouse.execute(sql).fetchall()


def _disclosed(registers: dict[str, Lines]) -> list[tuple[int, str, tuple[str, ...]]]:
    """Year of publication, category and channels of what was disclosed of its own accord by the day."""
    found = []
    for line in registers["DISCLOSURE_REGISTER"]:
        published = _when(line["PUBLISHED_TIME"])
        if published and line["OPENNESS"] == "主动公开" and _when(line["FORMED_TIME"]):
            channels = line["CHANNEL"].replace("、", "；").replace(",", "；").split("；")
            found.append((published.year, line["CATEGORY"].strip() or "未注明", tuple(filter(None, channels))))
    return found


def _allotted(counts: dict[str, int]) -> dict[str, Decimal]:
    """Shares in per cent with one decimal by the largest remainder (Hare–Niemeyer): with fractions, where the model works in whole numbers."""
    total = sum(counts.values())
    tenths = {name: Decimal(1000 * count) / total for name, count in counts.items()}
    given = {name: int(share) for name, share in tenths.items()}
    by_remainder = sorted(counts, key=lambda name: (given[name] - tenths[name], -counts[name], name))
    for name in by_remainder[: 1000 - sum(given.values())]:
        given[name] += 1
    return {name: Decimal(share) / 10 for name, share in given.items()}


def test_categories_add_up_and_their_shares_to_a_hundred(warehouse: duckdb.DuckDBPyConnection, registers: dict[str, Lines]) -> None:
    by_year: dict[int, Counter[str]] = defaultdict(Counter)
    for year, category, _ in _disclosed(registers):
        by_year[year][category] += 1
    expected = set()
    for year, counts in by_year.items():
        allotted = _allotted(counts)
        for category, items in counts.items():
            rounded = (Decimal(100 * items) / counts.total()).quantize(Decimal("0.1"), ROUND_HALF_UP)
            expected.add(("full", year, category, items, counts.total(), rounded, allotted[category]))
    assert set(_rows(warehouse, "FROM marts.disclosed_items_by_category")) == expected
    sums = _rows(
        warehouse, "SELECT sum(allotted_percent), sum(items) = any_value(items_of_the_year) FROM marts.disclosed_items_by_category GROUP BY year"
    )
    assert sums == [(Decimal(100), True)] * len(YEARS)
    assert {sum(row[5] for row in expected if row[1] == year) for year in YEARS} != {Decimal(100)}


def test_an_item_over_several_channels_counts_once_in_all(warehouse: duckdb.DuckDBPyConnection, registers: dict[str, Lines]) -> None:
    totals: Counter[int] = Counter(year for year, *_ in _disclosed(registers))
    items: Counter[tuple[int, str]] = Counter()
    alone: Counter[tuple[int, str]] = Counter()
    for year, _, channels in _disclosed(registers):
        for channel in channels or ("未注明",):
            items[year, channel] += 1
            alone[year, channel] += len(channels) <= 1
    found = _rows(warehouse, "FROM marts.disclosed_items_by_channel")
    assert set(found) == {("full", year, channel, count, alone[year, channel], totals[year]) for (year, channel), count in items.items()}
    for year in YEARS:
        of_the_year = [row for row in found if row[1] == year]
        assert max(row[3] for row in of_the_year) <= of_the_year[0][5] < sum(row[3] for row in of_the_year)


def _with_zeros(counted: Counter[tuple[int | None, str]], listed: tuple[str, ...]) -> dict[tuple[str, int | None, str], int]:
    years = {year for year, _ in counted} | set(YEARS)
    found = {("full", year, value): 0 for year in years for value in listed}
    # Of 2015 and 2017 this source tells a part only.
    found |= {("none", 2016, value): 0 for value in listed}
    return found | {("full", year, value): count for (year, value), count in counted.items()}


def test_consultations_count_once_and_none_is_zero(warehouse: duckdb.DuckDBPyConnection, registers: dict[str, Lines]) -> None:
    counted: Counter[tuple[int | None, str]] = Counter()
    for line in registers["CONSULTATION"]:
        at = _when(line["CONSULTED_TIME"])
        if at or not line["CONSULTED_TIME"]:
            counted[at.year if at else None, line["CHANNEL"] or "未注明"] += 1
    rows = _rows(warehouse, "SELECT source_id, year, channel, consultations, position FROM marts.consultations_by_channel")
    assert {row[:3]: row[3] for row in rows} == _with_zeros(counted, LISTED["CONSULTATION"])
    assert {row[2]: row[4] for row in rows} == {"现场": 1, "电话": 2, "网上": 3, "来信": None, "未注明": None}
    assert len(rows) == len({row[:3] for row in rows})


def test_disputes_by_kind_with_what_is_not_decided_yet(warehouse: duckdb.DuckDBPyConnection, registers: dict[str, Lines]) -> None:
    counted: Counter[tuple[int | None, str]] = Counter()
    states: Counter[str] = Counter()
    for line in registers["REVIEW_LITIGATION"]:
        filed = _when(line["FILED_TIME"])
        if filed:
            counted[filed.year, line["KIND"]] += 1
            states["尚未审结" if _when(line["DECIDED_TIME"]) is None else line["OUTCOME"]] += 1
    rows = _rows(warehouse, "SELECT source_id, year, kind, filed, upheld, corrected, pending, other FROM marts.disputes_by_kind")
    assert {row[:3]: row[3] for row in rows} == _with_zeros(counted, LISTED["REVIEW_LITIGATION"])
    assert all(row[3] == sum(row[4:]) for row in rows)
    assert [sum(row[place] for row in rows) for place in (4, 5, 6, 7)] == [
        states["结果维持"], states["结果纠正"], states["尚未审结"], states["其他结果"] + states["撤回"],
    ]  # fmt: skip


def test_requests_balance_and_every_form_and_outcome_is_told(warehouse: duckdb.DuckDBPyConnection, registers: dict[str, Lines]) -> None:
    forms: Counter[tuple[int | None, str]] = Counter()
    outcomes: Counter[tuple[int | None, str]] = Counter()
    spans = []
    for line in registers["INFORMATION_REQUEST"]:
        received, answered = _when(line["RECEIVED_TIME"]), _when(line["ANSWERED_TIME"])
        if not received:
            continue
        forms[received.year, line["FORM"]] += 1
        if answered:
            outcomes[answered.year, line["OUTCOME"]] += 1
        due = working_days_after(received.date(), 15)
        state = None if answered is None or answered.date() < received.date() else "met" if answered.date() <= due else "late"
        spans.append((received.year, max(answered, received).year if answered else None, state))
    assert {row[:3]: row[3] for row in _rows(warehouse, "SELECT source_id, year, form, requests FROM marts.requests_by_form")} == _with_zeros(
        forms, LISTED["form"]
    )
    found = {row[:3]: row[3] for row in _rows(warehouse, "SELECT source_id, year, outcome, answers FROM marts.requests_by_outcome")}
    assert found == _with_zeros(outcomes, LISTED["outcome"])
    expected = {("none", 2016): (0, 0, 0, 0, 0, 0)}
    for year in YEARS:
        answered_then = [state for _, answered, state in spans if answered == year]
        expected["full", year] = (
            sum(received < year and (answered is None or answered >= year) for received, answered, _ in spans),
            sum(received == year for received, _, _ in spans),
            len(answered_then), answered_then.count("met"), answered_then.count("late"),
            sum(received <= year and (answered is None or answered > year) for received, answered, _ in spans),
        )  # fmt: skip
    rows = {row[:2]: row[2:] for row in _rows(warehouse, "FROM marts.requests_by_year")}
    assert rows == expected
    assert all(over + received == answered + forward for over, received, answered, _, _, forward in rows.values())
    assert all(rows["full", year][5] == rows["full", year + 1][0] > 0 for year in YEARS[:-1])


def test_double_publicity_by_department_and_the_list_of_what_was_missed(warehouse: duckdb.DuckDBPyConnection, registers: dict[str, Lines]) -> None:
    counted: dict[tuple[str, int, str, str], Counter[str]] = defaultdict(Counter)
    missed = {}
    for line in registers["PERMIT_PENALTY"]:
        decided, published = _when(line["DECIDED_TIME"]), _when(line["PUBLISHED_TIME"])
        if not decided:
            continue
        counts = counted["full", decided.year, line["AUTHORITY"], line["KIND"]]
        counts["decided"] += 1
        counts["published"] += published is not None
        # The rule is of 2016; before it nothing was due.
        if decided.year < 2016:
            continue
        due = working_days_after(decided.date(), 7)
        state = "pending" if due >= AS_OF else "absent"
        if published:
            state = "met" if published.date() <= due else "late"
        counts[state] += 1
        if state in ("late", "absent"):
            missed[line["DOCUMENT_NUMBER"]] = (state, ((published.date() if published else AS_OF) - due).days)
    rows = _rows(
        warehouse,
        "SELECT source_id, year, department, kind, decided, published, met, late, absent, pending, missed - late - absent, undecidable FROM marts.double_publicity",
    )
    states = ("decided", "published", "met", "late", "absent", "pending")
    assert {row[:4]: row[4:] for row in rows} == {key: (*(counts[state] for state in states), 0, 0) for key, counts in counted.items()}
    listed = _rows(warehouse, "SELECT document_number, missed_reason, days_late FROM marts.permits_and_penalties WHERE verdict = 'missed'")
    assert {number: (reason, days) for number, reason, days in listed} == missed
    assert {state for state, _ in missed.values()} == {"late", "absent"}


def test_a_source_that_delivers_none_of_it_is_nowhere(warehouse: duckdb.DuckDBPyConnection) -> None:
    for mart in ("consultations_by_channel", "disputes_by_kind", "requests_by_form", "requests_by_outcome", "requests_by_year", "double_publicity"):
        assert _rows(warehouse, f"SELECT count(*) FROM marts.{mart} WHERE source_id = 'silent'") == [(0,)]
