"""A statement is frozen whole, numbered, refused where it would say nothing or twice, and an alteration of it is found."""

import csv
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from exports.answers.asking import AnswerError, asking
from exports.answers.period import Period
from exports.issued.freezing import issue
from exports.issued.telling import differences, list_issued
from sources.issued_statements import Edition, StatementAltered, editions, load_issued

ISSUED_AT = datetime(2018, 1, 26, 9, tzinfo=UTC)
MARCH = Period.read("2017-03")


def frozen(own_home: Path, period: Period = MARCH) -> Edition:
    return issue(own_home, period, issued_at=ISSUED_AT)


def test_an_edition_holds_what_was_published_and_every_obligation_of_it(own_home: Path) -> None:
    edition = frozen(own_home)
    assert edition.folder == own_home / "issued" / "2017-03" / "1"
    assert editions(own_home) == [edition]
    with (edition.folder / "rates.csv").open(encoding="utf-8", newline="") as stream:
        rates = list(csv.DictReader(stream))
    with asking(own_home) as connection:
        published = connection.execute(
            "SELECT region_code, rule_id, due, met, missed, undecidable, rate_low FROM marts.timeliness WHERE period_kind = 'month' AND period_start = '2017-03-01'"
        ).fetchall()
        due = connection.execute("SELECT obligation_id, coalesce(due_on, triggered_at::DATE)::VARCHAR FROM marts.obligations").fetchall()
    told = {
        (row["region_code"], row["rule_id"]): tuple(row[name] for name in ("due", "met", "missed", "undecidable"))
        for row in rates
        if row["measure"] == "timeliness"
    }
    assert told == {(region, rule): tuple(map(str, counts)) for region, rule, *counts, _ in published}
    rows = duckdb.execute("FROM read_parquet(?)", [str(edition.folder / "obligations.parquet")])
    names = [column[0] for column in rows.description or []]
    kept = [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
    assert {row["obligation_id"] for row in kept} == {number for number, day in due if (day or "").startswith("2017-03")}
    counted = Counter((row["measure"], row["region_code"], row["rule_id"], row["verdict"]) for row in kept)
    summed = Counter()
    for row in rates:
        for verdict in ("met", "missed", "pending", "undecidable", "exempt"):
            summed[row["measure"], row["region_code"], row["rule_id"], verdict] += int(row[verdict])
    assert counted == +summed
    assert all(row["trigger_delivery_id"] and row["trigger_row"] >= 2 for row in kept)
    assert edition.content["obligations"] == len(kept) > 100
    assert not list((own_home / "issued").rglob(".building*"))


@pytest.mark.parametrize(
    ("period", "again", "said"),
    [
        ("2018-01", None, "2018-01 lasts until 2018-01-31, and the snapshot tells 2018-01-25"),
        ("2018", None, "issue it from a later one"),
        ("1999-05", None, "1999-05: nothing fell due in it"),
        ("2017-03", None, "2017-03 was issued on 2018-01-26 (edition 1); to issue it once more say why: --again REASON"),
        ("2017-03", "  ", "--again without a reason"),
        ("2017-03", "a correction", "edition 1 was issued from this very snapshot"),
        ("2017-04", "a correction", "2017-04 was not issued yet; leave out --again"),
    ],
)
def test_what_cannot_be_issued(own_home: Path, period: str, again: str | None, said: str) -> None:
    frozen(own_home)
    with pytest.raises(AnswerError) as caught:
        issue(own_home, Period.read(period), issued_at=ISSUED_AT, again=again)
    assert said in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert [str(path.relative_to(own_home / "issued")) for path in (own_home / "issued").glob("*/*")] == ["2017-03/1"]


@pytest.mark.parametrize(
    "name", ["rates.csv", "obligations.parquet", "rules.parquet", "holidays.parquet", "deliveries.parquet", "differences.parquet"]
)
def test_a_flipped_byte_is_found_whichever_file_it_is_in(own_home: Path, tmp_path: Path, name: str) -> None:
    edition = frozen(own_home)
    path = edition.folder / name
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    for asked in (
        lambda: editions(own_home),
        lambda: load_issued(tmp_path / "w.duckdb", own_home),
        lambda: frozen(own_home),
        lambda: list_issued(own_home),
    ):
        with pytest.raises(StatementAltered, match=rf"2017-03/1: not as it was issued \({name}\); restore it from a backup"):
            asked()


def test_a_statement_that_was_rewritten_or_lost_its_forerunner_is_found(own_home: Path) -> None:
    edition = frozen(own_home)
    path = edition.folder / "statement.json"
    path.chmod(0o644)
    told = json.loads(path.read_text(encoding="utf-8"))
    # Another number of the same folder, and a chain whose first link is gone.
    path.write_text(json.dumps(told | {"edition": 2}), encoding="utf-8")
    with pytest.raises(StatementAltered, match=r"statement\.json"):
        editions(own_home)
    path.write_text(json.dumps(told | {"edition": 2, "previous": "0" * 64}), encoding="utf-8")
    edition.folder.rename(edition.folder.with_name("2"))
    with pytest.raises(StatementAltered, match="does not follow the edition before it"):
        editions(own_home)


def test_the_warehouse_takes_every_edition_once(own_home: Path, tmp_path: Path) -> None:
    warehouse = tmp_path / "w.duckdb"
    assert load_issued(warehouse, own_home) == ""
    frozen(own_home)
    first = load_issued(warehouse, own_home)
    assert first == load_issued(warehouse, own_home) != ""
    frozen(own_home, Period.read("2017Q2"))
    assert load_issued(warehouse, own_home) != first
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        statements = connection.execute("SELECT period, edition, obligations, is_current FROM meta.issued_statements ORDER BY 1").fetchall()
        counted = connection.execute("SELECT period, count(*) FROM meta.issued_obligations GROUP BY 1 ORDER BY 1").fetchall()
    assert [(period, obligations) for period, _, obligations, _ in statements] == counted
    assert [period for period, *_ in statements] == ["2017-03", "2017Q2"]


def test_listing_and_comparing_before_anything_changed(own_home: Path) -> None:
    assert list_issued(own_home) == ["尚未发布任何期间。 No period was issued yet."]
    with pytest.raises(AnswerError, match=r"2017-03 was not issued; there are no statements: `gongkai issue --period 2017-03` issues it"):
        differences(own_home, MARCH)
    frozen(own_home)
    assert list_issued(own_home)[1].split() == ["2017-03", "1", "2018-01-26", "2018-01-25", f"{editions(own_home)[0].content['obligations']:,}", "—"]
    assert differences(own_home, MARCH)[1].endswith("nothing differs.")
    with pytest.raises(AnswerError, match="has no edition 2; there are 1"):
        differences(own_home, MARCH, 2)
