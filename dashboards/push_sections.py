"""The page of the push to the province: against 98 % by data set and county, month by month, and what is missing."""

import polars as pl

from dashboards import figures
from dashboards.labels import Language, label, section
from dashboards.listed import push_text
from dashboards.parts import Chart, Listing, Section, Table, View
from dashboards.periods import earlier, latest_month
from dashboards.push import COUNTS
from dashboards.rate_sections import TREND_MONTHS, worst_first
from dashboards.rates import NOT_APPLICABLE, marked_rate, percent, with_rates
from dashboards.regions import ordered_regions
from dashboards.rules import LETTERS_BESIDE, folded_above

_KEPT = {"timeliness": "on_time", "accuracy": "accurate"}
"""What is kept of the judged records, by measure."""


def push_summary(view: View) -> Section:
    """What is measured, by which formulas, and whether anything was pushed."""
    language, rows = view.language, _rows(view)
    if rows.is_empty():
        return Section("push-summary", label("push.title", language), listings=[Listing("push-summary", "", label("push.nothing", language), None)])
    whole = rows.select(pl.col(COUNTS).sum()).row(0, named=True)
    words = label("push.summary", language, **{name: f"{count:,}" for name, count in whole.items()})
    requirements = view.snapshot.push.requirements.values()
    statuses = section("status", language)
    said = [
        label(
            "push.requirement",
            language,
            measure=label(f"push.{row['measure']}", language),
            percent=row["percent"],
            formula=push_text(str(row["formula"]), language),
            source=push_text(str(row["source"]), language),
            status=statuses.get(str(row["status"]), ""),
        )
        for row in requirements
    ]
    listings = [Listing("push-summary", "", words, None), *(Listing(f"push-requirement-{place}", "", text, None) for place, text in enumerate(said))]
    return Section(
        "push-summary",
        label("push.title", language),
        listings=[*listings, Listing("push-cannot-be-shown", "", label("push.cannot_be_shown", language), None)],
    )


def push_by_dataset(view: View) -> Section | None:
    """Timeliness and accuracy of every data set."""
    return _ranked(view, "dataset")


def push_by_region(view: View) -> Section | None:
    """Timeliness and accuracy of every county, worst first, and their places among the counties."""
    found = _ranked(view, "region")
    return found and Section(found.id, found.title, found.charts, _places(view))


def push_heat_map(view: View) -> Section | None:
    """Timeliness and accuracy of every county and data set; what the numbers cannot show is marked."""
    rows, language = view.snapshot.push.yearly, view.language
    rows = rows if view.year is None else rows.filter(pl.col("period_start").dt.year() == view.year)
    if rows.is_empty():
        return None
    # Whether a share is shown is told per year: of all periods together, the year of the last whole month speaks, else the latest.
    told = latest_month(view.snapshot.as_of).replace(month=1) if view.snapshot.as_of else None
    latest = told if told in rows["period_start"] else rows["period_start"].max()
    rows = rows.filter(pl.col("period_start") == latest)
    regions = ordered_regions(rows.select("region_code", name=pl.col("region"), short=figures.shortened(pl.col("region"))).unique())
    datasets = _named_datasets(rows.select("dataset").unique().sort("dataset"), language).rename({"dataset": "rule_id"})
    charts = [_heat_map(rows, measure, regions, datasets, language, latest.year) for measure in _KEPT]  # type: ignore[union-attr]
    return Section("push-heat-map", label("push.heat_map", language), charts)


def push_trend(view: View) -> Section | None:
    """Timeliness and accuracy month by month."""
    rows, language = _rows(view), view.language
    if rows.is_empty():
        return None
    months = pl.concat(
        [_judged(rows.group_by("period_start").agg(pl.col(COUNTS).sum()), measure).with_columns(measure=pl.lit(measure)) for measure in _KEPT]
    ).filter(pl.col("due") > 0)
    latest = months["period_start"].unique().sort().tail(TREND_MONTHS)
    months = months.filter(pl.col("period_start").is_in(latest.implode())).sort("period_start", "measure")
    names = {measure: label(f"push.{measure}", language) for measure in _KEPT}
    headings = [
        label("column.month", language),
        label("column.measure", language),
        label("column.judged", language),
        label("column.kept", language),
        label("workbook.rate", language),
    ]
    lines = months.select(pl.col("period_start").dt.strftime("%Y-%m"), pl.col("measure").replace(names), "due", "met", marked_rate()).rows()
    chart = Chart(
        id="push-trend",
        title=label("push.trend", language),
        note=label("push.trend_note", language),
        figure=figures.trend_lines(months, language, names=names).to_json(),
        height=figures.TREND_HEIGHT,
        table=Table(headings, lines, frozenset({2, 3, 4})),
    )
    return Section("push-trend", label("push.trend", language), [chart])


def push_missing(view: View) -> Section | None:
    """What is missing at the province, refused, late or corrected: by reason and data set, then record by record."""
    told, language = view.snapshot.push, view.language
    if view.year is not None or told.monthly.is_empty():
        return None
    words = section("shortfall", language)
    datasets = _named_datasets(told.shortfalls, language)
    counts = [(words.get(row["shortfall"], row["shortfall"]), row["name"], row["records"]) for row in datasets.to_dicts()]
    headings = [label(f"column.{name}", language) for name in ("shortfall", "dataset", "records")]
    by_reason = Listing(
        "push-shortfalls",
        label("push.shortfalls", language),
        label("push.shortfalls_note", language, total=f"{told.worst_total:,}"),
        Table(headings, counts, frozenset({2})) if counts else None,
    )
    worst = _named_datasets(told.worst, language).select(
        pl.col("name").alias("dataset"),
        "pushed_key",
        "region",
        pl.col("shortfall").replace(words),
        pl.col("reason")
        .fill_null(NOT_APPLICABLE)
        .map_elements(lambda said: push_text(said, language), return_dtype=pl.String)
        .alias("shortfall_reason"),
        pl.col("due_at").fill_null(NOT_APPLICABLE),
        pl.col("accepted_at").fill_null(NOT_APPLICABLE).alias("arrived_at"),
        pl.col("hours_late").fill_null(NOT_APPLICABLE),
        pl.format("{} " + label("page.row", language, row="{}"), "file", "file_row").fill_null(NOT_APPLICABLE).alias("source"),
    )
    table = (
        Table([label(f"column.{name}", language) for name in worst.columns], worst.rows(), frozenset({7}), frozenset({5, 6}))
        if worst.height
        else None
    )
    note = label("push.worst_note", language, total=f"{told.worst_total:,}", shown=worst.height) if table else label("push.worst_none", language)
    return Section(
        "push-missing", label("push.missing", language), listings=[by_reason, Listing("push-worst", label("push.worst", language), note, table)]
    )


def push_rates(rows: pl.DataFrame, *keys: str) -> dict[str, pl.DataFrame]:
    """By measure the rates of the rows summed over everything but the keys, with the columns of `rates.with_rates`."""
    sums = rows.group_by(keys).agg(pl.col(COUNTS).sum()).sort(keys) if keys else rows.select(pl.col(COUNTS).sum())
    return {measure: _judged(sums, measure) for measure in _KEPT}


def kept_of_judged(rows: pl.DataFrame, measure: str) -> pl.DataFrame:
    """Rows with the counts that rates are made from: of the judged records those that were kept."""
    kept = pl.col(_KEPT[measure])
    return rows.drop("late").with_columns(due=pl.col("judged"), met=kept, missed=pl.col("judged") - kept, undecidable=pl.lit(0, pl.Int64))


def _judged(sums: pl.DataFrame, measure: str) -> pl.DataFrame:
    return with_rates(kept_of_judged(sums, measure))


def _rows(view: View) -> pl.DataFrame:
    rows = view.snapshot.push.monthly
    return rows if view.year is None else rows.filter(pl.col("period_start").dt.year() == view.year)


def _named_datasets(rows: pl.DataFrame, language: Language) -> pl.DataFrame:
    """Rows with `dataset` named: in Chinese by its label, in English by its national name; `short` (beside an axis) and `stacked` (above a column), in English in words."""
    from sources.definitions import datasets

    dataset, known = pl.col("dataset"), datasets().items()
    if language == "zh":
        words, longest = dataset.replace({name: one.label for name, one in known}), figures.LONGEST_NAME
    else:
        words, longest = dataset.replace({name: one.table.replace("_", " ") for name, one in known}), LETTERS_BESIDE
    return rows.with_columns(
        name=words if language == "zh" else dataset, short=figures.shortened(words, longest), stacked=folded_above(words, language)
    )


def _ranked(view: View, subject: str) -> Section | None:
    rows, language = _rows(view), view.language
    if rows.is_empty():
        return None
    keys = ("dataset",) if subject == "dataset" else ("region_code", "region")
    charts = []
    for measure, rates in push_rates(rows, *keys).items():
        if subject == "dataset":
            named = _named_datasets(rates, language)
        else:
            named = rates.with_columns(name=pl.col("region"), short=figures.shortened(pl.col("region")))
        ranked = worst_first(named)
        charts.append(
            Chart(
                id=f"push-{measure}-by-{subject}",
                title=f"{label(f'push.{measure}', language)} · {label(f'push.by_{subject}', language)}",
                note=label("push.bars_note", language),
                figure=figures.rate_bars(ranked, language).to_json(),
                height=figures.bar_height(ranked.height),
                table=_table(ranked, subject, measure, language),
                least_width=figures.least_width(ranked["short"]),
            )
        )
    return Section(f"push-by-{subject}", label(f"push.by_{subject}", language), charts)


def _table(ranked: pl.DataFrame, subject: str, measure: str, language: Language) -> Table:
    counts = ("records", "pushed", "accepted", "judged", _KEPT[measure], "refused", "unanswered", "never_sent", "pending")
    headings = [
        label(f"column.{subject}", language),
        *(label(f"push.{name}", language) for name in counts),
        label(f"push.{measure}", language),
        label("push.completeness", language),
        label("column.threshold", language),
    ]
    shown = ranked.select(
        "name",
        *counts,
        marked_rate(),
        completeness=percent(pl.col("pushed"), pl.col("records")),
        state=pl.col("state").replace_strict(section("threshold", language)),
    )
    return Table(headings, shown.rows(), frozenset(range(1, len(headings) - 1)))


def _heat_map(rows: pl.DataFrame, measure: str, regions: pl.DataFrame, datasets: pl.DataFrame, language: Language, year: int) -> Chart:
    unshown = pl.col(f"meets_{measure}").is_null() & (pl.col("judged") > 0)
    cells = _judged(rows, measure).rename({"dataset": "rule_id"})
    cells = cells.with_columns(rate_text=pl.when(unshown).then(pl.col("rate_text") + "？").otherwise("rate_text"))
    wide = regions.join(
        cells.select("region_code", "rule_id", text=pl.format("{} ({}/{})", "rate_text", "met", "judged")).pivot(
            on="rule_id", index="region_code", values="text"
        ),
        on="region_code",
        how="left",
        maintain_order="left",
    )
    names = datasets["rule_id"].to_list()
    lines = wide.select("name", *(pl.col(name).fill_null(NOT_APPLICABLE) for name in names)).rows()
    return Chart(
        id=f"push-{measure}-heat-map",
        title=label("push.heat_map_of", language, measure=label(f"push.{measure}", language), year=year),
        note=label("push.heat_note", language),
        figure=figures.heat_map(cells.drop("region"), regions, datasets.with_columns(short=pl.col("stacked")), is_marked=False).to_json(),
        height=figures.heat_map_height(regions.height),
        table=Table([label("column.region", language), *datasets["name"].to_list()], lines, frozenset(range(1, len(names) + 1))),
        least_width=220 + 84 * datasets.height,
    )


def _places(view: View) -> list[Listing]:
    """Every county's place by timeliness in the last whole month, and the change against the month before."""
    language, as_of = view.language, view.snapshot.as_of
    if view.year is not None or as_of is None:
        return []
    month = latest_month(as_of)
    now, before = (_placed(view, earlier(month, months)) for months in (0, 1))
    if not now:
        return [Listing("push-places", label("push.places", language, month=f"{month:%Y-%m}"), label("push.places_none", language), None)]
    rows = []
    for code, (standing, region, rates) in now.items():
        earlier_place = before.get(code, (None,))[0]
        rows.append(
            (
                standing,
                region,
                rates["timeliness"],
                rates["accuracy"],
                earlier_place if earlier_place else label("missing.missing", language),
                _moved(standing, earlier_place, language),
            )
        )
    headings = [label(f"column.{name}", language) for name in ("standing", "region")] + [label(f"push.{measure}", language) for measure in _KEPT]
    headings += [label(f"column.{name}", language) for name in ("standing_before", "moved")]
    table = Table(headings, rows, frozenset({0, 2, 3, 4}))
    return [Listing("push-places", label("push.places", language, month=f"{month:%Y-%m}"), label("push.places_note", language), table)]


def _placed(view: View, month: object) -> dict[str, tuple[int, str, dict[str, str]]]:
    rows = view.snapshot.push.monthly.filter(pl.col("period_start") == month)
    rates = push_rates(rows, "region_code", "region")
    joined = rates["timeliness"].join(
        rates["accuracy"].select("region_code", accurate_rate="rate", accurate_text=marked_rate()),
        on="region_code",
        how="left",
        maintain_order="left",
    )
    ordered = (
        joined.filter(pl.col("judged") > 0)
        .sort(["rate", "accurate_rate", "region_code"], descending=[True, True, False])
        .with_columns(text=marked_rate())
    )
    # Equal shares stand level.
    ordered = ordered.with_columns(standing=pl.struct(-pl.col("rate"), -pl.col("accurate_rate")).rank("min").cast(pl.Int64))
    return {
        row["region_code"]: (row["standing"], row["region"], {"timeliness": row["text"], "accuracy": row["accurate_text"]})
        for row in ordered.to_dicts()
    }


def _moved(now: int, before: int | None, language: Language) -> str:
    if before is None:
        return label("missing.missing", language)
    if now == before:
        return label("push.level", language)
    return label("push.up" if now < before else "push.down", language, places=abs(now - before))
