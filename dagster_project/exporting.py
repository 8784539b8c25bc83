"""The command that writes documents: from arguments to files, one line each. Light: neither Dagster nor dbt is loaded."""

import sys
from pathlib import Path

from dagster_project.errors import UsageError
from dashboards.snapshot import SnapshotError
from exports.answers.asking import AnswerError, both, table
from exports.documents.catalogue import DOCUMENTS, document
from exports.documents.errors import DocumentError
from exports.documents.writing import Asked, Skipped, Written, write_documents

ALL = "all"


def list_documents() -> int:
    """Every document with what it is and the periods it is made for."""
    rows = [(found.name, found.label, ", ".join(found.kinds)) for found in DOCUMENTS]
    sys.stdout.write("\n".join(table([*rows, (ALL, "以上全部", "year")])) + "\n")
    return 0


def export(home: Path, name: str, out: Path, asked: Asked) -> int:
    """Write a document, or all of them, and print the files as they appear."""
    try:
        write_documents(home, DOCUMENTS if name == ALL else [document(name)], asked, out, _tell)
    except (DocumentError, AnswerError, SnapshotError, OSError) as error:
        raise UsageError(str(error)) from error
    return 0


def _tell(happened: Written | Skipped) -> None:
    if isinstance(happened, Skipped):
        sys.stderr.write(both("documents.skipped", document=happened.document.name, period=happened.period, reason=happened.reason) + "\n")
    else:
        sys.stdout.write(f"{happened.path}\n")
        sys.stdout.flush()
