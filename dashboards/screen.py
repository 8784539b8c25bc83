"""What the big screen shows: a few slides that take turns, of the same numbers as the pages."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from dashboards.amounts import yuan
from dashboards.labels import Language, label, section
from dashboards.overview import Action, Indicator, actions, indicators, month_of
from dashboards.overview_sections import known_month
from dashboards.parts import View
from dashboards.push_sections import push_rates
from dashboards.rates import NOT_APPLICABLE, marked_rate, totals
from dashboards.regions import ordered_regions

ROWS = 9
"""Lines of a slide: more cannot be read from the hall."""

STALE_DAYS = 2
"""Days after the cut-off from which the screen says that its data are old."""


@dataclass(frozen=True)
class Bar:
    """A line of a slide: a name, how long its bar is (0–100), what is written behind it, and its threshold state or nothing."""

    name: str
    length: float
    text: str
    state: str = ""


@dataclass(frozen=True)
class Slide:
    """One of the slides that take turns: numbers, things to do, or bars under a heading."""

    id: str
    title: str
    note: str
    indicators: Sequence[Indicator] = ()
    actions: Sequence[Action] = ()
    bars: Sequence[Bar] = ()


@dataclass(frozen=True)
class Screen:
    """as_of: the cut-off as text, empty where there is none; stale_days: after how many days it is old."""

    language: Language
    title: str
    source: str
    as_of: str
    snapshot: str
    stale_days: int
    slides: list[Slide]


def screen(view: View) -> Screen:
    """The slides: the five numbers, what needs action, the counties by timeliness, the transactions by kind, the push by county."""
    snapshot, language = view.snapshot, view.language
    slides = [Slide("numbers", label("screen.numbers", language), known_month(view), indicators=indicators(view))]
    slides.append(Slide("actions", label("overview.actions", language), "", actions=actions(view)))
    slides += [slide for slide in (_timeliness(view), _kinds(view), _push(view)) if slide.bars]
    return Screen(
        language=language,
        title=label("site.title", language),
        source=label("punctuation.between", language).join(snapshot.sources) or label("page.no_source", language),
        as_of=str(snapshot.as_of or ""),
        snapshot=str(view.manifest.get("snapshot", NOT_APPLICABLE)),
        stale_days=STALE_DAYS,
        slides=slides,
    )


def _year(view: View) -> str:
    month = month_of(view)
    return f"{month:%Y-01} – {month:%Y-%m}" if month else NOT_APPLICABLE


def _timeliness(view: View) -> Slide:
    month = month_of(view)
    rates = view.monthly.filter(pl.col("measure") == "timeliness")
    if month:
        rates = rates.filter(pl.col("period_start").is_between(month.replace(month=1), month))
    regions = totals(rates, "region_code", "region").filter(pl.col("judged") > 0).sort(["rate", "region_code"]).head(ROWS)
    return Slide(
        "counties", label("screen.counties", view.language), label("screen.counties_note", view.language, span=_year(view)), bars=_rate_bars(regions)
    )


def _rate_bars(rows: pl.DataFrame) -> list[Bar]:
    marks = {"reached": "✓", "below": "✗", "undetermined": "？"}
    told = rows.with_columns(text=pl.format("{}  {}/{}", marked_rate(), "met", "judged"))
    return [Bar(row["region"], 100 * row["rate"], f"{marks[row['state']]} {row['text']}", row["state"]) for row in told.to_dicts()]


def _kinds(view: View) -> Slide:
    month, language = month_of(view), view.language
    rows = view.snapshot.transactions.concluded
    if month:
        rows = rows.filter(pl.col("month").is_between(month.replace(month=1), month))
    kinds = rows.group_by("transaction_type").agg(pl.col("concluded", "award_yuan").sum()).sort("award_yuan", descending=True).head(ROWS)
    names, most = section("transaction_type", language), max(kinds["award_yuan"].to_list(), default=0) or 1
    bars = [
        Bar(
            names.get(row["transaction_type"], row["transaction_type"]),
            float(100 * row["award_yuan"] / most),
            label("screen.concluded", language, count=f"{row['concluded']:,}", amount=yuan(row["award_yuan"], language)),
        )
        for row in kinds.to_dicts()
    ]
    return Slide("kinds", label("screen.kinds", language), _year(view), bars=bars)


def _push(view: View) -> Slide:
    month = month_of(view)
    rows = view.snapshot.push.monthly
    if month:
        rows = rows.filter(pl.col("period_start").is_between(month.replace(month=1), month))
    regions = (
        ordered_regions(push_rates(rows, "region_code", "region")["timeliness"]).filter(pl.col("judged") > 0).sort(["rate", "region_code"]).head(ROWS)
    )
    return Slide("push", label("screen.push", view.language), label("screen.push_note", view.language, span=_year(view)), bars=_rate_bars(regions))
