"""Documents written for a period, each file whole, and the index that links every file to the snapshot it tells of."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from exports.answers.period import Period
from exports.documents.document import Document
from exports.documents.errors import DocumentError
from exports.documents.index import entered_digests, update_index
from exports.documents.occasion import Occasion, opening
from exports.placing import put_in_place
from exports.publication import published_folder


@dataclass(frozen=True)
class Written:
    """One file of a document."""

    document: Document
    period: Period
    path: Path


@dataclass(frozen=True)
class Skipped:
    """A document that was not made among others, and why."""

    document: Document
    period: Period
    reason: str


@dataclass(frozen=True)
class Kept:
    """A file that somebody had changed since it was written: it is put aside under this name, and the new one stands in its place."""

    path: Path


Happened = Written | Skipped | Kept


@dataclass(frozen=True)
class Asked:
    """The period asked for; what is left out means all of it, and without a year the last that the snapshot covers."""

    year: int | None = None
    quarter: int | None = None
    month: int | None = None


def write_documents(
    home: Path, documents: Sequence[Document], asked: Asked, out: Path, report: Callable[[Happened], None] = lambda happened: None
) -> list[Written]:
    """Write the documents from the home's published snapshot into the folder, and bring its index up to date.

    Raises DocumentError for a folder inside a snapshot, for a period that the snapshot does not cover, or of which a document is not made; SnapshotError for an unreadable snapshot.
    Of several documents, one that cannot be made is reported as skipped and the others go on.
    """
    if out.resolve().is_relative_to(published_folder(home).resolve()):
        raise DocumentError(f"{out}: what is published is never changed; name another folder with --out")
    with opening(home) as occasion:
        year = asked.year or last_covered_year(occasion)
        alone = len(documents) == 1
        jobs = [(document, period) for document in documents for period in _periods(occasion, document, year, asked, alone=alone)]
        if not jobs:
            raise DocumentError(f"{_words(asked, year)}: none of {', '.join(document.name for document in documents)} is made of that")
        out.mkdir(parents=True, exist_ok=True)
        written: list[Written] = []
        for document, period in jobs:
            try:
                files = _write(occasion, document, period, out, report)
            except DocumentError as error:
                if alone:
                    raise
                report(Skipped(document, period, str(error)))
                continue
            for file in files:
                report(file)
            written += files
        update_index(occasion, out, [(file.document, file.period, file.path) for file in written])
        return written


def last_covered_year(occasion: Occasion) -> int:
    """The last year that any source covers to its end. Raises DocumentError when there is none."""
    for year in range(occasion.as_of.year, occasion.as_of.year - 100, -1):
        if occasion.is_covered(Period.read(str(year))):
            return year
    raise DocumentError(f"snapshot {occasion.manifest['snapshot']} covers no whole year; say which with --year and --month")


def _periods(occasion: Occasion, document: Document, year: int, asked: Asked, *, alone: bool) -> Iterator[Period]:
    """The periods of a year that the document is made for. One that was named must be covered; of those that were not, the covered ones."""
    kind = "month" if asked.month else "quarter" if asked.quarter else None
    if kind and kind not in document.kinds:
        if alone:
            raise DocumentError(f"{document.name} is made of a {' or a '.join(document.kinds)}; leave out --{kind}")
        return
    if kind == "month":
        yield occasion.of(Period.read(f"{year}-{asked.month:02}")).period
    elif kind == "quarter":
        yield occasion.of(Period.read(f"{year}Q{asked.quarter}")).period
    elif document.kinds[0] == "year":
        yield occasion.of(Period.read(str(year))).period
    else:
        texts = [f"{year}-{month:02}" for month in range(1, 13)] if document.kinds[0] == "month" else [f"{year}Q{quarter}" for quarter in range(1, 5)]
        covered = [period for period in map(Period.read, texts) if occasion.is_covered(period)]
        if not covered:
            occasion.of(Period.read(str(year)))
        yield from covered


def _words(asked: Asked, year: int) -> str:
    return f"{year}-{asked.month:02}" if asked.month else f"{year}Q{asked.quarter}" if asked.quarter else str(year)


def _write(occasion: Occasion, document: Document, period: Period, out: Path, report: Callable[[Happened], None]) -> list[Written]:
    # Beside the place where they are to be, so that a rename puts each there whole.
    with tempfile.TemporaryDirectory(prefix=".writing-", dir=out) as beside:
        entered = entered_digests(out)
        files = []
        for path in document.write(occasion.of(period), Path(beside)):
            if kept := put_in_place(path, out / path.name, entered.get(path.name)):
                report(Kept(kept))
            files.append(Written(document, period, out / path.name))
        return files
