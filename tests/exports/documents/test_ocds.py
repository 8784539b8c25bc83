"""OCDS: every release valid, records linked to them by ocid, compiled releases that are what their releases add up to, and the same transactions when read back."""

import json
import zipfile
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import duckdb
import pytest

from exports.documents.catalogue import document
from exports.documents.errors import DocumentError
from exports.documents.writing import Asked, write_documents
from exports.ocds.packages import validator
from exports.ocds.publisher import FILE, read_publisher
from sources.loader import load_deliveries
from tests.dbt.building import build, prepared_warehouse

pytestmark = pytest.mark.thorough

Release = dict[str, Any]


@pytest.fixture(scope="module")
def packages(everything: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("ocds")
    with zipfile.ZipFile(everything / "公共资源交易OCDS数据_2022年.zip") as archive:
        archive.extractall(out / "packages")
    return out / "packages"


@pytest.fixture(scope="module")
def releases(packages: Path) -> list[Release]:
    return [release for path in sorted(packages.glob("releases-*.json")) for release in json.loads(path.read_text(encoding="utf-8"))["releases"]]


@pytest.fixture(scope="module")
def records(packages: Path) -> list[Release]:
    return [record for path in sorted(packages.glob("records-*.json")) for record in json.loads(path.read_text(encoding="utf-8"))["records"]]


def test_every_release_is_valid_and_named_once(releases: list[Release], records: list[Release]) -> None:
    assert not list(validator().iter_errors(releases)) and not list(validator().iter_errors([record["compiledRelease"] for record in records]))
    assert len({release["id"] for release in releases}) == len(releases) > 300
    assert [(release["ocid"], release["date"]) for release in releases] == sorted((release["ocid"], release["date"]) for release in releases)


@pytest.mark.parametrize(
    "change", [{"tag": ["announced"]}, {"date": "2022-02-30T00:00:00+08:00"}, {"ocid": None}, {"tender": {"id": "x", "value": {"amount": "viel"}}}]
)
def test_what_is_not_valid_is_noticed(releases: list[Release], change: Release) -> None:
    assert list(validator().iter_errors([{**releases[0], **change}]))


def test_packages_say_who_publishes_what(packages: Path, shared_home: Path) -> None:
    paths = list(packages.glob("*.json"))
    assert paths
    for path in paths:
        told = json.loads(path.read_text(encoding="utf-8"))
        assert (told["version"], told["publishedDate"]) == ("1.1", "2023-01-25T00:00:00+08:00") and told["publisher"]["name"]
        assert told["uri"] == f"{read_publisher(shared_home / 'templates').uri}2022/{path.name}"


def test_records_link_their_releases_and_compile_them(releases: list[Release], records: list[Release]) -> None:
    by_id = {release["id"]: release for release in releases}
    of_process: dict[str, list[Release]] = defaultdict(list)
    for release in releases:
        of_process[release["ocid"]].append(release)
    assert {record["ocid"] for record in records} == set(of_process)
    for record in records:
        linked = [by_id[unquote(link["url"].partition("#")[2])] for link in record["releases"]]
        assert linked == of_process[record["ocid"]]
        assert [(link["date"], link["tag"]) for link in record["releases"]] == [(release["date"], release["tag"]) for release in linked]
        compiled, merged = record["compiledRelease"], {}
        parties: dict[str, set[str]] = defaultdict(set)
        for release in linked:
            merged |= {key: value for key, value in release.items() if key in ("buyer", "tender", "awards", "contracts")}
            for party in release["parties"]:
                parties[party["id"]] |= set(party["roles"])
        assert {key: value for key, value in compiled.items() if key in ("buyer", "tender", "awards", "contracts")} == merged
        assert {party["id"]: set(party["roles"]) for party in compiled["parties"]} == parties
        assert compiled["date"] == max(release["date"] for release in linked)


@pytest.mark.parametrize("size", [1, 7, 100])
def test_smaller_packages_hold_the_same_in_the_same_order(
    own_home: Path, releases: list[Release], records: list[Release], size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exports.ocds.packages.RELEASES_OF_A_PACKAGE", size)
    (written,) = write_documents(own_home, [document("ocds")], Asked(2022), tmp_path)
    parts: dict[str, list[list[Release]]] = {"releases": [], "records": []}
    with zipfile.ZipFile(written.path) as archive:
        place = {}
        for name in archive.namelist():
            kind = name.partition("-")[0]
            parts[kind].append(json.loads(archive.read(name))[kind])
            place |= {release["id"]: name for release in parts[kind][-1] if kind == "releases"}
    assert {len(part) for part in parts["releases"][:-1]} == {size} and all(parts["records"])
    assert [release for part in parts["releases"] for release in part] == releases
    told = [record for part in parts["records"] for record in part]
    assert [record["compiledRelease"] for record in told] == [record["compiledRelease"] for record in records]
    for link in (link for record in told for link in record["releases"]):
        package, _, release = link["url"].rpartition("/")[2].partition("#")
        assert place[unquote(release)] == package


_TRANSACTIONS = """
SELECT upper({subject}) AS subject, estimate_yuan, award_yuan, tender_notice_at, award_notice_at, contract_signed_at FROM marts.transactions
WHERE transaction_type IN ('construction', 'procurement') AND year(least(tender_notice_at, award_notice_at, contract_signed_at)) = 2022 ORDER BY subject
"""


@pytest.mark.thorough
def test_read_back_the_transactions_are_the_same(shared_home: Path, packages: Path, records: list[Release], tmp_path: Path) -> None:
    delivery = tmp_path / "delivery" / "gongkai-ocds"
    delivery.mkdir(parents=True)
    for path in packages.glob("releases-*.json"):
        (delivery / path.name).write_bytes(path.read_bytes())
    warehouse = prepared_warehouse(tmp_path / "work" / "warehouse.duckdb")
    loaded = load_deliveries(warehouse, delivery.parent, home=tmp_path, received_at=datetime(2023, 1, 25, tzinfo=UTC))
    assert (loaded.files_refused, loaded.rows_quarantined) == (0, 0)
    build(warehouse, tmp_path / "scratch", as_of="2023-01-25")
    told = []
    for file, subject in ((shared_home / "published" / "current" / "warehouse.duckdb", "'ocds-gongka-' || subject_id"), (warehouse, "subject_id")):
        with duckdb.connect(str(file), read_only=True) as connection:
            connection.execute("SET TimeZone = 'Asia/Shanghai'")
            told.append(connection.execute(_TRANSACTIONS.format(subject=subject)).fetchall())
    assert len(told[0]) > 200 and told[0] == told[1]
    # The mapping takes the title from the tender.
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        titles = dict(connection.execute("SELECT subject_codes[1], title FROM staging.stg_procurement_notices").fetchall())
    compiled = [record["compiledRelease"] for record in records if "tender" in record["compiledRelease"]]
    assert titles == {release["ocid"].upper(): release["tender"]["title"] for release in compiled}


def test_the_publisher_says_its_prefix_once(own_home: Path, tmp_path: Path) -> None:
    publisher = read_publisher(own_home / "templates")
    assert publisher.ocid_prefix == "ocds-gongka"
    path = own_home / "templates" / FILE
    path.write_text(
        path.read_text(encoding="utf-8").replace("ocds-gongka", "ocds-abc123").replace('license = ""', 'license = "https://example.com/licence"'),
        encoding="utf-8",
    )
    (written,) = write_documents(own_home, [document("ocds")], Asked(2022), tmp_path)
    with zipfile.ZipFile(written.path) as archive:
        told = json.loads(archive.read("releases-001.json"))
    assert told["license"] == "https://example.com/licence" and all(release["ocid"].startswith("ocds-abc123-") for release in told["releases"])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("ocds-gongka", "gongkai", "ocid_prefix 'gongkai' is not ocds- and six letters or digits"), ('name = ""', "name = 3", 'name is missing or no text; write name = "…"'),
        ("https://example.com/gongkai/", "ftp:x", "uri 'ftp:x' is no address"), ('license = ""', "license", "correct it, or remove the file"),
    ],
)  # fmt: skip
def test_a_wrong_publisher_s_file_is_one_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    read_publisher(tmp_path)
    path = tmp_path / FILE
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(DocumentError, match=message) as refused:
        read_publisher(tmp_path)
    assert "\n" not in str(refused.value)


def test_a_year_without_procurement_is_refused(own_home: Path, tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="2021: no tender or procurement was first heard of in it"):
        write_documents(own_home, [document("ocds")], Asked(2021), tmp_path)
