"""The parts of a page that list: what falls due, the worst misses, the data quality, the rules. They belong to the page of all periods, but for the rules."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import polars as pl

from dashboards.addresses import anchor
from dashboards.labels import Language, label, section
from dashboards.parts import Coded, Listing, Section, Table, View
from dashboards.published import published_text
from dashboards.rates import NOT_APPLICABLE
from dashboards.reasons import check_meaning, check_name, unread_text
from dashboards.rules import rule_name, rules_table
from dashboards.snapshot import DELIVERY_ROWS, DUE_SOON_DAYS
from quality.desk.naming import dataset_label


def due_soon(view: View) -> Section | None:
    """Open duties that fall due within DUE_SOON_DAYS after the cut-off, with those due on it."""
    if view.year is not None:
        return None
    snapshot, language = view.snapshot, view.language
    first = snapshot.as_of or date.min
    span = {"first": first, "last": first + timedelta(days=DUE_SOON_DAYS)}
    rows = snapshot.due_soon
    if rows.is_empty():
        listing = Listing("due-soon", "", label("page.due_soon_none", language, **span), None)
    else:
        note = label("page.due_soon_note", language, **span, total=f"{snapshot.due_soon_total:,}", shown=rows.height)
        shown = shown_obligations(rows, language).select("due_at", "title", "region", "transaction_type", "rule", "clause", "source")
        headings = [label(f"column.{name}", language) for name in shown.columns]
        listing = Listing("due-soon", "", note, Table(headings, shown.rows(), unbroken=frozenset({0}), links=_to_records(view, rows, 1)))
    return Section("due-soon", label("page.due_soon", language), listings=[listing])


def worst(view: View) -> Section | None:
    """The duties missed by most days, down to file and row."""
    if view.year is not None:
        return None
    snapshot, language = view.snapshot, view.language
    rows = snapshot.worst
    if rows.is_empty():
        listing = Listing("worst", "", label("page.worst_none", language), None)
    else:
        note = label("page.worst_note", language, total=f"{snapshot.worst_total:,}", shown=rows.height)
        shown = shown_obligations(rows, language).select(
            "title",
            "region",
            "rule",
            "clause",
            "missed_reason",
            "due_at",
            "fulfilled_at",
            pl.col("days_late").cast(pl.String).fill_null(NOT_APPLICABLE),
            "source",
        )
        headings = [label(f"column.{name}", language) for name in shown.columns]
        listing = Listing("worst", "", note, Table(headings, shown.rows(), frozenset({7}), frozenset({5, 6}), _to_records(view, rows, 0)))
    return Section("worst", label("page.worst", language), listings=[listing])


def _to_records(view: View, rows: pl.DataFrame, column: int) -> dict[tuple[int, int], str]:
    """The ways of a column from each obligation to its page."""
    return {(row, column): record for row, identity in enumerate(rows["obligation_id"]) if (record := view.addresses.record(identity))}


def shown_obligations(rows: pl.DataFrame, language: Language) -> pl.DataFrame:
    """Rows of `snapshot.read_obligations` as they are read: words for codes, `rule` with its mark, `source` with file and row of both events."""
    return rows.with_columns(
        pl.col("transaction_type").replace(section("transaction_type", language)),
        rule_name(language).alias("rule"),
        pl.col("clause", "due_at", "fulfilled_at").fill_null(NOT_APPLICABLE),
        pl.col("missed_reason").replace(section("missed_reason", language)).fill_null(NOT_APPLICABLE),
        place("trigger", language).alias("source"),
    ).with_columns(
        pl.when(pl.col("duty_file").is_null())
        .then("source")
        .otherwise(
            pl.format(
                "{}{}{} {}",
                "source",
                pl.lit(label("punctuation.apart", language)),
                pl.lit(label("page.duty_record", language)),
                place("duty", language),
            )
        )
        .alias("source")
    )


def place(record: str, language: Language) -> pl.Expr:
    """File and row of a record, out of the columns `<record>_file` and `<record>_row`."""
    row = label("page.row", language, row="{}")
    return pl.format("{} " + row, pl.col(f"{record}_file"), pl.col(f"{record}_row")).fill_null(NOT_APPLICABLE)


def quality(view: View) -> Section | None:
    """The ledger with what was quarantined and why, and the checks that failed."""
    if view.year is not None:
        return None
    snapshot, language = view.snapshot, view.language
    ledger = snapshot.ledger
    balances = ledger["received"] == ledger["loaded"] + ledger["quarantined"] + ledger["duplicate"]
    sums = label("page.quarantine_note", language, **{name: f"{count:,}" for name, count in ledger.items()})
    unread = snapshot.quarantine.select("rule", "reason")
    missing = label("page.quarantine_none", language) if snapshot.quarantine.is_empty() else ""
    quarantine = Listing(
        "quarantine",
        label("page.quarantine", language),
        " ".join(filter(None, [sums, missing, "" if balances else label("page.quarantine_off", language)])),
        _table(
            snapshot.quarantine.with_columns(reason=pl.Series([unread_text(rule, said, language) for rule, said in unread.rows()], dtype=pl.String)),
            {"dataset": "dataset", "rule": "check_rule", "reason": "reason", "files": "files", "lines": "lines"},
            language,
        ),
        is_alarming=not balances,
    )
    note = label("page.checks_note", language, total=f"{snapshot.checks_total:,}", failed=f"{snapshot.checks_failed:,}")
    told = snapshot.checks.with_columns(
        pl.col("dimension").replace(section("quality", language)),
        meaning=pl.Series(
            [check_meaning(check, dataset, language) for check, dataset in snapshot.checks.select("check_id", "dataset").rows()], dtype=pl.String
        ),
    )
    columns = {
        "check_id": "check",
        "meaning": "finding",
        "dataset": "dataset",
        "dimension": "dimension",
        "evaluated": "evaluated",
        "unexpected": "unexpected",
    }
    table = _table(told, columns, language)
    if table:
        names = [Coded(check_name(check, dataset, language), check) for check, dataset in told.select("check_id", "dataset").rows()]
        table = replace(table, rows=[(name, *row[1:]) for name, row in zip(names, table.rows, strict=True)])
    checks = Listing(
        "checks",
        label("page.checks", language),
        note if snapshot.checks_total else label("page.checks_none", language),
        table,
        is_alarming=not snapshot.checks_total,
    )
    return Section("quality", label("page.quality", language), listings=[quarantine, checks])


def deliveries(view: View) -> Section | None:
    """Every delivered file with its digest: where a row number leads."""
    rows, language = view.snapshot.deliveries, view.language
    if rows.is_empty():
        return None
    states = section("delivery_status", language)
    told = [
        states.get(status, status) + (label("punctuation.follows", language) + unread_text(rule, said, language) if rule else "")
        for status, rule, said in rows.select("status", "rule", "reason").rows()
    ]
    shown = rows.select(
        "delivery_number",
        "file",
        "dataset",
        pl.Series("state", told, dtype=pl.String),
        "sha256",
        "rows_received",
        "rows_loaded",
        "rows_quarantined",
        "rows_duplicate",
    )
    headings = [label(f"column.{name}", language) for name in shown.columns]
    anchors = [f"delivery-{number}" for number in rows["delivery_number"]]
    lines = [(number, file, _dataset(dataset, language), *others) for number, file, dataset, *others in shown.rows()]
    table = Table(headings, lines, frozenset({0, 5, 6, 7, 8}), anchors=anchors)
    note = label("page.deliveries_note", language, shown=f"{rows.height:,}", most=f"{DELIVERY_ROWS:,}")
    return Section("deliveries", label("page.deliveries", language), listings=[Listing("deliveries", "", note, table)])


def _dataset(name: str, language: Language) -> str | Coded:
    """A data set by its label with its national name beside it; a table of the warehouse, and in English every one, by its name."""
    named = dataset_label(name, language)
    return named if named == name else Coded(named, name)


def formulas(view: View) -> Section:
    """The formulas of the rates in words."""
    listings = [Listing(name, "", label(f"page.{name}", view.language), None) for name in ("formula_rate", "formula_period")]
    return Section("formulas", label("page.formulas", view.language), listings=listings)


def _table(frame: pl.DataFrame, columns: Mapping[str, str], language: Language) -> Table | None:
    """The columns of a frame, data sets among them, under the labels `column.<value>`; None for no rows. Whole numbers are set to the right."""
    if frame.is_empty():
        return None
    shown = frame.select(*columns)
    numeric = frozenset(place for place, type_ in enumerate(shown.dtypes) if type_.is_integer())
    place = shown.columns.index("dataset")
    rows = [(*row[:place], _dataset(row[place], language), *row[place + 1 :]) for row in shown.rows()]
    return Table([label(f"column.{name}", language) for name in columns.values()], rows, numeric)


def report(view: View) -> Section | None:
    """The annual report's figures beside the computed ones; nothing where no report of the sources is known."""
    rows, language = view.snapshot.report, view.language
    if view.year is not None or rows.is_empty():
        return None
    verdicts, reasons = section("report_verdict", language), section("report_reason", language)
    counts = {verdict: f"{rows.filter(pl.col('verdict') == verdict).height:,}" for verdict in verdicts}
    difference = pl.when(pl.col("unit") == "%").then(pl.format(label("amount.points", language, points="{}"), "difference")).otherwise("difference")
    shown = rows.select(
        "phrase",
        (
            pl.col("bound")
            + pl.Series([published_text(value, unit, language) for value, unit in rows.select("published", "unit").rows()], dtype=pl.String)
        ).alias("published"),
        pl.col("computed").fill_null(NOT_APPLICABLE),
        pl.concat_str(
            pl.concat_str(
                pl.col("verdict").replace(verdicts),
                pl.format(label("page.report_difference", language, difference="{}"), difference),
                ignore_nulls=True,
            ),
            pl.col("reason").replace(reasons),
            separator=label("punctuation.follows", language),
            ignore_nulls=True,
        ).alias("verdict"),
    )
    headings = [label(f"column.{name}", language) for name in shown.columns]
    note = label("page.report_note", language, **counts)
    figures = Listing("report", "", note, Table(headings, shown.rows(), frozenset({1, 2})))
    return Section("report", label("page.report", language), listings=[figures, *_identities(view)])


def _identities(view: View) -> list[Listing]:
    """Whether the figures of a report agree with each other."""
    rows, language = view.snapshot.identities, view.language
    if rows.is_empty():
        return []
    words = section("identity_state", language)
    # The sum of the computed parts says more than the sign only where it is another one.
    otherwise = pl.when(pl.col("computed_sum") != pl.col("published_sum")).then(pl.format(words["computed_sum"], "computed_sum"))
    shown = rows.select(
        pl.col("identity").replace(section("identity", language)),
        pl.col("relation").replace(section("identity_relation", language)),
        "published_whole",
        pl.col("published_largest", "published_sum").fill_null(NOT_APPLICABLE),
        pl.concat_str(
            pl.when(pl.col("holds_as_published")).then(pl.lit(words["holds"])).when(~pl.col("holds_as_published")).then(pl.lit(words["contradicts"])).otherwise(pl.lit(words["unknown"])),
            pl.when(pl.col("relation") == "sum").then(otherwise), separator=" ", ignore_nulls=True,
        ).alias("identity_state"),
    )  # fmt: skip
    headings = [label(f"column.{name}", language) for name in shown.columns]
    table = Table(headings, shown.rows(), frozenset({2, 3, 4}))
    return [Listing("identities", label("page.identities", language), label("page.identities_note", language), table)]


def rule_book(view: View) -> Section:
    """Every rule version with its clause, leading to the page of its rule."""
    versions, language = view.snapshot.rule_versions, view.language
    meanings = " · ".join(section("status_meaning", language).values())
    table = None if versions.is_empty() else rules_table(versions, language)
    if table:
        rated = set(view.snapshot.rates["rule_id"])
        anchors = [f"{anchor(rule_id)}-{version}" for rule_id, version in versions.select("rule_id", "version").rows()]
        table = replace(
            table,
            links={(row, 0): view.addresses.rule(rule_id) for row, rule_id in enumerate(versions["rule_id"]) if rule_id in rated},
            anchors=anchors,
        )
    listing = Listing("rules", "", meanings, table)
    return Section("rules", label("page.rules", language), listings=[listing])
