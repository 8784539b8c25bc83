"""Issuing a period's statement: what the published snapshot says of it is frozen in `HOME/issued`, whole or not at all, and never written over."""

import json
import os
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from exports.answers.asking import AnswerError, asking, plain
from exports.answers.period import Period
from exports.publication import current_snapshot, make_durable, read_manifest
from sources.issued_statements import STATEMENT, Edition, digest_of, editions, issued_folder
from sources.warehouse import ROWS_PER_DELIVERY

_FILES = {
    # What was published, for a reader; the counts and bounds are those of the marts.
    "rates.csv": """
        SELECT period_kind, period_start, measure, region_code, regions.name AS region, transaction_type, rule_id, due, met, missed, late, absent, too_short,
            pending, undecidable, exempt, rate, rate_low, rate_high
        FROM (SELECT 'disclosure' AS measure, * FROM marts.disclosure_rates UNION ALL SELECT 'timeliness', * FROM marts.timeliness)
        LEFT JOIN marts.regions AS regions USING (region_code)
        WHERE period_kind = $kind AND period_start = $start
        ORDER BY measure, region_code, transaction_type, rule_id""",
    # Every obligation that was counted, with the records it was judged by: a delivery and a row name a record in any warehouse.
    "obligations.parquet": f"""
        SELECT o.obligation_id, o.rule_id, o.rule_version, o.measure, o.transaction_type, o.region_code, o.subject_type, o.subject_id, o.subject_title,
            o.triggered_at, o.due_on, o.fulfilled_at, o.verdict, o.missed_reason, o.undecidable_reason,
            trigger_file.delivery_id AS trigger_delivery_id, trigger_file.file AS trigger_file, o.trigger_source_row % {ROWS_PER_DELIVERY} AS trigger_row,
            duty_file.delivery_id AS duty_delivery_id, duty_file.file AS duty_file, o.duty_source_row % {ROWS_PER_DELIVERY} AS duty_row
        FROM marts.obligations AS o
        LEFT JOIN meta.deliveries AS trigger_file ON trigger_file.delivery_number = o.trigger_source_row // {ROWS_PER_DELIVERY}
        LEFT JOIN meta.deliveries AS duty_file ON duty_file.delivery_number = o.duty_source_row // {ROWS_PER_DELIVERY}
        WHERE o.fell_due_on BETWEEN $start AND $end
        ORDER BY o.obligation_id""",
    "rules.parquet": "SELECT * FROM marts.rules ORDER BY rule_id, version",
    "holidays.parquet": "SELECT day, is_working_day, name FROM reference.calendar_exceptions WHERE valid_to IS NULL ORDER BY day",
    "deliveries.parquet": "SELECT delivery_id, source_id, dataset, file, sha256 FROM meta.deliveries ORDER BY delivery_id",
    # Against the edition before, as the snapshot tells it; empty in the first.
    "differences.parquet": "SELECT * FROM marts.issued_differences WHERE period = $period ORDER BY obligation_id",
}


def issue(home: Path, period: Period, *, issued_at: datetime, again: str | None = None) -> Edition:
    """Freeze the published snapshot's numbers of a period as its next edition; `again` is the reason for issuing it once more.

    Raises AnswerError for a period that is not over, that nothing fell due in, that was issued and is not asked for again, or that cannot have changed;
    StatementAltered when what was issued before is not as it was.
    """
    with asking(home) as connection:
        snapshot = current_snapshot(home)
        assert snapshot is not None, "asking found one"
        manifest = read_manifest(snapshot)
        before = [edition for edition in editions(home) if edition.period == str(period)]
        _refuse(period, manifest, before, again)
        if before:
            _must_carry(connection, before[-1])
        names = {"$kind": period.kind, "$start": period.start, "$end": period.end, "$period": str(period)}
        content = {
            "period": str(period),
            "period_kind": period.kind,
            "period_start": period.start.isoformat(),
            "period_end": period.end.isoformat(),
            "edition": len(before) + 1,
            "issued_at": issued_at.isoformat(timespec="seconds"),
            "reason": again,
            **{name: manifest.get(name) for name in ("snapshot", "as_of", "known_at", "run_id", "code_version")},
            "previous": before[-1].digest if before else None,
        }
        return _write(home, connection, content, names)


def _refuse(period: Period, manifest: dict[str, Any], before: list[Edition], again: str | None) -> None:
    if period.end.isoformat() > manifest["as_of"]:
        raise AnswerError(f"{period} lasts until {period.end}, and the snapshot tells {manifest['as_of']}; issue it from a later one")
    if before and again is None:
        last = before[-1].content
        raise AnswerError(
            f"{period} was issued on {last['issued_at'][:10]} (edition {last['edition']}); to issue it once more say why: --again REASON"
        )
    if again is not None and not before:
        raise AnswerError(f"{period} was not issued yet; leave out --again")
    if again is not None and not plain(again).strip():
        raise AnswerError("--again without a reason; say why the period is issued once more")
    if before and before[-1].content["snapshot"] == manifest["snapshot"]:
        raise AnswerError(
            f"{period}: edition {before[-1].number} was issued from this very snapshot ({manifest['snapshot']}); nothing can have changed"
        )


def _must_carry(connection: duckdb.DuckDBPyConnection, last: Edition) -> None:
    """A snapshot that does not know the last edition cannot say what changed since."""
    known = connection.execute("SELECT 1 FROM marts.issued_statements WHERE digest = ?", [last.digest]).fetchall()
    if not known:
        raise AnswerError(f"the snapshot does not compare with edition {last.number} of {last.period} yet; publish with `gongkai run` first")


def _write(home: Path, connection: duckdb.DuckDBPyConnection, content: dict[str, Any], names: dict[str, object]) -> Edition:
    folder = issued_folder(home) / str(content["period"]) / str(content["edition"])
    building = folder.with_name(f".building-{folder.name}-{os.getpid()}")
    building.mkdir(parents=True)
    try:
        for name, sql in _FILES.items():
            used = {key[1:]: value for key, value in names.items() if key in sql}
            how = "FORMAT CSV, HEADER" if name.endswith(".csv") else "FORMAT PARQUET, COMPRESSION ZSTD"
            connection.execute(f"COPY ({sql}) TO '{str(building / name).replace(chr(39), chr(39) * 2)}' ({how})", used)
        content["obligations"] = _obligations(building, str(content["period"]))
        content["files"] = {name: digest_of(building / name) for name in _FILES}
        (building / STATEMENT).write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        for path in building.iterdir():
            path.chmod(0o444)
        make_durable(building)
        # A folder that is there already is not empty: the system refuses to put another in its place.
        building.rename(folder)
    except OSError as error:
        raise AnswerError(f"{folder}: cannot be written ({error.strerror}); was it issued meanwhile?") from error
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return Edition(folder, digest_of(folder / STATEMENT), content)


def _obligations(building: Path, period: str) -> int:
    """How many obligations were frozen. The rates beside them count the same ones, or the snapshot contradicts itself."""
    ((frozen,),) = duckdb.execute("SELECT count(*) FROM read_parquet(?)", [str(building / "obligations.parquet")]).fetchall()
    ((counted,),) = duckdb.execute(
        "SELECT coalesce(sum(due::BIGINT + pending::BIGINT + exempt::BIGINT), 0) FROM read_csv(?, all_varchar = true)", [str(building / "rates.csv")]
    ).fetchall()
    if frozen != counted:
        raise AnswerError(f"{period}: the rates count {counted:,} obligations, and {frozen:,} fell due; publish again with `gongkai run`")
    if not frozen:
        raise AnswerError(f"{period}: nothing fell due in it")
    return int(frozen)
