"""The data package: every table as in the marts, in both forms, described field by field."""

import csv
import hashlib
import io
import json
import zipfile
from pathlib import Path

import duckdb
import polars as pl
import pytest

from exports.documents.catalogue import document
from exports.documents.writing import Asked, write_documents
from exports.open_data.data_package import resources
from exports.publication import current_snapshot
from tests.exports.documents.delivered import HOSTILE

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def package(everything: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(everything / "公共资源交易开放数据包_2022年.zip") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_every_file_is_described_with_its_digest_and_every_column_with_its_type(package: dict[str, bytes]) -> None:
    described = json.loads(package["datapackage.json"])
    assert described["profile"] == "data-package" and {told["path"] for told in described["resources"]} == set(package) - {"datapackage.json"}
    for told in described["resources"]:
        content = package[told["path"]]
        assert (told["bytes"], told["hash"]) == (len(content), f"sha256:{hashlib.sha256(content).hexdigest()}")
        frame = pl.read_parquet(package[told["path"].replace(".csv", ".parquet")])
        fields = told["schema"]["fields"]
        assert [field["name"] for field in fields] == frame.columns and all(field["title"] for field in fields)
        kinds = {pl.String: "string", pl.Date: "date", pl.Int64: "integer", pl.Int32: "integer", pl.Float64: "number"}
        assert [field["type"] for field in fields] == [
            kinds.get(type(kind) if not isinstance(kind, type) else kind, "number") for kind in frame.dtypes
        ]
        assert frame.select(told["schema"]["primaryKey"]).is_unique().all()
    assert all(set(resource.key) <= set(resource.fields) for resource in resources())


def test_csv_and_parquet_hold_the_same_rows_and_csv_runs_nowhere(package: dict[str, bytes]) -> None:
    for resource in resources():
        lines = list(csv.DictReader(io.StringIO(package[f"{resource.name}.csv"].decode("utf-8"))))
        rows = pl.read_parquet(package[f"{resource.name}.parquet"]).cast(pl.String).fill_null("").to_dicts()
        assert len(lines) == len(rows) > 0
        assert not [value for line in lines for value in line.values() if value[:1] in "=+@\t" and value]
        texts = {name for name, kind in zip(rows[0], pl.read_parquet(package[f"{resource.name}.parquet"]).dtypes, strict=True) if kind == pl.String}
        assert [{name: line[name].removeprefix("'") for name in texts} for line in lines] == [{name: row[name] for name in texts} for row in rows]


def test_the_rows_are_those_of_the_marts(shared_home: Path, package: dict[str, bytes]) -> None:
    with duckdb.connect(str(shared_home / "published" / "current" / "warehouse.duckdb"), read_only=True) as connection:
        for mart in ("disclosure_rates", "timeliness"):
            (due,) = connection.execute(f"SELECT sum(due), sum(met) FROM marts.{mart} WHERE year(period_start) = 2022").fetchall()
            frame = pl.read_parquet(package[f"{mart}.parquet"])
            assert (frame["due"].sum(), frame["met"].sum()) == due
        (sums,) = connection.execute(
            "SELECT count(*), sum(award_yuan) FROM marts.transactions "
            "WHERE year(least(tender_notice_at, candidate_publicity_at, concluded_at, contract_signed_at)) = 2022"
        ).fetchall()
    frame = pl.read_parquet(package["transactions.parquet"])
    assert (frame.height, frame["award_yuan"].sum()) == sums


def test_a_title_that_a_spreadsheet_would_run_has_an_apostrophe_in_the_csv_alone(own_home: Path, tmp_path: Path) -> None:
    snapshot = current_snapshot(own_home)
    assert snapshot is not None
    (snapshot / "warehouse.duckdb").chmod(0o644)
    with duckdb.connect(str(snapshot / "warehouse.duckdb")) as connection:
        connection.execute("UPDATE marts.transactions SET title = $title, supplier = '-乙公司有限'", {"title": HOSTILE[0]})
    (written,) = write_documents(own_home, [document("open-data")], Asked(2022), tmp_path)
    with zipfile.ZipFile(written.path) as archive:
        lines = list(csv.DictReader(io.StringIO(archive.read("transactions.csv").decode("utf-8"))))
        rows = pl.read_parquet(archive.read("transactions.parquet"))
    assert {line["title"] for line in lines} == {f"'{HOSTILE[0]}"} and {line["supplier"] for line in lines} == {"'-乙公司有限"}
    assert set(rows["title"]) == {HOSTILE[0]} and set(rows["supplier"]) == {"-乙公司有限"}
