"""Reports of what nobody delivered are not made: they would say 0 where nothing was counted."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest

from exports.answers.period import Period
from exports.documents.credit_list import write_credit_list
from exports.documents.errors import DocumentError
from exports.documents.occasion import Occasion, Source
from exports.documents.transaction_report import write_transaction_report


@pytest.mark.parametrize(("write", "period"), [(write_transaction_report, "2013-12"), (write_credit_list, "2013")])
def test_an_office_that_delivers_no_transactions_and_no_lists_has_no_report_of_them(
    tmp_path: Path, write: Callable[[Occasion, Path], list[Path]], period: str
) -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA meta")
        connection.execute("CREATE TABLE meta.deliveries AS SELECT 'a' AS source_id, 'loaded' AS status, 'INFORMATION_REQUEST' AS dataset")
        source = Source("a", "甲", None, date(2013, 1, 1), date(2013, 12, 31), True)
        occasion = Occasion(connection, tmp_path, {"as_of": "2014-01-25"}, (source,), Period.read(period), tmp_path)
        with pytest.raises(DocumentError, match=rf"^{period}: no source delivers any of B"):
            write(occasion, tmp_path)
    assert not list(tmp_path.iterdir())
