"""Identity numbers, telephone numbers and addresses stand in titles, names and contents of what is delivered, and nowhere in what is made of it.

Searched: every page, workbook, package and log of a run, its output, and every table that readers get. What was received stays where it is kept as received:
the archive, `raw`, `staging` and the quarantine of the working warehouse and of the snapshot.
"""

import csv
import zipfile
from pathlib import Path

import duckdb
import pytest

from sources.definitions import datasets
from tests.conftest import Gongkai

pytestmark = pytest.mark.thorough

IDENTITY_CARD, MOBILE, EMAIL = "42120219900307123X", "13812345678", "zhang.san@example.com"
_PLANTED = (IDENTITY_CARD, MOBILE, EMAIL)
_SHOWN = ("NAME", "TITLE", "CONTENT", "REASON", "ADDRESS", "OFFICE", "AUTHORITY")
_AS_RECEIVED = ("raw", "staging", "meta")


def _plant(folder: Path) -> int:
    """Write them into every filled text that is no code and not personal by its definition, and let them be what is an identity, or a contact that nobody must send."""
    planted = 0
    for dataset in datasets().values():
        for file in sorted(folder.glob(f"{dataset.name}*.csv")):
            with file.open(encoding="utf-8", newline="") as stream:
                reader = csv.DictReader(stream)
                headings, rows = list(reader.fieldnames or ()), list(reader)
            texts = [column.national for column in dataset.columns if column.type == "text" and not column.personal and not column.code_list]
            never_sent = {"identity": IDENTITY_CARD, "contact": MOBILE}
            whole = {
                column.national: never_sent[column.personal]
                for column in dataset.columns
                if column.national in headings and (column.personal == "identity" or (column.personal == "contact" and not column.required))
            }
            for row in rows:
                row.update(whole)
                planted += len(whole)
                for name in texts:
                    if row.get(name) and any(part in name for part in _SHOWN):
                        row[name] += f"（联系人身份证{IDENTITY_CARD}，手机{MOBILE}，{EMAIL}）"
                        planted += 1
            with file.open("w", encoding="utf-8", newline="") as stream:
                writer = csv.DictWriter(stream, headings)
                writer.writeheader()
                writer.writerows(rows)
    return planted


def _contents(path: Path) -> list[bytes]:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return [archive.read(name) for name in archive.namelist()]
    return [path.read_bytes()]


def _telling(folder: Path) -> list[str]:
    """The files below the folder in which something planted stands."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".duckdb"]
    assert files
    return [str(path.relative_to(folder)) for path in files if any(word.encode() in content for content in _contents(path) for word in _PLANTED)]


def _telling_columns(warehouse: Path) -> list[str]:
    """The columns of readers' tables in which something planted stands."""
    found = []
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        columns = connection.execute(
            "SELECT schema_name, table_name, column_name FROM duckdb_columns() WHERE NOT internal AND data_type IN ('VARCHAR', 'VARCHAR[]')"
        ).fetchall()
        for schema, table, column in columns:
            told = " OR ".join(f"""contains("{column}"::VARCHAR, '{word}')""" for word in _PLANTED)
            if schema not in _AS_RECEIVED and connection.execute(f'SELECT 1 FROM "{schema}"."{table}" WHERE {told} LIMIT 1').fetchone():
                found.append(f"{schema}.{table}.{column}")
    return found


#: Each fills fields that no other does; zhejiang-city fills none that these do not.
@pytest.mark.parametrize("city", ["xianning-2017", "wenzhou-2016", "guian-2016"])
def test_what_stands_in_a_text_stays_there(gongkai: Gongkai, tmp_path: Path, city: str) -> None:
    deliveries, home = tmp_path / "deliveries", tmp_path / "home"
    assert gongkai("simulate", "--city", city, "--out", deliveries).returncode == 0
    assert _plant(deliveries) > 300
    done = gongkai("run", "--deliveries", deliveries, "--home", home)
    assert done.returncode == 0, done.stdout + done.stderr
    pushed = gongkai("push", "--home", home, "--packages-only", tmp_path / "packages")
    assert pushed.returncode == 0, pushed.stdout + pushed.stderr
    assert not [word for word in _PLANTED if word in done.stdout + done.stderr + pushed.stdout + pushed.stderr]
    assert _telling_columns(home / "published" / "current" / "warehouse.duckdb") == []
    for folder in (home / "published" / "current", home / "logs", home / "dagster", tmp_path / "packages"):
        assert _telling(folder.resolve()) == [], folder
