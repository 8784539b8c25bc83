"""The part of a page on credit: the ledger of bad-behaviour records, the blacklist with entry and exit, the commitments. It belongs to the page of all periods."""

import polars as pl

from dashboards import figures
from dashboards.labels import Language, label, section
from dashboards.parts import Chart, Listing, Section, Table, View
from dashboards.rates import NOT_APPLICABLE
from dashboards.regions import ordered_regions
from dashboards.snapshot import Snapshot

MONTHS = 36
"""Months of commitments that are drawn, the latest."""


def sanctions(view: View) -> Section | None:
    """Point notices by region, commitments by month, the ledger, whom to look at, the blacklist; nothing where none of them was delivered."""
    snapshot = view.snapshot
    if view.year is not None or (snapshot.notices.is_empty() and snapshot.blacklist.is_empty() and snapshot.commitments.is_empty()):
        return None
    charts = [_by_region(snapshot, view.language), _by_month(snapshot, view.language)]
    listings = [_ledger(snapshot, view.language), _look_at(snapshot, view.language), _blacklist(snapshot, view.language)]
    return Section("sanctions", label("sanctions.title", view.language), charts, listings)


def _by_region(snapshot: Snapshot, language: Language) -> Chart:
    rows, effects = ordered_regions(snapshot.notices_by_region), section("effect", language)
    drawn = rows.with_columns(name=pl.col("region"), short=figures.shortened(pl.col("region")))
    headings = [label("column.region", language), *effects.values(), *(label(f"column.{name}", language) for name in ("under_appeal", "notices"))]
    return Chart(
        id="notices-by-region",
        title=label("sanctions.by_region", language),
        note=label("sanctions.by_region_note", language, total=f"{snapshot.notices_total:,}", as_of=snapshot.as_of or NOT_APPLICABLE),
        figure=figures.stacked_counts(drawn, effects).to_json(),
        height=figures.bar_height(rows.height),
        table=Table(headings, rows.select("region", *effects, "under_appeal", "notices").rows(), frozenset(range(1, len(headings)))),
        least_width=figures.least_width(drawn["short"]),
    )


def _by_month(snapshot: Snapshot, language: Language) -> Chart:
    months = snapshot.commitments.tail(MONTHS).select("month", count="commitments")
    return Chart(
        id="commitments-by-month",
        title=label("sanctions.commitments", language),
        note=label("sanctions.commitments_note", language, total=f"{snapshot.commitments['commitments'].sum():,}"),
        figure=figures.month_counts(months, label("sanctions.count", language)).to_json(),
        height=figures.MONTHS_HEIGHT,
        table=Table(
            [label("column.month", language), label("sanctions.count", language)],
            months.select(pl.col("month").dt.strftime("%Y-%m"), "count").rows(),
            frozenset({1}),
        ),
        least_width=340,
    )


def _ledger(snapshot: Snapshot, language: Language) -> Listing:
    appeal = f"（{label('sanctions.under_appeal', language)}）" if language == "zh" else f" ({label('sanctions.under_appeal', language)})"
    statuses = section("status", language)
    shown = snapshot.notices.select(
        "notice_number",
        "body",
        "region",
        pl.col("clause").fill_null(NOT_APPLICABLE),
        pl.col("points").fill_null(NOT_APPLICABLE),
        pl.concat_str(
            pl.when(pl.col("points_differ")).then(pl.lit("≠ ")).otherwise(pl.lit("")), "points_by_table", pl.lit(" "), pl.col("table_status").replace(statuses)
        ).fill_null(NOT_APPLICABLE).alias("points_by_table"),
        pl.col("issued_on").fill_null(NOT_APPLICABLE),
        pl.col("expires_on").fill_null(NOT_APPLICABLE),
        pl.concat_str(
            pl.col("effect").replace_strict(section("effect", language)),
            pl.when(pl.col("is_under_appeal")).then(pl.lit(appeal)).otherwise(pl.lit("")),
        ).alias("effect"),
        pl.col("body_points").fill_null(NOT_APPLICABLE),
    )  # fmt: skip
    note = label("sanctions.ledger_note", language, total=f"{snapshot.notices_total:,}", shown=shown.height)
    return Listing("sanctions-ledger", label("sanctions.ledger", language), note, _table(shown, language, {4, 5, 9}, {0, 6, 7, 8}))


def _look_at(snapshot: Snapshot, language: Language) -> Listing:
    rows = snapshot.bodies_to_look_at
    shown = rows.with_columns(pl.col("last_issued_on", "last_revoked_on").fill_null(NOT_APPLICABLE))
    said = label("sanctions.look_at_none" if rows.is_empty() else "sanctions.look_at_note", language)
    note = " ".join([said, *_threshold(snapshot, language)])
    return Listing("sanctions-look-at", label("sanctions.look_at", language), note, _table(shown, language, {1, 2, 3}, {4, 5}))


def _blacklist(snapshot: Snapshot, language: Language) -> Listing:
    rows, supports = snapshot.blacklist, section("support", language)

    def compared(points: str, is_enough: str) -> pl.Expr:
        state = pl.when(pl.col(is_enough)).then(pl.lit(supports["yes"])).when(~pl.col(is_enough)).then(pl.lit(supports["no"]))
        return pl.concat_str(pl.col(points).fill_null(NOT_APPLICABLE), pl.lit(" "), state.otherwise(pl.lit(supports["unknown"])))

    shown = rows.select(
        "body",
        pl.col("reason").fill_null(NOT_APPLICABLE).alias("listing_reason"),
        pl.col("document_number", "listed_on", "revoked_on").fill_null(NOT_APPLICABLE),
        pl.col("state").replace_strict(section("blacklist_state", language)),
        compared("points_when_listed", "was_supported").alias("points_when_listed"),
        compared("body_points", "is_supported").alias("points_now"),
    )
    said = label("sanctions.blacklist_none" if rows.is_empty() else "sanctions.blacklist_note", language)
    note = " ".join([said, *_threshold(snapshot, language)])
    return Listing("sanctions-blacklist", label("sanctions.blacklist", language), note, _table(shown, language, set(), {3, 4, 5, 6, 7}))


def _threshold(snapshot: Snapshot, language: Language) -> list[str]:
    """The threshold that was applied, in words, and that it is an illustration where it is one."""
    if snapshot.threshold.is_empty():
        return [label("sanctions.no_threshold", language)]
    row = snapshot.threshold.row(0, named=True)
    said = label("sanctions.threshold", language, **row | {"status": label(f"status.{row['status']}", language)})
    return [said, *([label("sanctions.illustration", language)] if row["status"] == "R" else [])]


def _table(shown: pl.DataFrame, language: Language, numeric: set[int], unbroken: set[int]) -> Table | None:
    if shown.is_empty():
        return None
    return Table([label(f"column.{name}", language) for name in shown.columns], shown.rows(), frozenset(numeric), frozenset(unbroken))
