"""What-if: nothing changed flips nothing, a change flips what dbt flips, and the published snapshot stays as it is."""

import csv
import hashlib
import shutil
from pathlib import Path

import duckdb
import pytest
import yaml

from dashboards.snapshot import reading
from exports.answers.asking import AnswerError, asking
from exports.answers.change import Change, checked_threshold, read_change
from exports.answers.judging import CHOICES
from exports.answers.whatif import what_if
from tests.dashboards.snapshot_builder import build_snapshot
from tests.dbt.building import build
from tests.exports.answers.conftest import AS_OF

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).resolve().parents[3]
RULE_BOOK = ROOT / "dbt" / "seeds" / "rule_book.csv"


def flips(home: Path, change: Change, out: Path) -> dict[str, tuple[str, str]]:
    with asking(home) as connection:
        what_if(connection, change, out=out)
    with out.open(encoding="utf-8-sig", newline="") as stream:
        return {row["obligation_id"]: (row["verdict_before"], row["verdict_after"]) for row in csv.DictReader(stream)}


def ask(home: Path, folder: Path, toml: str) -> list[str]:
    (folder / "change.toml").write_text(toml, encoding="utf-8")
    with asking(home) as connection:
        return what_if(connection, read_change(folder / "change.toml"))


def test_the_rule_book_itself_flips_nothing(home: Path, tmp_path: Path, snapshot: duckdb.DuckDBPyConnection) -> None:
    change = read_change(RULE_BOOK)
    assert flips(home, change, tmp_path / "out.csv") == {}
    ((obligations,),) = snapshot.execute("SELECT count(*) FROM marts.obligations").fetchall()
    lines = ask(home, tmp_path, "".join(f'[[rule]]\nrule_id = "{rule["rule_id"]}"\n' for rule in change.rules))
    assert lines[1].startswith(f"{obligations:,} judged again")
    assert lines[1].endswith("0 due dates moved, 0 verdicts flipped.")


def test_a_shorter_limit(home: Path, tmp_path: Path) -> None:
    found = flips(home, Change(rules=[{"rule_id": "P-08", "version": 1, "amount": 1}]), tmp_path / "out.csv")
    assert found["P-08:IN-TIME"] == ("met", "missed")
    assert {number.split(":")[0] for number in found} == {"P-08"}
    assert set(found.values()) <= {("met", "missed"), ("pending", "missed")}


def test_a_day_more_off(home: Path, tmp_path: Path) -> None:
    change = Change(days=[{"day": "2017-10-09", "is_working_day": False}])
    assert flips(home, change, tmp_path / "out.csv")["P-08:LATE"] == ("missed", "met")


def test_a_year_that_gets_its_calendar(home: Path, tmp_path: Path) -> None:
    found = flips(home, Change(days=[{"day": "2003-12-25", "is_working_day": False}]), tmp_path / "out.csv")
    assert found == {"T-10:UNPUBLISHED": ("undecidable", "met")}


def test_a_version_that_no_longer_holds_and_one_that_holds_longer(home: Path, tmp_path: Path) -> None:
    found = flips(home, Change(rules=[{"rule_id": "T-07", "valid_to": "2017-06-30"}]), tmp_path / "out.csv")
    assert found
    assert {after for _, after in found.values()} == {""}, "the duty is gone"


def test_the_summary_counts_what_the_file_lists(home: Path, tmp_path: Path) -> None:
    found = flips(home, Change(rules=[{"rule_id": "T-08", "amount": 4}]), tmp_path / "out.csv")
    lines = ask(home, tmp_path, '[[rule]]\nrule_id = "T-08"\namount = 4\n')
    assert len(found) > 20
    assert lines[1].endswith(f"{len(found)} verdicts flipped.")
    assert sum(int(line.split()[-1]) for line in lines[3 : lines.index("", 3)]) == len(found)
    assert sum(line.startswith("T-08:") for line in lines) == 20


def test_a_threshold_alone(home: Path, tmp_path: Path, snapshot: duckdb.DuckDBPyConnection) -> None:
    lines = ask(home, tmp_path, "threshold = 100\n")
    line = "100 * sum(met + undecidable) >= 98 * sum(due) AND sum(met + undecidable) < sum(due)"
    regions = snapshot.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM marts.timeliness WHERE period_kind = 'year' GROUP BY region_code HAVING {line})"
    ).fetchall()
    assert lines[0].startswith("重判 0 件")
    assert sum("及时率" in told and "✗" in told for told in lines) == regions[0][0] > 0


def test_the_snapshot_stays_as_it_is(home: Path, tmp_path: Path) -> None:
    published = home / "published" / "current" / "warehouse.duckdb"
    before = hashlib.sha256(published.read_bytes()).hexdigest()
    assert flips(home, Change(rules=[{"rule_id": "T-08", "amount": 40}], days=[{"day": "2017-10-09", "is_working_day": False}]), tmp_path / "out.csv")
    assert hashlib.sha256(published.read_bytes()).hexdigest() == before
    assert sorted(path.name for path in published.parent.iterdir()) == ["manifest.json", "warehouse.duckdb"]


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ('[[rule]]\nrule_id = "T-99"', "no rule 'T-99'; there are B-01, C-01, "),
        ('[[rule]]\nrule_id = "T-08"\nammount = 3', "no T-08: column 'ammount'; there are rule_id, version, "),
        ('[[rule]]\nrule_id = "T-08"\nversion = 7', "no T-08: version '7'; there are 1"),
        ('[[rule]]\nrule_id = "T-08"\nkind = "until"', "no T-08: kind 'until'; there are within, at_least, exactly, before"),
        ('[[rule]]\nrule_id = "T-08"\nunit = "week"', "no T-08: unit 'week'; there are calendar_day, working_day, hour, month"),
        ('[[rule]]\nrule_id = "T-08"\nduty_event = "x"', "no T-08: duty_event 'x'; there are asset_listed, asset_listing_ended, "),
        ('[[rule]]\nrule_id = "T-08"\nmeasure = "disclosure"', "no T-08: measure 'disclosure'; there are timeliness"),
        ('[[rule]]\nrule_id = "T-08"\namount = 2.5', "T-08: amount '2.5' is no whole number"),
        ('[[rule]]\nrule_id = "T-08"\namount = -1', "T-08: amount '-1' is no whole number"),
        ('[[rule]]\nrule_id = "T-08"\nvalid_to = "soon"', "T-08: valid_to cannot be 'soon'"),
        ('[[rule]]\nrule_id = "P-08"\nversion = 1\nvalid_to = 2018-01-01', "P-08: two versions would hold on the same day"),
        ("[[rule]]\namount = 3", "a rule without rule_id"),
        ("[[calendar]]\nday = 2017-10-09", "a calendar day has day, is_working_day, name"),
        ('[[calendar]]\nday = "9 October"\nis_working_day = true', "calendar day '9 October'"),
        ("[[rules]]\n", "unknown rules; a what-if has [[rule]]"),
        ("threshold = 101", "threshold '101'"),
        ("rule = 3", "in double brackets"),
        ("[[rule", "cannot be read as TOML"),
    ],
)
def test_what_is_no_change(home: Path, tmp_path: Path, toml: str, said: str) -> None:
    with pytest.raises(AnswerError) as caught:
        ask(home, tmp_path, toml)
    assert said in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_csv_that_is_none(tmp_path: Path) -> None:
    for name, content, said in (
        ("a.csv", "amount\n3\n", "rule_id or day"),
        ("b.csv", "rule_id,amount\nT-08,3,4\n", "line 2"),
        ("c.csv", "", "nothing"),
    ):
        (tmp_path / name).write_text(content, encoding="utf-8")
        with pytest.raises(AnswerError, match=said):
            read_change(tmp_path / name)
    (tmp_path / "d.csv").write_bytes("rule_id,label\nT-08,标段\n".encode("gb18030"))
    with pytest.raises(AnswerError, match="UTF-8"):
        read_change(tmp_path / "d.csv")
    (tmp_path / "days.csv").write_text("\ufeffday,is_working_day\n2017-10-09,false\n", encoding="utf-8")
    assert read_change(tmp_path / "days.csv").days == [{"day": "2017-10-09", "is_working_day": "false"}]


def test_a_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(AnswerError, match=r"nowhere\.toml: No such file or directory; name a file"):
        read_change(tmp_path / "nowhere.toml")


def test_a_snapshot_that_keeps_no_judging_sql(tmp_path: Path) -> None:
    with reading(build_snapshot(tmp_path)) as connection, pytest.raises(AnswerError, match=r"no view reference\.calendar.*gongkai run"):
        what_if(connection, Change())


def test_thresholds() -> None:
    assert checked_threshold(95) == 95
    for wrong in (0, 101, True, 98.5, "98"):
        with pytest.raises(AnswerError, match="whole number"):
            checked_threshold(wrong)


def test_choices_are_those_of_the_rule_book() -> None:
    columns = yaml.safe_load((ROOT / "dbt" / "seeds" / "_rule_book.yml").read_text(encoding="utf-8"))["seeds"][0]["columns"]
    accepted = {
        column["name"]: test["accepted_values"]["arguments"]["values"]
        for column in columns
        for test in column.get("data_tests", [])
        if isinstance(test, dict) and "accepted_values" in test
    }
    for column in ("kind", "unit", "matching"):
        assert set(CHOICES[column]) == set(accepted[column])
    with RULE_BOOK.open(encoding="utf-8", newline="") as stream:
        assert {row["if_earlier"] for row in csv.DictReader(stream)} <= set(CHOICES["if_earlier"])


@pytest.mark.thorough
def test_agrees_with_models_built_on_the_changed_rule_book(home: Path, tmp_path: Path) -> None:
    """Limits, units, kinds and holidays changed in the seeds, and everything built anew by dbt."""
    project, warehouse = tmp_path / "dbt", tmp_path / "warehouse.duckdb"
    shutil.copytree(ROOT / "dbt", project, ignore=shutil.ignore_patterns("target", "logs"))
    changes = [
        {"rule_id": "T-08", "amount": "4"},
        {"rule_id": "P-08", "version": "1", "amount": "1"},
        {"rule_id": "T-10", "amount": "15", "unit": "working_day"},
        {"rule_id": "L-01", "kind": "at_least"},
        {"rule_id": "E-02", "kind": "within", "if_earlier": "undecidable"},
        {"rule_id": "T-07", "rolls_over_holiday": "false"},
    ]
    book = project / "seeds" / "rule_book.csv"
    with book.open(encoding="utf-8", newline="") as stream:
        rules = list(csv.DictReader(stream))
    for change in changes:
        for rule in rules:
            if rule["rule_id"] == change["rule_id"] and change.get("version", rule["version"]) == rule["version"]:
                rule.update(change)
    with book.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rules[0]))
        writer.writeheader()
        writer.writerows(rules)
    with (project / "seeds" / "calendar_exceptions.csv").open("a", encoding="utf-8") as stream:
        stream.write("2017-10-10,false,试算,2017,,2017-01-01,\n2017-06-17,true,试算,2017,,2017-01-01,\n")
    shutil.copy(home / "work" / "warehouse.duckdb", warehouse)
    build(warehouse, tmp_path / "scratch", as_of=AS_OF, project=project)

    days = [{"day": "2017-10-10", "is_working_day": "false"}, {"day": "2017-06-17", "is_working_day": "true"}]
    found = flips(home, Change(rules=changes, days=days), tmp_path / "out.csv")
    verdicts = []
    for file in (home / "work" / "warehouse.duckdb", warehouse):
        with duckdb.connect(str(file), read_only=True) as connection:
            verdicts.append(dict(connection.execute("SELECT obligation_id, verdict FROM marts.obligations").fetchall()))
    assert found == {number: (verdict, verdicts[1][number]) for number, verdict in verdicts[0].items() if verdict != verdicts[1][number]}
    assert {number.split(":")[0] for number in found} >= {"T-08", "P-08", "T-10", "L-01"}
