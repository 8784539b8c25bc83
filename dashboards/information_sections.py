"""The part of a page on government information: what a source registers beside its transactions, one year at a time."""

from collections.abc import Sequence

import plotly.graph_objects as go
import polars as pl

from dashboards import figures
from dashboards.information import Information
from dashboards.labels import Language, label, section
from dashboards.listed import in_words
from dashboards.parts import Chart, Listing, Section, Table, View
from dashboards.rates import NOT_APPLICABLE

CATEGORIES_DRAWN = 18
"""The largest categories, which are drawn; the table has all."""


def information(view: View) -> Section | None:
    """Of each source the year of the page: items by category and channel, consultations, decisions, requests, disputes. On the page of all periods it is
    the latest year that is over, else the latest.

    What a source does not deliver is left out; where nothing is delivered, so is the section.
    """
    told, language = view.snapshot.information, view.language
    charts: list[Chart | None] = []
    listings: list[Listing | None] = []
    sources = [(source_id, name, told.years(source_id)) for source_id, name in told.sources.rows()]
    told_of = [(source_id, name, years) for source_id, name, years in sources if years]
    for place, (source_id, name, years) in enumerate(told_of):
        over = [year for year in years if view.snapshot.as_of and year < view.snapshot.as_of.year]
        year = view.year or (over or years)[-1]
        part = _Part(told.of(source_id, year), language, str(place) if place else "", f"{name} " if len(told_of) > 1 else "", year)
        charts += [part.categories(), part.channels(), part.consultations(), part.publicity()]
        listings += [part.missed_decisions(), part.requests(), part.disputes()]
    drawn, listed = [chart for chart in charts if chart], [listing for listing in listings if listing]
    return Section("information", label("information.title", language), drawn, listed) if drawn or listed else None


class _Part:
    """One source and year; ``mark`` and ``name`` tell it from others on the page."""

    def __init__(self, told: Information, language: Language, mark: str, name: str, year: int) -> None:
        self.told, self.language, self.mark, self.name, self.year = told, language, mark, name, year

    def categories(self) -> Chart | None:
        rows = self.told.categories
        if rows.is_empty():
            return None
        drawn = rows.head(CATEGORIES_DRAWN).select(
            name="category",
            short=figures.shortened(pl.col("category")),
            count="items",
            text=pl.format("{}  {} %", _thousands("items"), "rounded_percent"),
        )
        sums = {f"{way}_sum": rows[f"{way}_percent"].sum() for way in ("rounded", "allotted")}
        further = [self._word("information.categories_drawn", drawn=drawn.height)] if drawn.height < rows.height else []
        return self._chart(
            "categories",
            figures.count_bars(drawn, self._word("information.items")),
            drawn.height,
            rows.select("category", "items", pl.col("rounded_percent", "allotted_percent").cast(pl.String)),
            further,
            total=f"{rows['items_of_the_year'][0]:,}",
            **sums,
        )

    def channels(self) -> Chart | None:
        rows = self.told.channels.with_columns(items_elsewhere_too=pl.col("items") - pl.col("items_only_there"))
        if rows.is_empty():
            return None
        parts = {name: self._word(f"column.{name}") for name in ("items_only_there", "items_elsewhere_too")}
        return self._chart(
            "channels",
            figures.stacked_counts(rows.with_columns(name=pl.col("channel"), short=_counted("channel", "items")), parts),
            rows.height,
            rows.select("channel", "items", *parts),
            total=f"{rows['items_of_the_year'][0]:,}",
            sum=f"{rows['items'].sum():,}",
        )

    def consultations(self) -> Chart | None:
        rows = self.told.consultations.with_columns(in_words("channel", self.language))
        if rows.is_empty():
            return None
        drawn = rows.select(name="channel", short=figures.shortened(pl.col("channel")), count="consultations", text=_thousands("consultations"))
        return self._chart(
            "consultations",
            figures.count_bars(drawn, self._word("column.consultations")),
            rows.height,
            rows.select(pl.col("channel").alias("consultation_channel"), "consultations"),
            sum=" + ".join(f"{count:,}" for count in rows["consultations"]),
            total=f"{rows['consultations'].sum():,}",
        )

    def publicity(self) -> Chart | None:
        rows = self.told.publicity.with_columns(in_words("kind", self.language))
        if rows.is_empty():
            return None
        parts = {"met": self._word("verdict.met"), **{name: self._word(f"column.{name}") for name in ("late", "absent")}}
        named = rows.with_columns(name=pl.format("{} {}", "department", "kind"))
        kinds = rows.group_by("kind", maintain_order=True).agg(pl.col("decided", "published").sum())
        return self._chart(
            "publicity",
            figures.stacked_counts(named.with_columns(short=_counted("name", "decided")), parts),
            rows.height,
            rows.select("department", "kind", "decided", "published", *parts, "pending", "undecidable"),
            departments=rows["department"].n_unique(),
            kinds=label("punctuation.apart", self.language).join(
                label("information.decided", self.language, **kind) for kind in kinds.rows(named=True)
            ),
        )

    def missed_decisions(self) -> Listing | None:
        rows = self.told.missed_decisions
        if self.told.publicity.is_empty():
            return None
        shown = rows.select(
            "document_number",
            "department",
            in_words("kind", self.language),
            pl.col("title").fill_null(NOT_APPLICABLE),
            "decided_on",
            "due_on",
            pl.col("published_on").fill_null(NOT_APPLICABLE),
            pl.col("missed_reason").replace(section("missed_reason", self.language)),
            "days_late",
        )
        note = "missed_decisions_none" if rows.is_empty() else "missed_decisions_note"
        total = rows["total"].max() or 0
        return self._listing("missed_decisions", self._word(f"information.{note}", total=total, shown=rows.height), shown, {8}, {4, 5, 6})

    def requests(self) -> Listing | None:
        if self.told.requests.is_empty():
            return None
        rows = pl.concat(
            [
                self.told.forms.select(grouped_by=pl.lit(self._word("information.by_form")), value=in_words("form", self.language), count="requests"),
                self.told.outcomes.select(
                    grouped_by=pl.lit(self._word("information.by_outcome")), value=in_words("outcome", self.language), count="answers"
                ),
            ]
        )
        counts = {name: f"{count:,}" for name, count in self.told.requests.drop("source_id", "year").row(0, named=True).items()}
        return self._listing("requests", self._word("information.requests_note", **counts), rows, {2}, set())

    def disputes(self) -> Listing | None:
        rows = self.told.disputes
        if rows.is_empty():
            return None
        shown = rows.select(
            in_words("kind", self.language).alias("dispute"), "filed", "upheld", "corrected", "other", pl.col("pending").alias("not_decided")
        )
        return self._listing("disputes", self._word("information.disputes_note", total=rows["filed"].sum()), shown, {1, 2, 3, 4, 5}, set())

    def _word(self, key: str, **values: object) -> str:
        return label(key, self.language, **values)

    def _title(self, part: str) -> str:
        return f"{self.name}{self._word(f'information.{part}')} · {self._word('page.year', year=self.year)}"

    def _chart(self, part: str, figure: go.Figure, bars: int, rows: pl.DataFrame, further: Sequence[str] = (), **values: object) -> Chart:
        headings = [self._word(f"column.{name}") for name in rows.columns]
        numeric = frozenset(place for place, type_ in enumerate(rows.dtypes) if type_.is_numeric()) | {
            place for place, name in enumerate(rows.columns) if name.endswith("_percent")
        }
        return Chart(
            id=f"{part}{self.mark}",
            title=self._title(part),
            note=" ".join([self._word(f"information.{part}_note", **values), *further]),
            figure=figure.to_json(),
            height=figures.bar_height(bars),
            table=Table(headings, rows.rows(), numeric),
            least_width=460,
        )

    def _listing(self, part: str, note: str, rows: pl.DataFrame, numeric: set[int], unbroken: set[int]) -> Listing:
        headings = [self._word(f"column.{name}") for name in rows.columns]
        table = None if rows.is_empty() else Table(headings, rows.rows(), frozenset(numeric), frozenset(unbroken))
        return Listing(f"{part}{self.mark}", self._title(part), note, table)


def _counted(name: str, count: str) -> pl.Expr:
    """A name with its count behind it."""
    return pl.format("{}  {}", figures.shortened(pl.col(name)), _thousands(count))


def _thousands(count: str) -> pl.Expr:
    return pl.col(count).map_elements(lambda number: f"{number:,}", return_dtype=pl.String)
