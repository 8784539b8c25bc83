"""The charts of disclosure and timeliness for a selection: each with its table, and where each of its points and cells leads. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import polars as pl

from dashboards.labels import Language, label
from dashboards.live.addresses import AppAddresses
from dashboards.live.selection import Selection
from dashboards.parts import Card, Chart, View
from dashboards.rate_sections import (
    COUNTED,
    DAY_RANGES,
    bars,
    cards,
    days_late_chart,
    days_late_counts,
    heat_map,
    heat_map_axes,
    ranked_regions,
    ranked_rules,
    trend_chart,
)
from dashboards.rules import named_rules
from dashboards.snapshot import Snapshot

RECORDS = "/records"
_CASES = ("late", "absent", "too_short")


@dataclass(frozen=True)
class Drawn:
    """A chart and its ways onward: cells, by row and column of the table; points, by x and y of the figure as text."""

    chart: Chart
    cells: Mapping[tuple[int, int], str]
    points: Mapping[tuple[str, str], str]


@dataclass(frozen=True)
class Choice:
    """What is drawn: of which snapshot, in which language, which selection, which measure; late: days late with how many duties, as `days_late` gives it."""

    snapshot: Snapshot
    language: Language
    selection: Selection
    measure: str
    late: pl.DataFrame

    @cached_property
    def view(self) -> View:
        """The rates of the selection, month by month, in place of those of years: counts are sums either way."""
        monthly = replace(self.selection, measure="").of_rates(self.snapshot.rates)
        # Duties without any date are in no month, whatever is picked: the overview tells of them.
        return View(
            replace(self.snapshot, undated=0),
            self.language,
            None,
            monthly,
            monthly,
            named_rules(self.snapshot.rules, self.language),
            AppAddresses(self.language),
        )

    def records(self, **parts: str | tuple[str, ...]) -> str:
        """The address of the records behind a number."""
        return self.selection.address(RECORDS, **{"measure": self.measure, **parts})


def overview_cards(choice: Choice) -> list[Card]:
    """The five numbers of the selection: both rates, missed, pending, undecidable."""
    return cards(choice.view)[:5]


def by_region(choice: Choice) -> Drawn:
    """Rates by region, worst first."""
    ranked = ranked_regions(choice.view, choice.measure)
    return _ranking(choice, ranked, "region", ranked["region_code"].to_list())


def by_rule(choice: Choice) -> Drawn:
    """Rates by duty, worst first."""
    ranked = ranked_rules(choice.view, choice.measure)
    return _ranking(choice, ranked, "rule", ranked["rule_id"].to_list())


def _ranking(choice: Choice, ranked: pl.DataFrame, subject: str, codes: list[str]) -> Drawn:
    chart = bars(ranked, choice.measure, subject, choice.language)
    first = chart.table.headings.index(label(f"{choice.measure}.due", choice.language))
    cells = {
        (row, first + place): choice.records(**{subject: (code,)}, **_counted(name))
        for place, name in enumerate(COUNTED)
        if name != "due"
        for row, (code, count) in enumerate(zip(codes, ranked[name], strict=True))
        if count
    }
    points = {("*", str(row)): choice.records(**{subject: (code,)}, verdict="missed") for row, code in enumerate(codes)}
    return Drawn(chart, cells, points)


def _counted(name: str) -> dict[str, str]:
    return {"verdict": "missed", "case": name} if name in _CASES else {"verdict": name}


def region_by_rule(choice: Choice) -> Drawn:
    """Rates of every region and duty."""
    view = choice.view
    regions, rules = heat_map_axes(view, choice.measure)
    chart = heat_map(view, choice.measure, regions, rules)
    empty = {(row, column) for row, cells in enumerate(chart.table.rows) for column, cell in enumerate(cells) if cell == "—"}
    places = {
        (row, column): choice.records(region=(region,), rule=(rule,))
        for row, region in enumerate(regions["region_code"])
        for column, rule in enumerate(rules["rule_id"])
        if (row, column + 1) not in empty
    }
    cells = {(row, column + 1): address for (row, column), address in places.items()}
    return Drawn(chart, cells, {(str(column), str(row)): address for (row, column), address in places.items()})


def by_month(choice: Choice) -> Drawn:
    """Both rates month by month; a month leads to its missed duties."""
    chart = trend_chart(choice.view)
    months = [str(row[0]) for row in chart.table.rows]
    measures = {label(f"{measure}.rate", choice.language): measure for measure in ("disclosure", "timeliness")}
    addresses = [
        choice.selection.address(RECORDS, first=month, last=month, measure=measures[row[1]], verdict="missed")
        for month, row in zip(months, chart.table.rows, strict=True)
    ]
    cells = {(row, 0): address for row, address in enumerate(addresses)}
    points = {(f"{month}-01", "*"): choice.records(first=month, last=month, verdict="missed") for month in months}
    return Drawn(chart, cells, points)


def by_days_late(choice: Choice) -> Drawn:
    """How late the late ones were."""
    counts = days_late_counts(choice.late)
    chart = days_late_chart(counts, "days-late", label("live.days_late", choice.language), "live.days_late_note", choice.language)
    address = choice.records(verdict="missed", case="late")
    ranged = {row: f"{address}&from_days={first}" + (f"&to_days={last}" if last else "") for row, (first, last) in enumerate(DAY_RANGES)}
    return Drawn(
        chart,
        {(row, 1): ranged[row] for row, count in enumerate(counts) if count},
        {("*", str(row)): ranged[row] for row, count in enumerate(counts) if count},
    )


CHARTS: dict[str, Callable[[Choice], Drawn]] = {
    "region": by_region,
    "rule": by_rule,
    "heat_map": region_by_rule,
    "month": by_month,
    "days_late": by_days_late,
}
"""The charts to choose from, by their label `live.chart_<name>`."""
