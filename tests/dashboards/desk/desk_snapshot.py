"""A small published snapshot with a desk: two counties, hostile texts, a correction between two audits."""

from datetime import date
from pathlib import Path

import duckdb

from quality.audit import run_audit
from quality.checks import all_checks
from quality.desk.tracking import follow
from sources.definitions import datasets
from tests.quality.audited_warehouse import FILE, SECOND_FILE, add_file, add_row, warehouse

HOSTILE = ('"><script>alert(1)</script>', "<img src=x onerror=alert(2)>", "=cmd|' /C calc'!A0", "[x](javascript:alert(3))")
PHONE, IDENTITY = "13812345678", "422301198001011234"
MANIFEST = {
    "snapshot": "2018-02-10-aaaa",
    "as_of": "2018-02-10",
    "published_at": "2018-02-10T06:30:00+08:00",
    "run_id": "r",
    "desk": {"entries": 2, "head": "0"},
}
FIRST, SECOND = date(2018, 1, 25), date(2018, 2, 10)
CHECKS = [check for check in all_checks() if check.check_id in ("required_sections", "code_list_sections", "required_candidate_publicities")]


def build(folder: Path) -> Path:
    """The warehouse after two audits; 421202 has eight sections of which two lack something, 421221 two of which one is closed by then."""
    path = folder / "warehouse.duckdb"
    section, publicity = datasets()["SECTION"], datasets()["TENDER_CANDIDATE_ANNOUNCE"]
    with warehouse(path) as connection:
        connection.execute("CREATE TABLE marts.regions (region_code VARCHAR, name VARCHAR)")
        connection.execute("INSERT INTO marts.regions VALUES ('421202', ?), ('421221', '嘉鱼县')", [HOSTILE[0]])
        add_file(connection)
        for number in range(2, 8):
            add_row(connection, section, number, {"region_code": "421202", "section_code": f"S{number}"})
        broken = {"section_name": None, "section_content": f"{HOSTILE[1]} 联系{PHONE} 身份证{IDENTITY}"}
        add_row(connection, section, 8, {"region_code": "421202", "section_code": "S8", **broken})
        add_row(connection, section, 9, {"region_code": "421202", "section_code": "S9", "price_unit": HOSTILE[0]})
        add_row(connection, section, 10, {"region_code": "421221", "section_code": "S10"})
        add_row(connection, section, 11, {"region_code": "421221", "section_code": "S11", "section_name": None}, record=11)
        add_file(connection, 3, publicity.name)
        add_row(connection, publicity, 2, file=3)
        add_row(connection, publicity, 3, {"notice_title": None, "bulletin_duty": "张三丰", "notice_content": HOSTILE[3]}, file=3)
    _audit(path, FIRST)
    with duckdb.connect(str(path)) as connection:
        add_file(connection, SECOND_FILE)
        add_row(connection, section, 2, {"region_code": "421221", "section_code": "S11"}, file=SECOND_FILE, record=11)
        connection.execute("INSERT INTO staging.superseded_rows VALUES ('sections', ?)", [FILE * 10**9 + 11])
    _audit(path, SECOND)
    return path


def _audit(path: Path, day: date) -> None:
    run_audit(path, run_id=day.isoformat(), scratch=path.parent / "scratch", checks=CHECKS, as_of=day)
    follow(path, path.parent / "desk", run_id=day.isoformat(), as_of=day, known_at=day, scratch=path.parent / "scratch")
