"""Corrections leave an issued period alone and are listed with their reasons: each kind by hand, then a random city whose sums are computed here."""

import csv
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from exports.answers.asking import AnswerError, asking
from exports.answers.period import Period
from exports.issued.freezing import issue
from exports.issued.telling import differences
from exports.publication import publish
from quality.audit import run_audit
from quality.checks import all_checks
from sources.definitions import datasets
from sources.issued_statements import editions, load_issued
from sources.loader import load_deliveries
from sources.simulated import simulate_sections
from tests.dbt.building import build, prepared_warehouse
from tests.dbt.test_going_on import _batches, _files, _write

ROOT = Path(__file__).resolve().parents[3]
JANUARY = Period.read("2018-01")
Told = dict[str, dict[str, dict[str, str]]]

# The award letter of T-10 gives 30 days for the contract: of 2017-12-11 until 2018-01-10. P-08 gives two working days.
LETTER = {"AWARD_LETTER_TIME": "20171211100000"}
DETERMINED = {"SUPPLIER_DETERMINED_TIME": "20180108100000"}
FIRST: Told = {
    "CORRECTED": {"EVALUATION_REPORT": LETTER, "CONTRACT_PERFORMANCE": {"CONTRACT_SIGN_TIME": "20180115100000"}},
    "WITHDRAWN": {"EVALUATION_REPORT": LETTER, "CONTRACT_PERFORMANCE": {"CONTRACT_SIGN_TIME": "20180105100000"}},
    "DELIVERED-LATER": {"EVALUATION_REPORT": LETTER},
    "HAPPENED-LATER": {"EVALUATION_REPORT": LETTER},
    "BECAME-DUE": {"EVALUATION_REPORT": {"AWARD_LETTER_TIME": "20180101100000"}},
    "MOVED-AWAY": {"EVALUATION_REPORT": LETTER, "CONTRACT_PERFORMANCE": {"CONTRACT_SIGN_TIME": "20180102100000"}},
    "MOVED-HERE": {
        "EVALUATION_REPORT": {"AWARD_LETTER_TIME": "20171101100000"},
        "CONTRACT_PERFORMANCE": {"CONTRACT_SIGN_TIME": "20171220100000"},
    },
    "OTHER-REGION": {
        "SECTION": {"REGION_CODE": "421281"},
        "EVALUATION_REPORT": LETTER,
        "CONTRACT_PERFORMANCE": {"CONTRACT_SIGN_TIME": "20180103100000"},
    },
    "UNTOUCHED": {"EVALUATION_REPORT": LETTER, "CONTRACT_PERFORMANCE": {"CONTRACT_SIGN_TIME": "20180104100000"}},
    "TWO-DAYS": {"EVALUATION_REPORT": DETERMINED, "BID_DEAL_ANNOUNCE": {"WIN_BID_BULLETIN_START_TIME": "20180110100000"}},
    "AT-EASTER": {
        "EVALUATION_REPORT": {"SUPPLIER_DETERMINED_TIME": "20180116100000"},
        "BID_DEAL_ANNOUNCE": {"WIN_BID_BULLETIN_START_TIME": "20180119100000"},
    },
}
THEN: Told = {
    "CORRECTED": {"CONTRACT_PERFORMANCE": {"CONTRACT_SIGN_TIME": "20180108100000"}},
    "WITHDRAWN": {"CONTRACT_PERFORMANCE": {"CONTRACT_SIGN_TIME": "20180105100000", "DATA_TYPE": "3"}},
    "DELIVERED-LATER": {"CONTRACT_PERFORMANCE": {"CONTRACT_SIGN_TIME": "20180106100000"}},
    "HAPPENED-LATER": {"CONTRACT_PERFORMANCE": {"CONTRACT_SIGN_TIME": "20180210100000"}},
    "MOVED-AWAY": {"EVALUATION_REPORT": {"AWARD_LETTER_TIME": "20171011100000"}},
    "MOVED-HERE": {"EVALUATION_REPORT": LETTER},
    "OTHER-REGION": {"SECTION": {"REGION_CODE": "421222"}},
    "NEW-HERE": {"EVALUATION_REPORT": LETTER, "CONTRACT_PERFORMANCE": {"CONTRACT_SIGN_TIME": "20180103100000"}},
}
# Of T-10 unless the section says otherwise.
EXPECTED = {
    "CORRECTED": ("late", "met", "corrected"),
    "WITHDRAWN": ("met", "absent", "withdrawn"),
    "DELIVERED-LATER": ("absent", "met", "delivered_later"),
    "HAPPENED-LATER": ("absent", "late", "happened_later"),
    "BECAME-DUE": ("pending", "absent", "became_due"),
    "MOVED-AWAY": ("met", None, "corrected"),
    "MOVED-HERE": (None, "met", "corrected"),
    "OTHER-REGION": ("met", "met", "subject_changed"),
    "NEW-HERE": (None, "met", "delivered_later"),
}


def deliver(folder: Path, told: Told, sent: str) -> None:
    folder.mkdir(parents=True)
    rows: dict[str, list[dict[str, str]]] = {}
    for code, records in told.items():
        for name, record in records.items():
            dataset = datasets()[name]
            message = {"DATA_TYPE": "1", "DATA_KEY": f"{name}-{code}", "DATA_TIMESTAMP": sent}
            rows.setdefault(name, []).append({dataset.column(str(dataset.subject)).national: code, **message, **record})
    for name, lines in rows.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, sorted({heading for line in lines for heading in line}), restval="")
            writer.writeheader()
            writer.writerows(lines)
    (folder / "delivery.toml").write_text(
        'source_id = "told"\nlabel = "told by hand"\nregion_code = "421281"\ncovers_from = 2017-01-01\ncovers_to = 2018-03-01\n', encoding="utf-8"
    )


@dataclass
class Office:
    """A home that takes deliveries and publishes; every publication is audited, and its differences must add up."""

    home: Path
    published: int = 0

    def publish(self, as_of: str, *deliveries: Path, project: Path | None = None) -> None:
        warehouse = self.home / "work" / "warehouse.duckdb"
        prepared_warehouse(warehouse)
        for folder in deliveries:
            load_deliveries(warehouse, folder, home=self.home, received_at=datetime(2018, 1, 31, tzinfo=UTC))
        load_issued(warehouse, self.home)
        build(warehouse, self.home / "scratch", as_of=as_of, **({"project": project} if project else {}))
        self.published += 1
        checks = [check for check in all_checks() if check.check_id == "differences_explain_every_change"]
        assert run_audit(warehouse, run_id="run", scratch=self.home / "audit", checks=checks).blocking_failures == []
        manifest = {"as_of": as_of, "known_at": as_of, "state": str(self.published), "fingerprint": "", "run_id": "run", "code_version": ""}
        publish(self.home, warehouse, manifest=manifest, build=lambda folder: None)
        self.adds_up()

    def adds_up(self) -> None:
        """What the statement published, with every difference applied to it, is what the rate marts count: computed here, from the frozen CSV."""
        latest = {edition.period: edition for edition in editions(self.home)}
        with asking(self.home) as connection:
            for period, edition in latest.items():
                counts: Counter[tuple[str, ...]] = Counter()
                with (edition.folder / "rates.csv").open(encoding="utf-8", newline="") as stream:
                    for row in csv.DictReader(stream):
                        for name in ("met", "late", "absent", "too_short", "pending", "undecidable", "exempt"):
                            counts[row["measure"], row["region_code"], row["transaction_type"], row["rule_id"], name] += int(row[name])
                rows = connection.execute(
                    "SELECT measure, region_before, region_after, transaction_type_before, transaction_type_after, rule_id, counted_before, counted_after "
                    "FROM marts.issued_differences WHERE period = ?",
                    [period],
                ).fetchall()
                for measure, region, other_region, kind, other_kind, rule, before, after in rows:
                    if before:
                        counts[measure, region, kind, rule, before] -= 1
                    if after:
                        counts[measure, other_region, other_kind, rule, after] += 1
                now: Counter[tuple[str, ...]] = Counter()
                for measure, mart in (("disclosure", "disclosure_rates"), ("timeliness", "timeliness")):
                    for name in ("met", "late", "absent", "too_short", "pending", "undecidable", "exempt"):
                        for region, kind, rule, count in connection.execute(
                            f"SELECT region_code, transaction_type, rule_id, {name} FROM marts.{mart} WHERE period_kind = ? AND period_start = ?",
                            [edition.content["period_kind"], edition.content["period_start"]],
                        ).fetchall():
                            now[measure, region, kind, rule, name] += count
                assert min(counts.values()) >= 0
                assert +counts == +now, period

    def told(self, period: Period, rule: str) -> dict[str, tuple[str | None, str | None, str]]:
        with asking(self.home) as connection:
            rows = connection.execute(
                "SELECT split_part(obligation_id, ':', 2), counted_before, counted_after, reason FROM marts.issued_differences WHERE period = ? AND rule_id = ?",
                [str(period), rule],
            ).fetchall()
        return {subject: tuple(rest) for subject, *rest in rows}


def issued(office: Office, period: Period, again: str | None = None) -> None:
    issue(office.home, period, issued_at=datetime(2018, 3, 2, tzinfo=UTC), again=again)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    yield Office(tmp_path / "home")


def _changed_project(folder: Path) -> Path:
    """The models with another limit for T-10 and one more day off."""
    project = folder / "dbt"
    shutil.copytree(ROOT / "dbt", project, ignore=shutil.ignore_patterns("target", "logs"))
    book = project / "seeds" / "rule_book.csv"
    with book.open(encoding="utf-8", newline="") as stream:
        rules = list(csv.DictReader(stream))
    for rule in rules:
        if rule["rule_id"] == "T-10":
            rule["amount"] = "20"
    with book.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rules[0]))
        writer.writeheader()
        writer.writerows(rules)
    with (project / "seeds" / "calendar_exceptions.csv").open("a", encoding="utf-8") as stream:
        stream.write("2018-01-17,false,试算,2018,,2017-01-01,\n")
    return project


@pytest.mark.thorough
@pytest.mark.timeout(1200)
def test_each_reason_is_told_and_a_new_edition_starts_from_it(office: Office, tmp_path: Path) -> None:
    deliver(tmp_path / "first", FIRST, "20180120090000")
    deliver(tmp_path / "then", THEN, "20180225090000")
    office.publish("2018-01-31", tmp_path / "first")
    issued(office, JANUARY)
    (first,) = editions(office.home)
    before = {path.name: path.read_bytes() for path in first.folder.iterdir()}

    office.publish("2018-03-01", tmp_path / "then")
    assert office.told(JANUARY, "T-10") == EXPECTED
    assert {path.name: path.read_bytes() for path in first.folder.iterdir()} == before, "an edition is never changed"
    with asking(office.home) as connection:
        rows = connection.execute(
            "SELECT file, correcting_row % 1000000000 FROM marts.issued_differences JOIN meta.deliveries ON delivery_number = correcting_row // 1000000000 "
            "WHERE obligation_id IN ('T-10:CORRECTED', 'T-10:WITHDRAWN') ORDER BY obligation_id"
        ).fetchall()
    assert rows == [("CONTRACT_PERFORMANCE.csv", 2), ("CONTRACT_PERFORMANCE.csv", 3)]
    lines = differences(office.home, JANUARY)
    assert any(
        "T-10:CORRECTED" in line and "逾期 late → 按期 met" in line and "记录更正" in line and "CONTRACT_PERFORMANCE.csv · 2" in line
        for line in lines
    )
    assert any("T-10 订立书面合同〔A〕 Conclusion of the written contract [A]" in line for line in lines)

    with pytest.raises(AnswerError, match="to issue it once more say why"):
        issued(office, JANUARY)
    issued(office, JANUARY, again="合同日期更正")
    second = editions(office.home)[1]
    assert (second.number, second.content["reason"], second.content["previous"]) == (2, "合同日期更正", first.digest)
    assert differences(office.home, JANUARY, 1)[0].endswith("版次 edition 2")
    assert differences(office.home, JANUARY, 1)[1:] == lines[1:], "what edition 2 changed is kept in it"
    with pytest.raises(AnswerError, match="from this very snapshot"):
        issued(office, JANUARY, again="once more")

    # The second edition holds all that; only the rule and the calendar differ from it, in a warehouse that was made anew in another order.
    shutil.rmtree(office.home / "work")
    office.publish("2018-03-01", tmp_path / "then", tmp_path / "first", project=_changed_project(tmp_path))
    told = office.told(JANUARY, "T-10")
    assert told["DELIVERED-LATER"] == ("met", "late", "rule_changed") or told["DELIVERED-LATER"] == ("met", None, "rule_changed")
    assert {reason for *_, reason in told.values()} == {"rule_changed"}
    assert office.told(JANUARY, "P-08") == {"AT-EASTER": ("late", "met", "calendar_changed")}


@pytest.mark.thorough
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", [4])
def test_the_differences_of_a_random_city_add_up(office: Office, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    simulate_sections(80, seed, tmp_path / "city")
    periods = [Period.read(text) for text in ("2017-05", "2017Q2", "2017")]
    folders = []
    for number, batch in enumerate(_batches(chance, _files(tmp_path / "city"), 3)):
        folders.append(tmp_path / "deliveries" / str(number))
        _write(folders[-1], batch)
        shutil.copy(tmp_path / "city" / "delivery.toml", folders[-1])
    office.publish("2017-12-31", folders[0])
    for period in periods:
        issued(office, period)
    office.publish("2018-01-25", folders[1])
    issued(office, periods[0], again="补报")
    office.publish("2018-01-25", folders[2])
    with asking(office.home) as connection:
        reasons = dict(connection.execute("SELECT reason, count(*) FROM marts.issued_differences GROUP BY 1").fetchall())
        compared = dict(connection.execute("SELECT period, any_value(edition) FROM marts.issued_differences GROUP BY 1").fetchall())
    assert compared == {"2017-05": 2, "2017Q2": 1, "2017": 1}
    assert {"corrected", "delivered_later", "withdrawn"} <= set(reasons), reasons
    assert not {"judged_otherwise", "rule_changed", "calendar_changed", "delivery_missing"} & set(reasons), reasons
    # Another day told: everything is compared all the same, and says so.
    office.publish(date(2017, 6, 1).isoformat())
    with asking(office.home) as connection:
        assert connection.execute("SELECT DISTINCT reason FROM marts.issued_differences").fetchall() == [("told_of_an_earlier_day",)]
