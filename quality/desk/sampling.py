"""Samples that people check against the originals: drawn by county with a recorded seed, the results in the log, the estimate with its exact interval.

A drawing and a result are entries of the log (``kind`` sample and sample_result). ``quality.samples`` has a row for each sample and region, and one
for the sample as a whole (region_code null).
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, get_args

import duckdb

from quality.desk.acting import masked_texts
from quality.desk.errors import DeskUsageError
from quality.desk.lifecycle import Actor
from quality.desk.log import DeskLog, Entry, Tail
from quality.region_checks import readable_region
from quality.shares import exact_interval
from quality.thresholds import thresholds
from sources.definitions import Dataset, datasets
from sources.masking import HIDDEN, masked
from sources.warehouse import ROWS_PER_DELIVERY

Outcome = Literal["right", "wrong", "unclear"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
LARGEST = 2000
#: The share that the accuracy of a sample is held against: 98 of 100.
_KEPT, _OF = 98, 100
_COLUMNS = """sample_id VARCHAR, dataset VARCHAR, drawn_on DATE, seed BIGINT, drawn_by VARCHAR, region_code VARCHAR, population BIGINT, drawn BIGINT, checked BIGINT,
    wrong BIGINT, unclear BIGINT, accuracy DOUBLE, accuracy_low DOUBLE, accuracy_high DOUBLE, meets BOOLEAN"""


@dataclass(frozen=True)
class Sample:
    """A drawn sample. ``strata``: by region (empty text: unknown) how many records there are and which were drawn, by record_key in decimal."""

    sample_id: str
    dataset: str
    seed: int
    as_of: date
    strata: Mapping[str, tuple[int, Sequence[str]]]
    drawn_by: str = ""

    @property
    def keys(self) -> list[str]:
        """Every drawn record."""
        return [key for _, keys in self.strata.values() for key in keys]


def draw(connection: duckdb.DuckDBPyConnection, dataset: Dataset, size: int, seed: int, as_of: date, *, schema: str = "snapshot.") -> Sample:
    """Draw current records of a data set: of each region in proportion to what it has, at least one, the same ones for the same seed.

    Within a region records are ordered by the SHA-256 of seed and record_key, and the first are taken: every record is as likely as any other, whatever its place.
    Raises DeskUsageError for a size that is none or a data set without records.
    """
    if not 1 <= size <= LARGEST:
        raise DeskUsageError(
            f"a sample of {size:,} records cannot be checked by hand; say 1 to {LARGEST:,}", "sample_size", value=size, most=f"{LARGEST:,}"
        )
    records = current_records(dataset, schema)
    counted = connection.execute(f"SELECT region, count(*) FROM ({records}) GROUP BY region ORDER BY region").fetchall()
    if not counted:
        raise DeskUsageError(f"{dataset.name}: no record to draw from", "nothing_to_draw", value=dataset.name)
    shares = allotted(dict(counted), size)
    strata: dict[str, tuple[int, Sequence[str]]] = {}
    for region, count in counted:
        keys = connection.execute(
            f"SELECT record_key FROM ({records}) WHERE region = $1 ORDER BY sha256($2::VARCHAR || ' ' || record_key), record_key LIMIT $3",
            [region, seed, shares[region]],
        ).fetchall()
        strata[region] = (count, [key for (key,) in keys])
    drawn = Sample("", dataset.name, seed, as_of, strata)
    digest = hashlib.sha256("|".join([dataset.name, str(seed), as_of.isoformat(), *drawn.keys]).encode()).hexdigest()[:10]
    return Sample(digest, dataset.name, seed, as_of, strata)


def current_records(dataset: Dataset, schema: str) -> str:
    """SELECT of the current records of a data set: region (empty: unknown), record_key in decimal, source_row."""
    region = "r.region_code" if any(column.name == "region_code" for column in dataset.columns) else "NULL::VARCHAR"
    superseded = f"SELECT row_hash FROM {schema}staging.superseded_rows WHERE table_name = '{dataset.table}'"
    return f"""SELECT coalesce({readable_region(region, "s.region_code")}, '') AS region, r.record_key::VARCHAR AS record_key, r.source_row
        FROM {schema}raw.{dataset.table} AS r LEFT JOIN {schema}meta.deliveries AS d ON r.source_row // {ROWS_PER_DELIVERY} = d.delivery_number
        LEFT JOIN {schema}meta.sources AS s ON d.source_id = s.source_id
        WHERE NOT r.is_withdrawn AND r.row_hash NOT IN ({superseded})"""


def allotted(population: Mapping[str, int], size: int) -> dict[str, int]:
    """How many each region gives: in proportion (largest remainders first), at least one, at most what it has."""
    total = sum(population.values())
    wanted = min(size, total)
    exact = {region: wanted * count / total for region, count in population.items()}
    given = {region: max(1, int(share)) for region, share in exact.items()}
    for region in sorted(population, key=lambda one: (-(exact[one] - int(exact[one])), one)):
        if sum(given.values()) < wanted and given[region] < population[region]:
            given[region] += 1
    return given


def drawn_rows(connection: duckdb.DuckDBPyConnection, sample: Sample, *, schema: str = "snapshot.") -> list[tuple[str, str, list[str]]]:
    """Region, record_key and values (by the definition's columns, personal data masked) of the drawn records, by region and key."""
    dataset = datasets()[sample.dataset]
    values = ", ".join(
        f"CASE WHEN r.\"{column.name}\" IS NOT NULL THEN '{HIDDEN}' END" if column.personal else f'r."{column.name}"::VARCHAR'
        for column in dataset.columns
    )
    rows = connection.execute(
        f"""SELECT c.region, c.record_key, list_transform([{values}], lambda value: {masked("value")})
        FROM ({current_records(dataset, schema)}) AS c JOIN {schema}raw.{dataset.table} AS r ON c.source_row = r.source_row
        WHERE c.record_key IN (SELECT unnest($1::VARCHAR[])) ORDER BY 1, 2""",
        [sample.keys],
    ).fetchall()
    return [(region, key, ["" if value is None else value for value in cells]) for region, key, cells in rows]


def enter_sample(log: DeskLog, sample: Sample, actor: Actor, acted_at: datetime) -> None:
    """Enter a drawing in the log; the same drawing is entered once."""
    content = {
        "kind": "sample", "sample_id": sample.sample_id, "dataset": sample.dataset, "seed": sample.seed, "as_of": sample.as_of.isoformat(),
        "acted_at": acted_at.isoformat(timespec="seconds"), "actor": masked_texts([actor.name])[0], "actor_role": actor.role,
        "strata": {region: [count, list(keys)] for region, (count, keys) in sample.strata.items()},
    }  # fmt: skip

    def once(_: Tail) -> list[dict[str, Any]]:
        return [] if sample.sample_id in samples(log.entries()) else [content]

    log.append(once)


def enter_results(log: DeskLog, sample_id: str, outcomes: Mapping[str, Outcome], actor: Actor, acted_at: datetime, as_of: date) -> None:
    """Enter what was found of drawn records; what was said of one before is replaced."""
    log.append(
        lambda _: [
            {
                "kind": "sample_result",
                "sample_id": sample_id,
                "as_of": as_of.isoformat(),
                "acted_at": acted_at.isoformat(timespec="seconds"),
                "actor": masked_texts([actor.name])[0],
                "actor_role": actor.role,
                "outcomes": dict(outcomes),
            }
        ]
    )


def samples(entries: Iterable[Entry]) -> dict[str, Sample]:
    """The drawn samples of a log by id."""
    found = {}
    for entry in entries:
        said = entry.content
        if said["kind"] == "sample":
            strata = {region: (int(count), list(keys)) for region, (count, keys) in said["strata"].items()}
            found[said["sample_id"]] = Sample(
                said["sample_id"], said["dataset"], int(said["seed"]), date.fromisoformat(said["as_of"]), strata, said["actor"]
            )
    return found


def estimates(entries: Sequence[Entry], as_of: date) -> list[tuple[Any, ...]]:
    """The rows of ``quality.samples`` up to a day."""
    known = [entry for entry in entries if date.fromisoformat(entry.content["as_of"]) <= as_of]
    results: dict[str, dict[str, Outcome]] = {}
    for entry in known:
        if entry.content["kind"] == "sample_result":
            results.setdefault(entry.content["sample_id"], {}).update(entry.content["outcomes"])
    rows = []
    for sample in samples(known).values():
        outcomes = results.get(sample.sample_id, {})
        parts: list[tuple[str | None, int, Sequence[str]]] = [(region or None, count, keys) for region, (count, keys) in sample.strata.items()]
        for region, population, keys in [*parts, (None, sum(count for count, _ in sample.strata.values()), sample.keys)]:
            rows.append(
                (sample.sample_id, sample.dataset, sample.as_of, sample.seed, sample.drawn_by, region, population, *_estimate(keys, outcomes))
            )
    return rows


def _estimate(keys: Sequence[str], outcomes: Mapping[str, Outcome]) -> tuple[Any, ...]:
    counted = Counter(outcomes[key] for key in keys if key in outcomes)
    judged = counted["right"] + counted["wrong"]
    if not judged:
        return (len(keys), 0, 0, counted["unclear"], None, None, None, None)
    low, high = exact_interval(counted["right"], judged, thresholds().confidence_percent)
    meets = True if low * _OF >= _KEPT else False if high * _OF < _KEPT else None
    return (len(keys), judged, counted["wrong"], counted["unclear"], counted["right"] / judged, low, high, meets)


def write_samples(connection: duckdb.DuckDBPyConnection, log: DeskLog, as_of: date, until: int) -> None:
    """Make ``quality.samples`` from the log up to entry ``until``."""
    connection.execute(f"CREATE OR REPLACE TABLE quality.samples ({_COLUMNS})")
    entries = [entry for entry in log.entries() if entry.number <= until and entry.content["kind"].startswith("sample")]
    if rows := estimates(entries, as_of):
        connection.executemany(f"INSERT INTO quality.samples VALUES ({', '.join('?' * len(rows[0]))})", rows)
