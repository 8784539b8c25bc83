"""The parts of a page on channels, intermediaries and the registers of an office. What no source delivers is left out."""

import polars as pl

from dashboards import figures
from dashboards.labels import Language, label, section
from dashboards.listed import in_words
from dashboards.parts import Chart, Listing, Section, Table, View
from dashboards.rates import NOT_APPLICABLE, totals
from dashboards.registers import LISTED_ROWS
from dashboards.rules import rule_name

_DECISIONS = ("proactive", "on_request", "withheld", "undecided")


def channels(view: View) -> Section | None:
    """The rate of disclosure by kind of transaction and channel, and what is missing on which; only where a region requires channels."""
    told, language = view.snapshot.registers, view.language
    rates = _of_the_year(told.channel_rates, view)
    if rates.is_empty():
        return None
    kinds = section("transaction_type", language)
    named = totals(rates, "transaction_type", "channel").with_columns(
        name=pl.format("{} · {}", pl.col("transaction_type").replace(kinds), "channel"),
        order=pl.col("transaction_type").replace_strict(list(kinds), range(len(kinds)), default=len(kinds)),
    )
    drawn = named.with_columns(short=figures.shortened(pl.col("name"))).sort("order", "channel")
    counts = ("due", "met", "missed", "late", "absent", "pending", "undecidable")
    words = {name: label(f"disclosure.{name}", language) for name in ("due", "met", "missed")}
    headings = [
        *(label(f"column.{name}", language) for name in ("transaction_type", "channel")),
        *(words.get(name) or label(f"column.{name}", language) for name in counts),
        label("disclosure.rate", language),
    ]
    whole = totals(rates).row(0, named=True)
    chart = Chart(
        id="channel-rates",
        title=label("channels.by_kind", language),
        note=" ".join(
            [
                label("channels.note", language, rate=whole["rate_text"], met=f"{whole['met']:,}", judged=f"{whole['judged']:,}"),
                *(label("channels.required", language, **row) for row in _required(told.required_channels, language)),
            ]
        ),
        figure=figures.rate_bars(drawn, language).to_json(),
        height=figures.bar_height(drawn.height),
        table=Table(
            headings,
            drawn.select(pl.col("transaction_type").replace(kinds), "channel", *counts, "rate_text").rows(),
            frozenset(range(2, len(headings))),
        ),
        least_width=500,
    )
    return Section("channels", label("channels.title", language), [chart], [_missing(view)])


def _required(required: pl.DataFrame, language: Language) -> list[dict[str, str]]:
    """The channels of each source that asks for them, in words."""
    statuses = section("status", language)
    grouped = required.group_by("source", "status", maintain_order=True).agg(
        pl.col("channel").unique(maintain_order=True).str.join(label("punctuation.between", language))
    )
    return [{"channels": row["channel"], "source": row["source"], "status": statuses[row["status"]]} for row in grouped.rows(named=True)]


def _missing(view: View) -> Listing:
    language = view.language
    rows = _of_the_year(view.snapshot.registers.missing, view)
    if rows.is_empty():
        return Listing("channels-missing", label("channels.missing", language), label("channels.missing_none", language), None)
    shown = rows.head(LISTED_ROWS).select(
        "title",
        "region",
        pl.col("transaction_type").replace(section("transaction_type", language)),
        rule_name(language).alias("rule"),
        "channel",
        pl.col("missed_reason").replace(section("missed_reason", language)),
        "due_on",
        pl.col("published_on").fill_null(NOT_APPLICABLE),
        pl.format("{} " + label("page.row", language, row="{}"), "file", "file_row").fill_null(NOT_APPLICABLE).alias("source"),
    )
    note = label("channels.missing_note", language, total=f"{_total(rows):,}", shown=shown.height)
    return Listing("channels-missing", label("channels.missing", language), note, _table(shown, language, unbroken={6, 7}))


def intermediaries(view: View) -> Section | None:
    """The register of intermediaries as of the day: by category, by disclosed item, and who leaves what open."""
    told, language = view.snapshot.registers, view.language
    rows = told.intermediaries
    if view.year is not None or rows.is_empty():
        return None
    parts = {name: label(f"column.{name}", language) for name in ("complete", "incomplete")}
    sums = rows.select(pl.exclude("category").sum()).row(0, named=True)
    by_category = Chart(
        id="intermediaries-by-category",
        title=label("intermediaries.by_category", language),
        note=label("intermediaries.note", language, categories=rows.height, **{name: f"{count:,}" for name, count in sums.items()}),
        figure=figures.stacked_counts(
            rows.with_columns(name=pl.col("category"), short=pl.format("{}  {}", figures.shortened(pl.col("category")), "bodies")), parts
        ).to_json(),
        height=figures.bar_height(rows.height),
        table=Table([label(f"column.{name}", language) for name in rows.columns], rows.rows(), frozenset(range(1, rows.width))),
        least_width=460,
    )
    items = told.intermediary_items.with_columns(name=pl.col("item").replace(section("intermediary_item", language)))
    parts = {name: label(f"column.{name}", language) for name in ("disclosing", "leaving_open")}
    shown = items.select(pl.col("name").alias("item"), "disclosing", "leaving_open", "standardised", "standardised_disclosing")
    by_item = Chart(
        id="intermediaries-by-item",
        title=label("intermediaries.by_item", language),
        note=label("intermediaries.by_item_note", language, items=items.height),
        figure=figures.stacked_counts(items.with_columns(short=figures.shortened(pl.col("name"))), parts).to_json(),
        height=figures.bar_height(items.height),
        table=Table([label(f"column.{name}", language) for name in shown.columns], shown.rows(), frozenset(range(1, shown.width))),
        least_width=460,
    )
    return Section("intermediaries", label("intermediaries.title", language), [by_category, by_item], [_incomplete(view)])


def _incomplete(view: View) -> Listing:
    rows, language = view.snapshot.registers.incomplete, view.language
    if rows.is_empty():
        return Listing(
            "intermediaries-incomplete", label("intermediaries.incomplete", language), label("intermediaries.incomplete_none", language), None
        )
    yes_no = section("yes_no", language)
    shown = rows.select(
        "body",
        "category",
        pl.when(pl.col("is_standardised")).then(pl.lit(yes_no["yes"])).otherwise(pl.lit(yes_no["no"])).alias("is_standardised"),
        pl.format("{} / {}", "disclosed_items", "required_items").alias("disclosed_items"),
        pl.col("missing_items")
        .list.eval(pl.element().replace(section("intermediary_item", language)))
        .list.join(label("punctuation.between", language))
        .alias("missing_items"),
    )
    note = label("intermediaries.incomplete_note", language, total=f"{_total(rows):,}", shown=shown.height)
    return Listing("intermediaries-incomplete", label("intermediaries.incomplete", language), note, _table(shown, language, {3}))


def registers(view: View) -> Section | None:
    """The register of disclosures by office with decision and review, what is in question in it, and the register of requests."""
    told, language = view.snapshot.registers, view.language
    offices = _of_the_year(told.offices, view)
    charts = [_offices(offices, language)] if offices.height else []
    listings = [_questioned(view), _disclosed(view)] if offices.height else []
    if _of_the_year(told.requests, view).height:
        listings.append(_requests(view))
    return Section("registers", label("registers.title", language), charts, listings) if charts or listings else None


def _offices(offices: pl.DataFrame, language: Language) -> Chart:
    decisions = section("openness", language)
    summed = offices.group_by("office").agg(pl.exclude("year").sum()).sort("items", "office", descending=[True, False])
    reviews = ("published", "reviewed_before", "reviewed_after", "not_reviewed", "undecidable", "published_against_decision")
    table = offices.select("year", "office", "items", *decisions, *reviews)
    words = {**decisions, "published": label("registers.published", language)}
    sums = {name: f"{summed[name].sum():,}" for name in ("items", *decisions, *reviews)}
    return Chart(
        id="register-by-office",
        title=label("registers.by_office", language),
        note=label("registers.by_office_note", language, **sums),
        figure=figures.stacked_counts(
            summed.with_columns(name=pl.col("office"), short=pl.format("{}  {}", figures.shortened(pl.col("office")), "items")),
            {name: decisions[name] for name in _DECISIONS},
        ).to_json(),
        height=figures.bar_height(summed.height),
        table=Table(
            [words.get(name) or label(f"column.{name}", language) for name in table.columns],
            table.with_columns(pl.col("year").cast(pl.String)).rows(),
            frozenset(range(2, table.width)),
        ),
        least_width=460,
    )


def _questioned(view: View) -> Listing:
    language = view.language
    rows = _of_the_year(view.snapshot.registers.questioned, view)
    if rows.is_empty():
        return Listing("register-questioned", label("registers.questioned", language), label("registers.questioned_none", language), None)
    reviews, decisions = section("review_state", language), section("openness", language)
    against = label("registers.against_decision", language)
    shown = rows.head(LISTED_ROWS).select(
        "item_code",
        "office",
        pl.col("category").fill_null(NOT_APPLICABLE),
        pl.col("openness_class").replace(decisions).alias("openness"),
        pl.concat_str(
            pl.when(pl.col("is_published_against_decision")).then(pl.lit(against)),
            pl.when(pl.col("review_state").is_in(["not_reviewed", "reviewed_after"])).then(pl.col("review_state").replace(reviews)),
            pl.when(pl.col("openness_class").is_in(["undecided", "unrecognised"])).then(pl.col("openness_class").replace(decisions)),
            separator=label("punctuation.apart", language),
            ignore_nulls=True,
        ).alias("question"),
        pl.col("formed_at", "reviewed_at", "published_at").fill_null(NOT_APPLICABLE),
    )
    note = label("registers.questioned_note", language, total=f"{_total(rows):,}", shown=shown.height)
    return Listing("register-questioned", label("registers.questioned", language), note, _table(shown, language, unbroken={0, 5, 6, 7}))


def _disclosed(view: View) -> Listing:
    language = view.language
    rows = _of_the_year(view.snapshot.registers.disclosed, view)
    shown = rows.tail(LISTED_ROWS) if view.year is None else rows
    reviews = section("review_state", language)
    shown = (
        shown.sort("published_at", "item_code", descending=[True, False])
        .head(LISTED_ROWS)
        .select(
            "item_code",
            "office",
            pl.col("title").fill_null(NOT_APPLICABLE).alias("item_title"),
            pl.col("category", "channel", "formed_at", "reviewed_at", "published_at").fill_null(NOT_APPLICABLE),
            pl.col("review_state").replace(reviews).fill_null(NOT_APPLICABLE).alias("review"),
        )
    )
    note = label("registers.disclosed_note", language, total=f"{_total(rows):,}", shown=shown.height)
    return Listing("register-disclosed", label("registers.disclosed", language), note, _table(shown, language, unbroken={0, 1, 5, 6, 7, 8}))


def _requests(view: View) -> Listing:
    language, told = view.language, view.snapshot.registers
    rows = _of_the_year(told.requests, view)
    states, verdicts, reasons = section("request_state", language), section("verdict", language), section("missed_reason", language)
    steps = ("received_at", "accepted_at", "suspended_at", "resumed_at", "answered_at")
    shown = (
        rows.sort("received_at", "request_number", descending=[True, False], nulls_last=True)
        .head(LISTED_ROWS)
        .select(
            "request_number",
            "office",
            in_words("form", language).fill_null(NOT_APPLICABLE),
            *(pl.col(step).fill_null(NOT_APPLICABLE) for step in steps),
            "further_days",
            pl.col("due_on").fill_null(NOT_APPLICABLE).alias("answer_due_on"),
            pl.col("state").replace(states),
            in_words("outcome", language).fill_null(NOT_APPLICABLE),
            pl.concat_str(
                pl.col("verdict").replace(verdicts),
                pl.col("missed_reason").replace(reasons),
                separator=label("punctuation.follows", language),
                ignore_nulls=True,
            ).alias("answer"),
        )
    )
    counted = dict(_of_the_year(told.request_steps, view).group_by("state").agg(pl.col("requests").sum()).rows())
    counts = label("punctuation.between", language).join(f"{word} {counted.get(state, 0):,}" for state, word in states.items())
    note = label("registers.requests_note", language, total=f"{sum(counted.values()):,}", shown=shown.height, counts=counts)
    return Listing("register-requests", label("registers.requests", language), note, _table(shown, language, {8}, {0, 3, 4, 5, 6, 7, 9}))


def _of_the_year(rows: pl.DataFrame, view: View) -> pl.DataFrame:
    """The rows of the year of the page; all of them on the page of all periods."""
    return rows if view.year is None else rows.filter(pl.col("year") == view.year)


def _total(rows: pl.DataFrame) -> int:
    """How many there are, of which the rows are the first of each year."""
    by_year = rows.unique("year") if "year" in rows.columns else rows.head(1)
    return int(by_year["total"].sum())


def _table(shown: pl.DataFrame, language: Language, numeric: set[int] | None = None, unbroken: set[int] | None = None) -> Table | None:
    if shown.is_empty():
        return None
    return Table([label(f"column.{name}", language) for name in shown.columns], shown.rows(), frozenset(numeric or ()), frozenset(unbroken or ()))
