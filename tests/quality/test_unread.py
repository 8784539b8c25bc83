"""What could not be read is a finding until it is delivered again: real files, loaded by the loader, corrected by a later delivery."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from audited_warehouse import warehouse

from quality.checks import all_checks
from sources.loader import load_deliveries

CHECKS = {check.check_id: check.violations for check in all_checks()}
HEADER = "BID_SECTION_CODE,TENDER_PROJECT_CODE,BID_SECTION_NAME,CONTRACT_RECKON_PRICE,REGION_CODE,DATA_TYPE,DATA_TIMESTAMP\n"


def _deliver(home: Path, day: int, **files: str) -> None:
    folder = home / f"day-{day}"
    folder.mkdir(parents=True)
    (folder / "delivery.toml").write_text('source_id = "city"\nlabel = "市"\nregion_code = "421200"\n', encoding="utf-8")
    for name, content in files.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    load_deliveries(home / "warehouse.duckdb", folder, home=home, received_at=datetime(2018, 1, day, tzinfo=UTC))


def _found(home: Path, check: str, superseded: str = "") -> int:
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        if superseded:
            # What staging finds out.
            connection.execute(
                "CREATE SCHEMA IF NOT EXISTS staging; CREATE OR REPLACE TABLE staging.superseded_rows (table_name VARCHAR, row_hash UHUGEINT)"
            )
            connection.execute(f"INSERT INTO staging.superseded_rows SELECT 'sections', row_hash FROM raw.sections WHERE {superseded}")
        counted = connection.execute(f"SELECT count(*) FROM ({CHECKS[check]})").fetchone()
    assert counted is not None
    return int(counted[0])


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with warehouse(tmp_path / "warehouse.duckdb"):
        pass
    return tmp_path


def test_a_quarantined_row_is_mended_by_its_record_or_its_file(home: Path) -> None:
    damaged = "S1,P1,锟斤拷,1,421202,1,20180101000000\nS2,P1,锟斤拷,1,421202,1,20180101000000\n2.01531E+16,P1,好,1,421202,1,20180101000000\n"
    _deliver(home, 1, SECTION=HEADER + damaged)
    assert _found(home, "no_row_is_quarantined") == 3
    # One of them comes again in another file: its key could be read.
    _deliver(home, 2, SECTION_2=HEADER + "S1,P1,一标段,1,421202,2,20180102000000\nS9,P1,别的,1,421202,1,20180102000000\n")
    assert _found(home, "no_row_is_quarantined") == 2
    # The file as a whole comes again.
    _deliver(home, 3, SECTION=HEADER + "S2,P1,二标段,1,421202,1,20180103000000\nS3,P1,三标段,1,421202,1,20180103000000\n")
    assert _found(home, "no_row_is_quarantined") == 0


def test_a_held_value_is_mended_by_a_later_version_of_its_record(home: Path) -> None:
    header = HEADER.replace("CONTRACT_RECKON_PRICE", "BEGIN_DATE")
    _deliver(home, 1, SECTION=header + "S1,P1,一标段,下个月,421202,1,20180101000000\nS2,P1,二标段,另定,421202,1,20180101000000\n")
    assert _found(home, "no_value_is_held") == 2
    _deliver(home, 2, SECTION_2=header + "S1,P1,一标段,20180301,421202,2,20180102000000\n")
    assert _found(home, "no_value_is_held", "section_code = 'S1' AND held_values > 0") == 1


def test_a_refused_file_is_mended_by_one_of_its_name(home: Path) -> None:
    _deliver(home, 1, SECTION="", UNHEARD_OF="a,b\n1,2\n")
    assert _found(home, "no_file_is_refused") == 2
    _deliver(home, 2, SECTION=HEADER + "S1,P1,一标段,1,421202,1,20180101000000\n")
    assert _found(home, "no_file_is_refused") == 1


def test_an_unknown_column_is_mended_by_the_file_without_it(home: Path) -> None:
    _deliver(home, 1, SECTION=HEADER.replace("REGION_CODE", "REGIONCODE_X") + "S1,P1,一标段,1,421202,1,20180101000000\n")
    assert _found(home, "no_column_is_unknown") == 1
    _deliver(home, 2, SECTION=HEADER + "S1,P1,一标段,1,421202,2,20180102000000\n")
    assert _found(home, "no_column_is_unknown") == 0
