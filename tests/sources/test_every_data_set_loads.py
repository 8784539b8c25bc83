"""Every data set is read from a small file under the names of the specification and under the Chinese ones, into the columns of its definition."""

import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest

from sources.definitions import Dataset, datasets
from sources.loader import load_deliveries

WRITTEN = {"text": "文字", "code": "a-1", "flag": "1", "date": "20170502", "instant": "20170502090000", "integer": "30", "decimal": "1600.5"}
READ = {
    "text": "文字", "code": "A-1", "flag": True, "date": date(2017, 5, 2), "instant": datetime(2017, 5, 2, 9, tzinfo=ZoneInfo("Asia/Shanghai")),
    "integer": 30, "decimal": Decimal("1600.5"),
}  # fmt: skip


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse into which a sound row, a ruined one and the sound one once more (named in Chinese) were delivered of every data set."""
    folder = tmp_path_factory.mktemp("every")
    deliveries = folder / "in"
    deliveries.mkdir()
    for dataset in datasets().values():
        sound = {column.national: WRITTEN[column.type] for column in dataset.columns}
        ruined = dict.fromkeys(sound, "锟斤拷")
        _write(deliveries / f"{dataset.name}.csv", [sound, ruined])
        labels = {column.national: column.label if dataset.column_for_heading(column.label) else column.national for column in dataset.columns}
        _write(deliveries / f"{dataset.number or dataset.name}-中文.csv", [{labels[name]: value for name, value in sound.items()}])
    warehouse = folder / "w.duckdb"
    load_deliveries(warehouse, deliveries, home=folder / "home", received_at=datetime(2018, 1, 25, tzinfo=UTC))
    return warehouse


@pytest.mark.parametrize("dataset", datasets().values(), ids=lambda dataset: dataset.name)
def test_a_row_of_every_data_set_is_loaded_typed_and_counted(loaded: Path, dataset: Dataset) -> None:
    with duckdb.connect(str(loaded), read_only=True) as connection:
        connection.execute("SET TimeZone = 'Asia/Shanghai'")
        names = ", ".join(f'"{column.name}"' for column in dataset.columns)
        rows = connection.execute(f"SELECT {names} FROM raw.{dataset.table}").fetchall()
        ledger = connection.execute(
            "SELECT rows_received, rows_loaded, rows_quarantined, rows_duplicate FROM meta.deliveries WHERE dataset = ? ORDER BY rows_received DESC",
            [dataset.name],
        ).fetchall()
    assert rows == [tuple(READ[column.type] for column in dataset.columns)]
    # Of two files with the same row, whichever is read first has it.
    assert [entry[0] for entry in ledger] == [2, 1]
    assert [sum(counts) for counts in zip(*ledger, strict=True)] == [3, 1, 1, 1]
