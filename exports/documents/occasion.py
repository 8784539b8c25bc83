"""What a document is made from and for: the published snapshot, the period, and the sources that cover it."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import duckdb

from dashboards.labels import label
from dashboards.snapshot import reading
from exports.answers.asking import named
from exports.answers.period import Period
from exports.documents.errors import DocumentError
from exports.publication import WAREHOUSE, current_snapshot, read_manifest


@dataclass(frozen=True)
class Source:
    """Who delivered, and from when to when what was delivered tells everything. A source that declares no coverage tells what it has records of."""

    source_id: str
    label: str
    region_code: str | None
    covers_from: date
    covers_to: date
    is_declared: bool

    def covers(self, period: Period) -> bool:
        """A declared coverage holds the whole period; an observed one touches it, for the first record is seldom of the first of January."""
        first, last = (period.start, period.end) if self.is_declared else (period.end, period.start)
        return self.covers_from <= first and self.covers_to >= last


@dataclass(frozen=True)
class Occasion:
    """The snapshot as a document reads it. `sources` are those that cover the period; `templates` is where the clerk's own templates are."""

    connection: duckdb.DuckDBPyConnection
    snapshot: Path
    manifest: Mapping[str, Any]
    every_source: tuple[Source, ...]
    period: Period
    templates: Path

    @property
    def as_of(self) -> date:
        return date.fromisoformat(str(self.manifest["as_of"])[:10])

    @property
    def created(self) -> datetime:
        """The date that a document bears inside: that of the snapshot, so that the same one gives the same bytes."""
        return datetime.combine(self.as_of, time())

    @property
    def sources(self) -> tuple[Source, ...]:
        return tuple(source for source in self.every_source if self.covers(source, self.period))

    def covers(self, source: Source, period: Period) -> bool:
        """Whether the source tells the whole of the period, and it has ended."""
        return source.covers(period) and period.end <= self.as_of

    def is_covered(self, period: Period) -> bool:
        """Whether any source tells the whole of the period."""
        return any(self.covers(source, period) for source in self.every_source)

    def compares_with(self, period: Period) -> bool:
        """Whether every source of this period tells the whole of the other one too: a sum over fewer sources is no base."""
        return all(self.covers(source, period) for source in self.sources)

    def of(self, period: Period) -> "Occasion":
        """The same snapshot, another period. Raises DocumentError for one that no source covers."""
        found = replace(self, period=period)
        if not found.sources:
            told = [f"{source.source_id} {source.covers_from} … {min(source.covers_to, self.as_of)}" for source in self.every_source]
            raise DocumentError(f"{period}: not covered by snapshot {self.manifest['snapshot']}; it tells {named(told) or 'of no period'}")
        return found

    def delivering(self, datasets: Iterable[str]) -> tuple[Source, ...]:
        """The sources of the period that deliver any of the data sets. Raises DocumentError when none does."""
        asked = sorted(datasets)
        found = self.connection.execute(
            "SELECT DISTINCT source_id FROM meta.deliveries WHERE status = 'loaded' AND list_contains($datasets, dataset)", {"datasets": asked}
        ).fetchall()
        sources = tuple(source for source in self.sources if (source.source_id,) in found)
        if not sources:
            raise DocumentError(f"{self.period}: no source delivers any of {named(asked)}")
        return sources

    @property
    def unit(self) -> str:
        """Who reports."""
        return "、".join(source.label for source in self.sources)


def made_from(occasion: Occasion) -> str:
    """What every document says at its end: the snapshot that it was made from."""
    return label("annual_report.made_from", snapshot=occasion.manifest["snapshot"], as_of=occasion.as_of)


@contextmanager
def opening(home: Path) -> Iterator[Occasion]:
    """The snapshot that readers of a home see, without a period yet: that of the day it tells of.

    Raises DocumentError when nothing was published, SnapshotError when the snapshot cannot be read.
    """
    snapshot = current_snapshot(home)
    if snapshot is None:
        raise DocumentError(f"{home}: nothing published yet; publish with `gongkai run --home {home}`")
    with reading(snapshot / WAREHOUSE) as connection:
        manifest = read_manifest(snapshot)
        day = date.fromisoformat(str(manifest["as_of"])[:10])
        yield Occasion(connection, snapshot, manifest, _sources(connection), Period("year", day.replace(month=1, day=1)), home / "templates")


def _sources(connection: duckdb.DuckDBPyConnection) -> tuple[Source, ...]:
    found = connection.execute(
        """
        WITH declared AS (
            SELECT source_id, min(covers_from) AS covers_from, max(covers_to) AS covers_to
            FROM meta.deliveries WHERE status = 'loaded' AND covers_from IS NOT NULL AND covers_to IS NOT NULL GROUP BY source_id
        ), observed AS (
            SELECT source_id, min(covers_from) AS covers_from, max(covers_to) AS covers_to
            FROM obligations.coverage WHERE covers_from IS NOT NULL AND covers_to IS NOT NULL GROUP BY source_id
        )
        SELECT source_id, coalesce(nullif(label, ''), source_id), region_code, coalesce(declared.covers_from, observed.covers_from),
               coalesce(declared.covers_to, observed.covers_to), declared.covers_from IS NOT NULL
        FROM meta.sources LEFT JOIN declared USING (source_id) LEFT JOIN observed USING (source_id)
        WHERE coalesce(declared.covers_from, observed.covers_from) IS NOT NULL ORDER BY source_id
        """
    ).fetchall()
    return tuple(Source(*row) for row in found)
