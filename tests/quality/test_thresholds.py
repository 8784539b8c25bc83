"""Thresholds as data: the most specific row wins, an ambiguity is refused by line, few records show nothing, and the counts are those of plain Python."""

from datetime import date
from math import comb
from pathlib import Path

import duckdb
import pytest
from audited_warehouse import FILE, SECOND_FILE, add_file, add_row, warehouse
from hypothesis import example, given, settings
from hypothesis import strategies as st

from quality.audit import run_audit
from quality.checks import Check, all_checks
from quality.gate import CheckOutcome
from quality.shares import shows_share
from quality.thresholds import EACH_REGION, THRESHOLDS, ThresholdError, Thresholds, read_thresholds, thresholds
from sources.definitions import datasets

pytestmark = pytest.mark.thorough

CHECKS = all_checks()
BY_ID = {check.check_id: check for check in CHECKS}
NAMES, CODES = BY_ID["required_sections"], BY_ID["code_list_sections"]
DAY = date(2018, 1, 25)
BASIS = 'source = "市局通知"\nstatus = "B"'


def _read(folder: Path, *rows: str) -> Thresholds:
    path = folder / "thresholds.toml"
    path.write_text("confidence_percent = 95\n" + "".join(f"\n[[threshold]]\n{row}\n{BASIS}\n" for row in rows), encoding="utf-8")
    return read_thresholds(path, CHECKS)


def test_the_thresholds_of_the_house_can_be_read_and_change_nothing_of_the_whole() -> None:
    assert thresholds().applied(CHECKS, DAY) == CHECKS
    row = thresholds().of(NAMES, "421202", DAY)
    assert row is not None
    assert (row.kept, row.of, row.status) == (98, 100, "R")
    assert thresholds().of(NAMES, "421202", date(2016, 12, 31)) is None


def test_the_most_specific_row_wins(tmp_path: Path) -> None:
    found = _read(
        tmp_path,
        'region = "*"\naccepted = 9', 'region = "*"\ndimension = "completeness"\naccepted = 8', 'region = "*"\ndimension = "completeness"\ndataset = "SECTION"\naccepted = 7',
        'region = "*"\ncheck = "required"\ndimension = "completeness"\ndataset = "SECTION"\naccepted = 6',
        'region = "421200"\ncheck = "required"\ndimension = "completeness"\ndataset = "SECTION"\naccepted = 5',
        'region = "421202"\ncheck = "required"\ndimension = "completeness"\ndataset = "SECTION"\naccepted = 4',
        'region = "421202"\ncheck = "required_sections"\ndimension = "completeness"\ndataset = "SECTION"\naccepted = 3\nvalid_from = 2019-01-01',
    )  # fmt: skip

    def accepted(check: Check, region: str | None, day: date | None = DAY) -> int | None:
        row = found.of(check, region, day)
        return row.accepted if row else None

    assert [accepted(NAMES, region) for region in (None, EACH_REGION, "330100", "421221", "421202")] == [None, 6, 6, 5, 4]
    assert [accepted(NAMES, "421202", day) for day in (date(2019, 1, 1), None)] == [3, 3]
    assert accepted(BY_ID["required_contracts"], "421202") == 8
    assert accepted(CODES, "421202") == 9


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        (['region = "*"\ndimension = "completeness"\naccepted = 1', 'region = "*"\ndataset = "SECTION"\naccepted = 2'], r"lines 3 and 10: both hold for required_sections of each region"),
        (['check = "required"\naccepted = 1', 'check = "required"\naccepted = 2'], r"lines 3 and 9: both hold for required_\w+ of the whole"),
        (['check = "require"\naccepted = 1'], "line 3: check 'require' is unknown"),
        (['dataset = "SECTIONS"\naccepted = 1'], "line 3: dataset 'SECTIONS' is unknown"),
        (['dimension = "speed"\naccepted = 1'], "line 3: dimension 'speed' is unknown"),
        (['colour = "red"\naccepted = 1'], "line 3: colour is unknown"),
        (["accepted = 1\nkept = 98\nof = 100"], "say either accepted, or kept and of"),
        (["kept = 98"], "say either accepted, or kept and of"),
        (["kept = 100\nof = 98"], "100 of 98 is no share"),
        (["kept = 98.5\nof = 100"], "kept 98.5 is no whole number"),
        (["accepted = -1"], "accepted -1 is no whole number"),
        (['region = "4212"\naccepted = 1'], "region '4212' is no code of six digits"),
        (['region = "421202"\nseverity = "blocks_publication"\naccepted = 1'], "a region cannot block the publication"),
        (['valid_from = "2018"\naccepted = 1'], "valid_from '2018' is no date"),
        (["valid_from = 2018-02-01\nvalid_to = 2018-01-01\naccepted = 1"], "valid_to 2018-01-01 lies before"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_used_is_refused_by_file_and_line(tmp_path: Path, rows: list[str], complaint: str) -> None:
    with pytest.raises(ThresholdError, match=rf"^thresholds\.toml, .*{complaint}"):
        _read(tmp_path, *rows)


def test_every_row_says_where_it_comes_from(tmp_path: Path) -> None:
    path = tmp_path / "thresholds.toml"
    path.write_text("[[threshold]]\naccepted = 1\n", encoding="utf-8")
    with pytest.raises(ThresholdError, match="line 1: source is missing"):
        read_thresholds(path, CHECKS)
    assert "status" in THRESHOLDS.read_text(encoding="utf-8")


def test_rows_that_follow_each_other_in_time_do_not_rival(tmp_path: Path) -> None:
    found = _read(tmp_path, 'check = "required"\naccepted = 1\nvalid_to = 2018-12-31', 'check = "required"\naccepted = 2\nvalid_from = 2019-01-01')
    assert [found.of(NAMES, None, day).accepted for day in (DAY, date(2019, 1, 1))] == [1, 2]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("evaluated", "unexpected", "success"),
    [(100, 2, True), (100, 3, False), (149, 2, True), (149, 3, False), (49, 0, True), (49, 1, False), (0, 0, True)],
)
def test_a_share_of_the_whole_is_compared_in_integers(tmp_path: Path, evaluated: int, unexpected: int, success: bool) -> None:
    found = _read(tmp_path, 'check = "required_sections"\nkept = 98\nof = 100\nseverity = "blocks_publication"')
    (check,) = found.applied([NAMES], DAY)
    assert check.severity == "blocks_publication"
    outcome = CheckOutcome(check, evaluated, unexpected, 0)
    assert outcome.success is success is (100 * (evaluated - unexpected) >= 98 * evaluated)


@settings(deadline=None)
@given(judged=st.integers(0, 400), missing=st.integers(0, 12), least=st.sampled_from([(98, 100), (995, 1000), (1, 2)]))
@example(judged=148, missing=0, least=(98, 100))
@example(judged=149, missing=0, least=(98, 100))
def test_what_few_records_show_is_what_the_exact_interval_says(judged: int, missing: int, least: tuple[int, int]) -> None:
    kept, (wanted, of) = max(0, judged - missing), least
    share = wanted / of
    with duckdb.connect() as connection:
        row = connection.execute(
            f"SELECT {shows_share('kept', 'judged', 'least', 95, 'out_of')} FROM (SELECT {kept} AS kept, {judged} AS judged, {wanted} AS least, {of} AS out_of)"
        ).fetchone()
    assert row is not None
    if judged == 0:
        assert row[0] is None
    elif share**judged <= 0.05:
        assert row[0] is (of * kept >= wanted * judged)
    else:
        tail = sum(comb(judged, place) * share**place * (1 - share) ** (judged - place) for place in range(kept + 1))
        assert row[0] is (False if tail < 0.05 else None)


@pytest.mark.usefixtures("watched_home")
def test_each_region_is_counted_by_records_and_its_severity_goes_to_its_findings(tmp_path: Path) -> None:
    path, section = tmp_path / "w.duckdb", datasets()["SECTION"]
    sound = {"421202": 200, "421221": 40, "421222": 40}
    broken = {"421202": 3, "421221": 1, "421222": 30}
    with warehouse(path) as connection:
        add_file(connection)
        add_file(connection, SECOND_FILE)
        number = 1
        for region, count in sound.items():
            for place in range(count):
                number += 1
                # Two empty cells of one record count once.
                cells = {"section_name": None, "section_content": None} if place < broken[region] else {}
                add_row(connection, section, number, {"region_code": region, "section_code": f"S{number}", **cells})
        # A record that a correction replaced counts nowhere; nor does one that was withdrawn.
        add_row(connection, section, 2, {"region_code": "421202", "section_name": None}, file=SECOND_FILE)
        connection.execute("INSERT INTO staging.superseded_rows VALUES ('sections', ?)", [SECOND_FILE * 10**9 + 2])
        add_row(connection, section, 3, {"region_code": "421202"}, file=SECOND_FILE, is_withdrawn=True)
    rows = 'region = "*"\nkept = 98\nof = 100', 'region = "421221"\ncheck = "required_sections"\naccepted = 1\nseverity = "warn"'
    run_audit(path, run_id="r", scratch=tmp_path / "s", checks=[NAMES, CODES], as_of=DAY, accepted=_read(tmp_path, *rows))
    with duckdb.connect(str(path), read_only=True) as connection:
        found = connection.execute(
            "SELECT check_id, region_code, records, failing_records, findings, meets, severity, threshold_status FROM quality.region_checks ORDER BY 1, 2"
        ).fetchall()
        severities = connection.execute("SELECT region_code, severity, count(*) FROM quality.findings GROUP BY ALL ORDER BY 1").fetchall()
        of_file = connection.execute("SELECT sum(records) FROM quality.region_records WHERE delivery_number = ?", [FILE]).fetchone()
    assert found == [
        ("code_list_sections", "421202", 200, 0, 0, True, "blocks_push", "B"), ("code_list_sections", "421221", 40, 0, 0, None, "blocks_push", "B"),
        ("code_list_sections", "421222", 40, 0, 0, None, "blocks_push", "B"), ("required_sections", "421202", 200, 3, 6, True, "blocks_push", "B"),
        ("required_sections", "421221", 40, 1, 2, True, "warn", "B"), ("required_sections", "421222", 40, 30, 60, False, "blocks_push", "B"),
    ]  # fmt: skip
    assert severities == [("421202", "blocks_push", 6), ("421221", "warn", 2), ("421222", "blocks_push", 60)]
    assert of_file == (280,)


@pytest.mark.usefixtures("watched_home")
def test_a_column_that_a_file_never_fills_fails_all_its_records_and_no_others(tmp_path: Path) -> None:
    path, section = tmp_path / "w.duckdb", datasets()["SECTION"]
    with warehouse(path) as connection:
        for file, empty in ((FILE, {"section_name": None}), (SECOND_FILE, {})):
            add_file(connection, file)
            for number, region in enumerate(("421202", "421202", "421221"), start=2):
                add_row(connection, section, number, {"region_code": region, "section_code": f"S{file}{number}", **empty}, file=file)
    run_audit(path, run_id="r", scratch=tmp_path / "s", checks=[NAMES], as_of=DAY)
    with duckdb.connect(str(path), read_only=True) as connection:
        found = connection.execute("SELECT region_code, records, failing_records, findings FROM quality.region_checks ORDER BY 1").fetchall()
    # The finding is one, of the file, which has the region of its source; the records that lack the cell are where they are.
    assert found == [("421202", 4, 2, 0), ("421221", 2, 1, 0)]
