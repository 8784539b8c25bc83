"""The ledger of bad-behaviour records: a random year with planted cases, delivered and built for real, and added up a second time in plain Python."""

import calendar
import csv
import json
import random
import shutil
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.project import DBT
from sources.loader import load_deliveries
from tests.dbt.building import build

pytestmark = pytest.mark.thorough

LATE, EARLY = date(2018, 1, 25), date(2017, 7, 14)
#: Clause, points, months, first and last day: one clause changed, so that the day of the notice decides.
TABLE = [
    ("甲", 8, 24, date(2010, 1, 1), date(2016, 12, 31)),
    ("甲", 6, 12, date(2017, 1, 1), None),
    ("乙", 4, 6, date(2010, 1, 1), None),
    ("丙", 1, 1, date(2010, 1, 1), None),
]
#: Points, window in months, first and last day.
THRESHOLDS = [(10, 12, date(2010, 1, 1), date(2017, 9, 30)), (12, 18, date(2017, 10, 1), None)]
POINT_HEADINGS = (
    *("NOTICE_NUMBER", "REGION_CODE", "BODY_NAME", "BODY_CODE", "CLAUSE", "POINTS", "ISSUED_TIME", "EXPIRES_DATE", "APPEAL_STATE"),
    *("DATA_TYPE", "DATA_TIMESTAMP"),
)  # fmt: skip


@dataclass
class Version:
    """One delivered line of a notice, an entry or a revocation; ``sent`` is empty where the sender gives no time of sending."""

    key: str
    happened: datetime | None
    sent: datetime
    cells: dict[str, Any]
    is_withdrawn: bool = False


@dataclass
class Ledger:
    """What is delivered, by data set."""

    notices: list[Version] = field(default_factory=list)
    entries: list[Version] = field(default_factory=list)
    revocations: list[Version] = field(default_factory=list)

    def notice(
        self, key: str, body: str | None, clause: str, points: int | None, issued: date | None, *, expires: date | None = None,
        appeal: str = "未申诉", sent: date | None = None, name: str | None = None, is_withdrawn: bool = False,
    ) -> None:  # fmt: skip
        """Add a version of a notice; it was sent on the day of issue unless another is given."""
        happened = datetime.combine(issued, time(10)) if issued else None
        cells = {"body": body, "name": name or f"公司{body}", "clause": clause, "points": points, "expires": expires, "appeal": appeal}
        moment = datetime.combine(sent, time(23, 59, 59)) if sent else happened or datetime(2016, 1, 1)
        self.notices.append(Version(key, happened, moment, cells, is_withdrawn))

    def entry(self, key: str, body: str | None, listed: date | None, *, is_revoked: bool = False, sent: date | None = None) -> None:
        """Add a version of an entry of the blacklist."""
        happened = datetime.combine(listed, time(11)) if listed else None
        moment = datetime.combine(sent, time(0)) if sent else happened or datetime(2016, 1, 1)
        self.entries.append(Version(key, happened, moment, {"body": body, "is_revoked": is_revoked}))

    def revocation(self, entry: str, number: str, applied: date | None) -> None:
        """Add a revocation of an entry."""
        happened = datetime.combine(applied, time(9)) if applied else None
        self.revocations.append(Version(f"{entry} {number}", happened, happened or datetime(2016, 1, 1), {"entry": entry, "number": number}))


def _code(number: int) -> str:
    return f"91421200{number:09}X"


def _ledger() -> Ledger:
    drawn, ledger = random.Random(20180125), Ledger()
    for number in range(400):
        body = None if number % 23 == 0 else _code(drawn.randrange(60))
        issued = None if number % 47 == 5 else date(2015, 6, 1) + timedelta(days=drawn.randrange(1020))
        clause = drawn.choice(["甲", "甲", "乙", "乙", "丙", "无此条"])
        points = None if number % 41 == 3 else drawn.choice([1, 2, 4, 6, 8])
        expires = issued + timedelta(days=drawn.randrange(20, 900)) if issued and drawn.random() < 0.4 else None
        appeal = drawn.choices(["未申诉", "申诉中", "维持", "变更", "撤销"], [12, 3, 2, 1, 2])[0]
        ledger.notice(f"R{number:04}", body, clause, points, issued, expires=expires, appeal=appeal, name=drawn.choice(["某公司", "某 公 司"]))
        if drawn.random() < 0.25:
            sent = (issued or date(2017, 1, 1)) + timedelta(days=drawn.randrange(1, 400))
            ledger.notice(
                f"R{number:04}", body, clause, drawn.choice([points, 3]), issued, expires=expires, appeal=drawn.choice([appeal, "撤销"]), sent=sent,
                is_withdrawn=drawn.random() < 0.2,
            )  # fmt: skip
    for number in range(60):
        listed = None if number == 7 else date(2016, 6, 1) + timedelta(days=drawn.randrange(620))
        body = None if number == 9 else _code(drawn.randrange(70))
        ledger.entry(f"H{number:04}", body, listed, is_revoked=number % 11 == 0)
        if listed and number % 13 == 0:
            ledger.entry(f"H{number:04}", body, listed, is_revoked=True, sent=listed + timedelta(days=60))
        for further in range(drawn.choice([0, 0, 1, 1, 2])):
            ledger.revocation(f"H{number:04}", f"{further}", listed + timedelta(days=drawn.randrange(-60, 400)) if listed else date(2017, 5, 5))
    _plant(ledger)
    return ledger


def _plant(ledger: Ledger) -> None:
    """Cases whose outcome is written down below."""
    day = date.fromisoformat
    ledger.notice("最后一日", "LAST", "甲", 6, day("2017-02-01"), expires=LATE)
    ledger.notice("过期一日", "LAST", "甲", 6, day("2017-02-01"), expires=LATE - timedelta(days=1))
    ledger.notice("分值表期满之日", "MONTHS", "乙", 4, day("2017-07-25"))
    ledger.notice("分值表期满次日", "MONTHS", "乙", 4, day("2017-07-24"))
    ledger.notice("月末", "MONTHS", "丙", 1, day("2017-12-31"))
    ledger.notice("窗口之内", "WINDOW", "甲", 8, day("2016-07-25"), expires=day("2019-01-01"))
    ledger.notice("窗口之外", "WINDOW", "甲", 8, day("2016-07-24"), expires=day("2019-01-01"))
    ledger.notice("申诉撤销", "APPEAL", "甲", 6, day("2017-03-01"), appeal="申诉中")
    ledger.notice("申诉撤销", "APPEAL", "甲", 6, day("2017-03-01"), appeal="撤销", sent=day("2017-09-01"))
    ledger.notice("申诉中", "OPEN", "甲", 6, day("2017-03-01"), appeal="申诉中")
    ledger.notice("更正", "CORRECTED", "甲", 12, day("2017-03-01"))
    ledger.notice("更正", "CORRECTED", "甲", 6, day("2017-03-01"), sent=day("2017-09-01"))
    ledger.notice("两种写法一", "SPELLED", "甲", 6, day("2017-03-01"), name="某（咸宁）有限公司")
    ledger.notice("两种写法二", "SPELLED", "甲", 6, day("2017-04-01"), name="某(咸宁) 有限公司")
    ledger.notice("无码一", None, "甲", 6, day("2017-03-01"), name="无码公司")
    ledger.notice("无码二", None, "甲", 6, day("2017-04-01"), name="无码公司")
    ledger.notice("分值不明", "UNKNOWN", "甲", None, day("2017-03-01"))
    ledger.notice("分值明", "UNKNOWN", "甲", 6, day("2017-03-02"))
    ledger.entry("在列", "SPELLED", day("2017-04-10"))
    ledger.entry("移出", "CORRECTED", day("2017-03-10"))
    ledger.revocation("移出", "1", day("2017-12-01"))
    ledger.entry("先撤后列", "OPEN", day("2017-06-01"))
    ledger.revocation("先撤后列", "1", day("2017-05-31"))
    ledger.entry("自称撤销", "OPEN", day("2017-06-01"), is_revoked=True)
    ledger.revocation("没有列入", "1", day("2017-06-01"))


def _deliver(ledger: Ledger, folder: Path) -> None:
    folder.mkdir(parents=True)

    def written(value: object) -> str:
        return (
            ""
            if value is None
            else value.strftime("%Y%m%d%H%M%S" if isinstance(value, datetime) else "%Y%m%d")
            if isinstance(value, date)
            else str(value)
        )

    def write(name: str, headings: tuple[str, ...], rows: list[list[object]]) -> None:
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([headings, *([written(cell) for cell in row] for row in rows)])

    write("POINT_NOTICE", POINT_HEADINGS, [
        [n.key, "421200", n.cells["name"], n.cells["body"], n.cells["clause"], n.cells["points"], n.happened, n.cells["expires"], n.cells["appeal"],
         3 if n.is_withdrawn else 1, n.sent]
        for n in ledger.notices
    ])  # fmt: skip
    write("BLACK_LIST", ("BLACKLIST_CODE", "BODY_NAME", "BODY_CODE", "RECORD_REASON", "RECORD_DATE", "REVOCATION_STATUS", "DATA_TYPE", "DATA_TIMESTAMP"), [
        [e.key, "某公司", e.cells["body"], "记分", e.happened, int(e.cells["is_revoked"]), 1, e.sent] for e in ledger.entries
    ])  # fmt: skip
    write("WITHDRAW_BLACK_LIST", ("BODY_NAME", "BLACKLIST_CODE", "DOCUMENT_CODE", "APPLICATION_DATE"), [
        ["某公司", r.cells["entry"], r.cells["number"], r.happened] for r in ledger.revocations
    ])  # fmt: skip
    (folder / "delivery.toml").write_text('source_id = "ledger"\nregion_code = "421200"\n', encoding="utf-8")


def _project(folder: Path) -> Path:
    """The models with the point table and thresholds of this test."""
    project = shutil.copytree(DBT, folder / "dbt", ignore=shutil.ignore_patterns("target", "logs"))
    with (project / "seeds" / "point_table.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["clause", "label", "points", "valid_months", "severity", "status", "source", "valid_from", "valid_to"])
        writer.writerows(
            [clause, "某事", points, months, "minor", "A", "本测试", begins, ends or ""] for clause, points, months, begins, ends in TABLE
        )
    with (project / "seeds" / "blacklist_thresholds.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["blacklist_points", "window_months", "status", "source", "valid_from", "valid_to"])
        writer.writerows([points, months, "A", "本测试", begins, ends or ""] for points, months, begins, ends in THRESHOLDS)
    return project


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> dict[date, dict[str, dict[str, dict[str, Any]]]]:
    """By day and mart, the rows by their key."""
    home = tmp_path_factory.mktemp("sanctions")
    warehouse = home / "work" / "warehouse.duckdb"
    _deliver(_ledger(), home / "deliveries")
    summary = load_deliveries(warehouse, home / "deliveries", home=home, received_at=datetime(2018, 3, 1, tzinfo=UTC))
    assert summary.rows_loaded == summary.rows_received > 500
    project, found = _project(home), {}
    for day in (LATE, EARLY):
        build(warehouse, home, as_of=day.isoformat(), select="+sanctions +blacklist +sanctioned_bodies", tested=day == LATE, project=project)
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            found[day] = {
                mart: {str(row[key]): row for row in connection.sql(f"FROM marts.{mart}").pl().rows(named=True)}
                for mart, key in (("sanctions", "notice_number"), ("blacklist", "blacklist_code"), ("sanctioned_bodies", "body_code"))
            }
    return found


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, min(day.day, calendar.monthrange(day.year + years, month + 1)[1]))


def _known(versions: list[Version], day: date) -> dict[str, Version]:
    """The latest version of each that was known at the end of the day, without those taken back."""
    by_key: dict[str, list[Version]] = defaultdict(list)
    for version in versions:
        by_key[version.key].append(version)
    known = {}
    for key, every in by_key.items():
        every.sort(key=lambda version: version.sent)
        seen = [version for version in every if version.sent < _night_after(day)]
        if seen and not seen[-1].is_withdrawn and (seen[-1].happened or datetime.min) < _night_after(day):
            known[key] = seen[-1]
    return known


def _night_after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time())


def _version_on(versions: list[Any], day: date | None) -> Any:
    return next((row for row in versions if (row[-1] is None if day is None else row[-2] <= day and (row[-1] is None or day <= row[-1]))), None)


def _tabled(notice: Version) -> Any:
    return _version_on([row for row in TABLE if row[0] == notice.cells["clause"]], notice.happened.date() if notice.happened else None)


def _expires(notice: Version) -> date | None:
    if notice.cells["expires"] or not notice.happened:
        return notice.cells["expires"]
    tabled = _tabled(notice)
    return _months_later(notice.happened.date(), tabled[2]) if tabled else None


def _total(notices: list[Version], body: str, day: date) -> tuple[int, bool | None]:
    """Points of the body on a day, and whether they reach the threshold of that day; None where a gap in a notice leaves it open."""
    limit, window = _version_on(THRESHOLDS, day)[:2]
    total, is_open = 0, False
    for notice in notices:
        if notice.cells["body"] != body or notice.cells["appeal"] == "撤销":
            continue
        issued, expires, points = notice.happened and notice.happened.date(), _expires(notice), notice.cells["points"]
        if (issued and (issued > day or _months_later(issued, window) < day)) or (expires and expires < day):
            continue
        if None in (issued, expires, points):
            is_open = True
        else:
            total += points
    return total, True if total >= limit else None if is_open else False


@pytest.mark.parametrize("day", [LATE, EARLY])
def test_every_notice_agrees_with_a_plain_computation(marts: Mapping[date, Any], day: date) -> None:
    known, built = _known(_ledger().notices, day), marts[day]["sanctions"]
    assert built.keys() == known.keys()
    limit, window = _version_on(THRESHOLDS, day)[:2]
    running: dict[str, int] = defaultdict(int)
    effects = set()
    for key, notice in sorted(known.items(), key=lambda item: (item[1].happened or datetime.max, item[0])):
        issued, expires, points = notice.happened and notice.happened.date(), _expires(notice), notice.cells["points"]
        effect = (
            "revoked" if notice.cells["appeal"] == "撤销"
            else "expired" if expires and expires < day
            else "undecidable" if None in (issued, expires, points)
            else "in_effect"
        )  # fmt: skip
        counts = effect == "in_effect" and issued is not None and _months_later(issued, window) >= day
        body = notice.cells["body"]
        if body and counts:
            running[body] += points
        tabled = _tabled(notice)
        row = built[key]
        total, reaches = _total(list(known.values()), body, day) if body else (None, None)
        assert (row["issued_on"], row["expires_on"], row["effect"], bool(row["is_counted"])) == (issued, expires, effect, counts), key
        assert (row["points"], row["points_by_table"]) == (points, tabled and tabled[1]), key
        assert row["points_differ"] == (None if None in (tabled, points) else points != tabled[1]), key
        assert (row["running_points"], row["body_points"]) == (running[body] if body else None, total), key
        assert (row["reaches_threshold"], row["blacklist_points"], row["window_months"]) == (reaches, limit, window), key
        assert row["is_under_appeal"] == (notice.cells["appeal"] == "申诉中"), key
        effects.add(effect)
    assert effects == {"in_effect", "expired", "revoked", "undecidable"}
    assert {row["reaches_threshold"] for row in built.values()} == {True, False, None}


@pytest.mark.parametrize("day", [LATE, EARLY])
def test_every_entry_and_body_agrees_with_a_plain_computation(marts: Mapping[date, Any], day: date) -> None:
    ledger = _ledger()
    notices, entries = list(_known(ledger.notices, day).values()), _known(ledger.entries, day)
    revocations = list(_known(ledger.revocations, day).values())
    built = marts[day]["blacklist"]
    assert built.keys() == entries.keys()
    listed_bodies, states = set(), set()
    for key, entry in entries.items():
        listed, body = entry.happened and entry.happened.date(), entry.cells["body"]
        exits = sorted(r.happened.date() for r in revocations if r.cells["entry"] == key and r.happened)
        revoked = next((exit_ for exit_ in exits if listed and exit_ >= listed), exits[0] if exits else None)
        state = (
            "undecidable" if listed is None or (revoked and revoked < listed)
            else "revoked" if exits
            else "revoked_without_record" if entry.cells["is_revoked"]
            else "in_force"
        )  # fmt: skip
        row = built[key]
        states.add(state)
        assert (row["listed_on"], row["revoked_on"], row["state"]) == (listed, revoked, state), key
        assert row["is_in_force"] == {"in_force": True, "undecidable": None}.get(state, False), key
        assert (row["body_points"], row["is_supported"]) == (_total(notices, body, day) if body else (None, None)), key
        assert (row["points_when_listed"], row["was_supported"]) == (_total(notices, body, listed) if body and listed else (None, None)), key
        if state in ("in_force", "undecidable"):
            listed_bodies.add(body)
    assert states == {"in_force", "revoked", "revoked_without_record", "undecidable"}

    bodies = marts[day]["sanctioned_bodies"]
    assert bodies.keys() == {notice.cells["body"] for notice in notices} - {None}
    looked_at = {body for body in bodies if _total(notices, body, day)[1] and body not in listed_bodies}
    assert {body for body, row in bodies.items() if row["should_be_looked_at"]} == looked_at
    assert looked_at and listed_bodies & {body for body, row in bodies.items() if row["reaches_threshold"]}


def test_planted_cases(marts: Mapping[date, Any]) -> None:
    late, early = marts[LATE]["sanctions"], marts[EARLY]["sanctions"]
    assert (late["最后一日"]["effect"], late["过期一日"]["effect"]) == ("in_effect", "expired")
    assert (late["分值表期满之日"]["effect"], late["分值表期满次日"]["effect"]) == ("in_effect", "expired")
    assert (late["月末"]["expires_on"], late["月末"]["expiry_basis"]) == (date(2018, 1, 31), "point_table")
    assert (late["窗口之内"]["is_counted"], late["窗口之外"]["is_counted"]) == (True, False)
    assert (late["窗口之外"]["effect"], late["窗口之内"]["body_points"]) == ("in_effect", 8)
    assert (early["申诉撤销"]["effect"], early["申诉撤销"]["body_points_under_appeal"]) == ("in_effect", 6)
    assert (late["申诉撤销"]["effect"], late["申诉撤销"]["body_points"]) == ("revoked", 0)
    assert (late["申诉中"]["is_counted"], late["申诉中"]["is_under_appeal"], late["申诉中"]["body_points_under_appeal"]) == (True, True, 6)
    assert (early["更正"]["points"], late["更正"]["points"], late["更正"]["points_differ"]) == (Decimal(12), Decimal(6), False)
    assert [late[key]["running_points"] for key in ("两种写法一", "两种写法二")] == [6, 12]
    assert marts[LATE]["sanctioned_bodies"]["SPELLED"]["spellings"] == 2
    assert (late["无码一"]["body_points"], late["无码二"]["reaches_threshold"]) == (None, None)
    assert (late["分值不明"]["effect"], late["分值明"]["reaches_threshold"]) == ("undecidable", None)

    late, early = marts[LATE]["blacklist"], marts[EARLY]["blacklist"]
    assert (late["在列"]["state"], late["在列"]["was_supported"], late["在列"]["is_supported"]) == ("in_force", True, True)
    assert (early["移出"]["state"], late["移出"]["state"], late["移出"]["revoked_on"]) == ("in_force", "revoked", date(2017, 12, 1))
    # The correction took away what the listing rested on.
    assert (early["移出"]["was_supported"], late["移出"]["was_supported"]) == (True, False)
    assert late["先撤后列"]["state"] == "undecidable"
    assert late["自称撤销"]["state"] == "revoked_without_record"
    assert "没有列入" not in late


#: By the test that refuses them: rows of the point table and the thresholds, of which each is wrong in one way.
WRONG_ROWS = {
    "point_table_is_sound": [
        ("point_table", "示例-01,串通投标,8,24,serious,R,示例,2018-01-01,"),  # two at once
        ("point_table", "示例-07,某事,0,24,serious,R,示例,2018-01-01,"),  # no points
        ("point_table", "示例-08,某事,1,24,serious,R,示例,2018-01-01,2017-01-01"),  # ends before it begins
        ("blacklist_thresholds", "10,12,R,示例,2018-01-01,"),  # two thresholds
    ],
    "accepted_values_point_table_severity__minor__general__serious": [("point_table", "示例-09,某事,1,24,grave,R,示例,2018-01-01,")],
    "not_null_point_table_source": [("point_table", "示例-10,某事,1,24,serious,R,,2018-01-01,")],
}


def _refused(folder: Path, rows: list[tuple[str, str]]) -> dict[str, int]:
    """Rows that each failed test found when these are added to the seeds; a build that succeeds is a failure."""
    project = shutil.copytree(DBT, folder / "dbt", ignore=shutil.ignore_patterns("target", "logs"))
    for seed, row in rows:
        with (project / "seeds" / f"{seed}.csv").open("a", encoding="utf-8") as stream:
            stream.write(f"{row}\n")
    with pytest.raises(AssertionError, match="point_table"):
        build(folder / "warehouse.duckdb", folder, as_of="2018-01-25", select="point_table blacklist_thresholds", tested=True, project=project)
    results = json.loads((folder / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
    return {one["unique_id"].split(".")[2]: one["failures"] or 0 for one in results if one["status"] in ("fail", "error")}


@pytest.mark.thorough
def test_every_wrong_row_is_refused_by_its_test(tmp_path: Path) -> None:
    assert _refused(tmp_path, [row for rows in WRONG_ROWS.values() for row in rows]) == {test: len(rows) for test, rows in WRONG_ROWS.items()}


@pytest.mark.thorough
def test_points_that_are_no_number_are_refused_by_the_seed(tmp_path: Path) -> None:
    assert _refused(tmp_path, [("point_table", "示例-07,某事,one,24,serious,R,示例,2018-01-01,")]).keys() == {"point_table"}


def test_the_delivered_point_table_is_marked_as_an_illustration() -> None:
    for seed in ("point_table", "blacklist_thresholds"):
        with (DBT / "seeds" / f"{seed}.csv").open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        assert rows
        assert {(row["status"], row["source"]) for row in rows} == {("R", "示例，非省级规定原文")}
