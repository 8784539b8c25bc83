"""The command that writes documents: from arguments to files, one line each. Light: neither Dagster nor dbt is loaded."""

import sys
from pathlib import Path

from dagster_project.errors import UsageError
from dashboards.labels import section
from dashboards.published import published_text
from dashboards.rates import NOT_APPLICABLE
from dashboards.snapshot import SnapshotError
from exports.answers.asking import AnswerError, both, table
from exports.answers.period import Period
from exports.documents import report_check
from exports.documents.catalogue import DOCUMENTS, document
from exports.documents.errors import DocumentError
from exports.documents.figures import plain_number
from exports.documents.occasion import opening
from exports.documents.writing import Asked, Happened, Kept, Skipped, write_documents

ALL = "all"


def list_documents() -> int:
    """Every document with what it is and the periods it is made for."""
    rows = [(found.name, found.label(), ", ".join(found.kinds)) for found in DOCUMENTS]
    sys.stdout.write("\n".join(table([*rows, (ALL, "以上全部", "year")])) + "\n")
    return 0


def export(home: Path, name: str, out: Path, asked: Asked) -> int:
    """Write a document, or all of them, and print the files as they appear."""
    try:
        write_documents(home, DOCUMENTS if name == ALL else [document(name)], asked, out, _tell)
    except (DocumentError, AnswerError, SnapshotError) as error:
        raise UsageError(str(error)) from error
    return 0


def _tell(happened: Happened) -> None:
    if isinstance(happened, Skipped):
        sys.stderr.write(both("documents.skipped", document=happened.document.name, period=happened.period, reason=happened.reason) + "\n")
    elif isinstance(happened, Kept):
        sys.stderr.write(both("documents.kept", file=happened.path.name) + "\n")
    else:
        sys.stdout.write(f"{happened.path}\n")
        sys.stdout.flush()


def check_report(home: Path, file: Path, year: int, source_id: str | None) -> int:
    """Hold a report against the records, a line a figure; 3 when one differs."""
    try:
        with opening(home) as occasion:
            checked = report_check.check_report(occasion.of(Period.read(str(year))), file, source_id)
    except (DocumentError, AnswerError, SnapshotError, OSError) as error:
        raise UsageError(str(error)) from error
    rows = [[both(f"column.{name}") for name in ("phrase", "published", "computed", "verdict")], *map(checked_line, checked)]
    sys.stdout.write("\n".join(table(rows, frozenset({1, 2}))) + "\n")
    verdicts = report_check.counted(checked)
    sys.stdout.write("、".join(f"{both(f'report_verdict.{name}')} {verdicts[name]}" for name in section("report_verdict")) + "\n")
    return 3 if verdicts["differs"] else 0


def checked_line(one: report_check.Checked) -> tuple[str, str, str, str]:
    """The words of the report, what it says as the ledger page has it too, what the records give, and the verdict."""
    value, unit = one.published.value, one.published.unit
    printed = f"{'' if one.published.operator == '=' else one.published.operator + ' '}{published_text(value, unit, 'zh') if unit else value}"
    computed = NOT_APPLICABLE if one.computed is None else plain_number(one.computed)
    said = both(f"report_verdict.{one.verdict}")
    if one.verdict == "differs" and one.difference is not None:
        said += f" {'+' if one.difference > 0 else ''}{plain_number(one.difference)}"
    if one.reason:
        said += f"：{both(f'report_reason.{one.reason}')}"
    return one.published.phrase or one.published.indicator, printed, computed, said
