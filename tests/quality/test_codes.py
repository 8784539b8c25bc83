"""The codes of the standard in SQL, against the generator of the simulated city and against the standard's own example."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from audited_warehouse import CREDIT_CODE, DEAL_CODE, add_file, add_row, warehouse

from quality.audit import run_audit
from quality.checks import all_checks
from sources.definitions import datasets
from sources.simulated.codes import credit_codes, unified_deal_codes

pytestmark = pytest.mark.usefixtures("watched_home")


def _wrong(path: Path, column: str, check_id: str, codes: list[str], dataset: str) -> list[str]:
    described = datasets()[dataset]
    with warehouse(path) as connection:
        add_file(connection)
        for number, code in enumerate(codes, start=2):
            add_row(connection, described, number, {column: code})
    checks = [check for check in all_checks() if check.check_id == check_id]
    result = run_audit(path, run_id="r", scratch=path.parent, checks=checks)
    import duckdb

    with duckdb.connect(str(path), read_only=True) as connection:
        found = connection.execute("SELECT source_row % 1000 FROM quality.findings ORDER BY source_row").fetchall()
    assert result.checks[0].error is None
    return [codes[row - 2] for (row,) in found]


def test_deal_codes(tmp_path: Path) -> None:
    platforms = pl.Series(["12310000784765385A", "91420500MA4KL8HX1Q", "Z" * 18] * 7)
    serials = np.arange(21, dtype=np.int64) * 47_119
    right = [DEAL_CODE, DEAL_CODE.replace("-", ""), f"{DEAL_CODE};{DEAL_CODE}", *unified_deal_codes("A02", platforms, np.full(21, 20170502), serials)]
    # One wrong character anywhere, and two that changed places, are noticed.
    wrong = [f"{DEAL_CODE[:at]}{'1' if DEAL_CODE[at] != '1' else '2'}{DEAL_CODE[at + 1 :]}" for at in range(len(DEAL_CODE)) if DEAL_CODE[at] != "-"]
    wrong += [DEAL_CODE[:3] + "-32" + DEAL_CODE[6:], DEAL_CODE[:-1], DEAL_CODE + "Q", DEAL_CODE.lower(), f"{DEAL_CODE};?"]
    assert _wrong(tmp_path / "w.duckdb", "unified_deal_code", "deal_code_sections", right + wrong, "SECTION") == wrong


def test_credit_codes(tmp_path: Path) -> None:
    right = [CREDIT_CODE, *credit_codes("91", pl.Series(["420500"] * 20), np.arange(20, dtype=np.int64) * 4_711_117)]
    wrong = ["9" * 17, "I1420500MA4KL8HX1Q", "91A20500MA4KL8HX1Q", "0" * 18, "91420500MA4KL8HX1Q1", "某公司", f"{CREDIT_CODE};1"]
    assert _wrong(tmp_path / "w.duckdb", "supplier_code", "credit_code_award_notices", right + wrong, "WIN_RESULT_ANNO") == wrong
