"""Plotly figures out of frames of rates. Pure: no file, no warehouse. Every text from data is escaped, because Plotly reads `<b>` and `<a>` as markup."""

from collections.abc import Mapping, Sequence
from functools import partial

import plotly.graph_objects as go
import polars as pl
from plotly.basedatatypes import BaseTraceType
from rich.cells import cell_len

from dashboards.labels import Language, label
from dashboards.rates import BELOW, MEASURES, REACHED, THRESHOLD_PERCENT, UNDETERMINED, marked_rate

# Okabe and Ito's colours, told apart by readers with any colour vision.
BLUE, VERMILLION, ORANGE, SKY, BLACK, GREY = "#0072B2", "#D55E00", "#E69F00", "#56B4E9", "#1a1a1a", "#767676"
FONT = "Noto Sans CJK SC, Microsoft YaHei, PingFang SC, sans-serif"
LONGEST_NAME = 16
"""Characters of a name that fit beside an axis; the whole name is in the hover text and in the table."""
LARGEST_ANNOTATED = 60
"""Rows up to which a heat map writes its numbers into the cells: beyond it they cannot be read, and the page grows."""
THRESHOLD = THRESHOLD_PERCENT / 100

MONTHS_HEIGHT = 300
"""Pixels of a chart of months."""

TREND_HEIGHT = 340
"""Pixels of a chart of rates over months."""

# Parts of a stacked bar, in their order: colour, pattern with its colour, and the ink that is read on them.
_PART_LOOK = ((BLUE, "", BLUE, "#ffffff"), (SKY, "/", "#ffffff", BLACK), ("#ffffff", "x", GREY, BLACK), (ORANGE, ".", "#ffffff", BLACK))

_STATE_LOOK = {REACHED: (BLUE, "", "✓"), BELOW: (VERMILLION, "/", "✗"), UNDETERMINED: (GREY, "x", "？")}


# Plotly checks every property of every trace, which was most of the time of a figure. tests/dashboards/test_site_pages.py has it check all that a site draws.
_bar = partial(go.Bar, _validate=False)
_scatter = partial(go.Scatter, _validate=False)
_heatmap = partial(go.Heatmap, _validate=False)


def drawn_rate(rate: pl.Expr) -> pl.Expr:
    """A rate as it is drawn: cut off where its text is, so that it stays on its side of the threshold, and a page of hundreds of regions stays small."""
    return (rate * 10_000 + 1e-6).floor() / 10_000


def escaped(text: pl.Expr) -> pl.Expr:
    """Text as Plotly shows it literally."""
    return text.str.replace_all("&", "&amp;", literal=True).str.replace_all("<", "&lt;", literal=True).str.replace_all(">", "&gt;", literal=True)


def shortened(text: pl.Expr, longest: int = LONGEST_NAME) -> pl.Expr:
    """Text cut to `longest` characters with an ellipsis."""
    return pl.when(text.str.len_chars() > longest).then(text.str.slice(0, longest - 1) + "…").otherwise(text)


def least_width(short: pl.Series) -> int:
    """Pixels that horizontal bars need beside names so long and with their numbers at the other end; on what is narrower the chart is pushed sideways."""
    return 300 + 7 * max((cell_len(line) for name in short for line in name.split("\n")), default=0)


def axis_text(short: pl.Expr) -> pl.Expr:
    """Escaped text for an axis; its line breaks are kept."""
    return escaped(short).str.replace_all("\n", "<br>", literal=True)


def rate_bars(rows: pl.DataFrame, language: Language = "zh") -> go.Figure:
    """Horizontal bars of rates with their bounds and the 98 % line. Rows: `name`, `short` (beside the axis) and the columns of
    `rates.with_rates`; drawn from the top."""
    drawn = rows.with_columns(
        axis_text(pl.col("short")).alias("tick"),
        escaped(pl.col("name")).alias("full"),
        pl.format(
            "{}  {}  {}/{}", pl.col("state").replace_strict({key: look[2] for key, look in _STATE_LOOK.items()}), marked_rate(), "met", "judged"
        ).alias("text"),
    )
    drawn = drawn.with_row_index("place").with_columns(
        above=pl.when(pl.col("undecidable") > 0).then(pl.col("rate_high") - pl.col("rate")),
        below=pl.when(pl.col("undecidable") > 0).then(pl.col("rate") - pl.col("rate_low")),
    )
    places = drawn["place"].to_list()
    bars = [_bars_of_state(drawn.filter(pl.col("state") == state), state, language) for state in _STATE_LOOK]
    # Plotly draws a second axis, which holds the numbers, only for a trace that uses it.
    carrier = _scatter(x=[0], y=[0], yaxis="y2", mode="markers", marker={"opacity": 0}, hoverinfo="skip", showlegend=False)
    down: dict[str, object] = {
        "tickvals": places,
        "range": [drawn.height - 0.4, -0.6],
        "automargin": True,
        "showgrid": False,
        "ticks": "",
        "zeroline": False,
        "fixedrange": True,
    }
    return _figure(
        [*bars, carrier] if places else [],
        height=rate_bars_height(rows),
        barmode="overlay",
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 0, "yanchor": "top", "itemclick": False, "itemdoubleclick": False},
        margin={"l": 8, "r": 8, "t": 34, "b": 34},
        xaxis={
            # A little beyond 100 %, where an error bar may end.
            "range": [0, 1.02],
            "tickvals": [0, 0.25, 0.5, 0.75, THRESHOLD],
            "ticktext": ["0", "25%", "50%", "75%", f"{THRESHOLD_PERCENT}%"],
            "side": "top",
            "gridcolor": "#e3e3e3",
            "fixedrange": True,
        },
        yaxis={**down, "ticktext": drawn["tick"].to_list(), "ticksuffix": "  "},
        yaxis2={**down, "ticktext": drawn["text"].to_list(), "tickprefix": "  ", "side": "right", "overlaying": "y"},
        shapes=[_threshold_line(x0=THRESHOLD, x1=THRESHOLD, y0=0, y1=1, yref="paper")],
    )


def _bars_of_state(rows: pl.DataFrame, state: str, language: Language) -> go.Bar:
    colour, pattern, _ = _STATE_LOOK[state]
    bounds = label("page.hover", language, low="%{customdata[2]}", high="%{customdata[3]}")
    return _bar(
        name=label(f"threshold.{state}", language),
        showlegend=rows.height > 0,
        orientation="h",
        y=rows["place"].to_list(),
        x=rows.select(drawn_rate(pl.col("rate"))).to_series().to_list(),
        width=0.68,
        marker={
            "color": colour,
            "pattern": {"shape": pattern, "fillmode": "overlay", "fgcolor": "#ffffff", "fgopacity": 0.5, "size": 8, "solidity": 0.18},
        },
        error_x={
            "type": "data",
            "array": rows["above"].to_list(),
            "arrayminus": rows["below"].to_list(),
            "color": BLACK,
            "thickness": 1.4,
            "width": 4,
        },
        customdata=rows.select("full", "text", "rate_low_text", "rate_high_text").rows(),
        hovertemplate=f"<b>%{{customdata[0]}}</b><br>%{{customdata[1]}}<br>{bounds}<extra></extra>",
    )


def rate_bars_height(rows: pl.DataFrame) -> int:
    """Pixels that `rate_bars` needs for these rows: more for a bar where a name takes two lines."""
    return bar_height(rows.height, 40 if rows["short"].str.contains("\n", literal=True).any() else 30)


def bar_height(rows: int, each: int = 30) -> int:
    """Pixels that a chart of so many bars needs, at so many a bar."""
    return 90 + each * max(rows, 2)


def heat_map(cells: pl.DataFrame, regions: pl.DataFrame, rules: pl.DataFrame, *, is_marked: bool = True) -> go.Figure:
    """Rates of every region and rule. Cells: `region_code`, `rule_id` and the columns of `rates.with_rates`; regions: `region_code`, `name`,
    `short` in order from the top; rules: `rule_id`, `name`, `short` in order from the left. A cell without anything judged stays empty.
    is_marked: rates that rest on few are marked here; the texts of others carry their marks already."""
    written = marked_rate() if is_marked else pl.col("rate_text")
    annotated = regions.height <= LARGEST_ANNOTATED
    grid = (
        regions.select("region_code", pl.col("name").alias("region"))
        .join(rules.select("rule_id", pl.col("name").alias("rule")), how="cross")
        .join(cells, on=["region_code", "rule_id"], how="left", maintain_order="left")
        .with_columns(
            drawn_rate(pl.col("rate")).alias("drawn"),
            pl.format("{}<br>{}/{}" if annotated else "{}  {}/{}", written, "met", "judged").alias("text"),
            pl.format("<b>{}</b><br>{}<br>{}  {}/{}", escaped(pl.col("region")), escaped(pl.col("rule")), written, "met", "judged").alias("hover"),
        )
        # A cell without a rate is a gap: neither coloured, written nor hovered.
        .with_columns(pl.when(pl.col("rate").is_not_null()).then(pl.col("text", "hover")).otherwise(pl.lit("")))
    )
    width = max(rules.height, 1)

    def matrix(column: str) -> list[list[object]]:
        values = grid[column].to_list()
        return [values[start : start + width] for start in range(0, len(values), width)]

    trace = _heatmap(
        z=matrix("drawn"),
        x=list(range(rules.height)),
        y=list(range(regions.height)),
        text=matrix("text") if annotated else None,
        texttemplate="%{text}" if annotated else None,
        textfont={"size": 11, "color": BLACK},
        # Whole names in every cell of hundreds of regions would make a page of megabytes: there the names beside the axes do.
        customdata=matrix("hover" if annotated else "text"),
        hovertemplate="%{customdata}<extra></extra>" if annotated else "<b>%{y}</b><br>%{x}<br>%{customdata}<extra></extra>",
        hoverongaps=False,
        zmin=0,
        zmax=1,
        # The scale turns at the threshold: orange tones miss it, blue ones reach it.
        colorscale=[[0, VERMILLION], [0.7, "#f0a868"], [THRESHOLD - 1e-9, "#fbe3c8"], [THRESHOLD, "#cfe6f5"], [1, SKY]],
        showscale=False,
        xgap=2,
        ygap=2,
    )
    return _figure(
        [trace] if grid.height else [],
        height=heat_map_height(regions.height),
        plot_bgcolor="#f4f4f4",
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        xaxis={
            "tickvals": list(range(rules.height)),
            "ticktext": rules.select(axis_text(pl.col("short"))).to_series().to_list(),
            "range": [-0.5, rules.height - 0.5],
            "side": "top",
            "automargin": True,
            "tickangle": 0,
            "showgrid": False,
            "ticks": "",
            "zeroline": False,
            "fixedrange": True,
        },
        yaxis={
            "tickvals": list(range(regions.height)),
            "ticktext": regions.select(axis_text(pl.col("short"))).to_series().to_list(),
            "range": [regions.height - 0.5, -0.5],
            "automargin": True,
            "showgrid": False,
            "ticks": "",
            "zeroline": False,
            "ticksuffix": "  ",
            "fixedrange": True,
        },
    )


def heat_map_height(regions: int) -> int:
    """Pixels that `heat_map` needs for so many regions."""
    return 110 + (38 if regions <= LARGEST_ANNOTATED else 20) * max(regions, 2)


def trend_lines(months: pl.DataFrame, language: Language = "zh", height: int = TREND_HEIGHT, names: Mapping[str, str] | None = None) -> go.Figure:
    """Rates month by month, one line per measure with its bounds as a band. Months: `measure`, `period_start` (first of the month) and the columns of
    `rates.with_rates`, ascending. names: of the two measures, where they are other than disclosure and timeliness."""
    traces: list[go.Scatter] = []
    names = names or {measure: label(f"{measure}.rate", language) for measure in MEASURES}
    looks = ((BLUE, "solid", "circle", "rgba(0,114,178,0.14)"), (VERMILLION, "dash", "diamond", "rgba(213,94,0,0.14)"))
    for measure, (colour, dash, symbol, band) in zip(names, looks, strict=True):
        rows = months.filter(pl.col("measure") == measure).with_columns(pl.col("period_start").dt.strftime("%Y-%m-%d").alias("x"))
        name = names[measure]
        for bound, fill in (("rate_high", None), ("rate_low", "tonexty")):
            traces.append(
                _scatter(
                    x=rows["x"].to_list(),
                    y=rows[bound].to_list(),
                    mode="lines",
                    line={"width": 0, "color": colour},
                    fill=fill,
                    fillcolor=band,
                    hoverinfo="skip",
                    showlegend=False,
                )
            )
        traces.append(
            _scatter(
                x=rows["x"].to_list(),
                y=rows["rate"].to_list(),
                mode="lines+markers",
                name=name,
                line={"color": colour, "dash": dash, "width": 2.5},
                marker={"symbol": symbol, "size": 8, "color": colour},
                customdata=rows.select("rate_text", pl.format("{}/{}", "met", "judged"), "rate_low_text", "rate_high_text").rows(),
                hovertemplate="%{x|%Y-%m}  "
                + name
                + " %{customdata[0]}  %{customdata[1]}<br>"
                + label("page.hover", language, low="%{customdata[2]}", high="%{customdata[3]}")
                + "<extra></extra>",
            )
        )
    lowest = months.select(pl.min_horizontal(pl.col("rate_low").min(), pl.col("rate").min(), THRESHOLD)).item() if months.height else 0.0
    return _figure(
        traces if months.height else [],
        height=height,
        margin={"l": 8, "r": 24, "t": 36, "b": 8},
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "traceorder": "normal", "itemclick": False, "itemdoubleclick": False},
        xaxis={"type": "date", "tickformat": "%Y-%m", "automargin": True, "gridcolor": "#efefef", "fixedrange": True},
        yaxis={
            # Lines may start above zero; bars may not.
            "range": [max(0.0, lowest - 0.05), 1.01],
            "tickformat": ".0%",
            "automargin": True,
            "gridcolor": "#e3e3e3",
            "zeroline": False,
            "fixedrange": True,
        },
        shapes=[_threshold_line(x0=0, x1=1, xref="paper", y0=THRESHOLD, y1=THRESHOLD)],
        annotations=[
            {
                "x": 1,
                "xref": "paper",
                "xanchor": "right",
                "y": THRESHOLD,
                "yanchor": "top",
                "showarrow": False,
                "text": f"{THRESHOLD_PERCENT}%",
                "font": {"size": 11, "color": BLACK},
            }
        ],
    )


def stacked_counts(rows: pl.DataFrame, names: Mapping[str, str]) -> go.Figure:
    """Horizontal bars of counts in parts. Rows: `name`, `short` (beside the axis) and one whole number for each of `names`, which are the parts in their
    order with the words of the legend; drawn from the top. A part without a count is not written."""
    drawn = rows.with_columns(axis_text(pl.col("short")).alias("tick"), escaped(pl.col("name")).alias("full"))
    places = list(range(drawn.height))
    traces = [
        _bar(
            name=word,
            orientation="h",
            y=places,
            x=drawn[part].to_list(),
            text=[f"{count:,}" if count else "" for count in drawn[part]],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            textfont={"color": ink, "size": 12},
            width=0.68,
            marker={
                "color": colour,
                "line": {"color": BLACK, "width": 0.5},
                "pattern": {"shape": pattern, "fillmode": "overlay", "fgcolor": drawn_in, "size": 8, "solidity": 0.12},
            },
            customdata=drawn.select("full").rows(),
            hovertemplate=f"<b>%{{customdata[0]}}</b><br>{word}  %{{x}}<extra></extra>",
        )
        for (part, word), (colour, pattern, drawn_in, ink) in zip(names.items(), _PART_LOOK, strict=False)
    ]
    return _figure(
        traces if places else [],
        height=bar_height(drawn.height),
        barmode="stack",
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 0, "yanchor": "top", "traceorder": "normal", "itemclick": False, "itemdoubleclick": False},
        margin={"l": 8, "r": 8, "t": 34, "b": 34},
        xaxis={"side": "top", "rangemode": "tozero", "tickformat": ",d", "gridcolor": "#e3e3e3", "fixedrange": True},
        yaxis=_downwards(drawn),
    )


def count_bars(rows: pl.DataFrame, name: str) -> go.Figure:
    """Horizontal bars of counts, written out beside their ends. Rows: `name`, `short` (beside the axis), `count`, `text`; name: what is counted."""
    drawn = rows.with_columns(axis_text(pl.col("short")).alias("tick"), escaped(pl.col("name")).alias("full"))
    bars = _bar(
        name=name,
        orientation="h",
        y=list(range(drawn.height)),
        x=drawn["count"].to_list(),
        text=drawn["text"].to_list(),
        textposition="outside",
        cliponaxis=False,
        width=0.68,
        marker={"color": BLUE},
        customdata=drawn.select("full").rows(),
        hovertemplate=f"<b>%{{customdata[0]}}</b><br>{name}  %{{x:,.2~f}}<extra></extra>",
    )
    whole = {"dtick": 1} if drawn["count"].dtype.is_integer() and max(drawn["count"], default=0) < 5 else {}
    return _figure(
        [bars] if drawn.height else [],
        height=bar_height(drawn.height),
        # Room for what is written beside the longest bar.
        margin={"l": 8, "r": 96, "t": 34, "b": 34},
        # Of few, no half ones on the axis.
        xaxis={"side": "top", "rangemode": "tozero", "tickformat": ",", "gridcolor": "#e3e3e3", "fixedrange": True} | whole,
        yaxis=_downwards(drawn),
    )


def _downwards(drawn: pl.DataFrame) -> dict[str, object]:
    """An axis of names, from the top."""
    return {
        "tickvals": list(range(drawn.height)),
        "ticktext": drawn["tick"].to_list(),
        "range": [drawn.height - 0.4, -0.6],
        "automargin": True,
        "showgrid": False,
        "ticks": "",
        "ticksuffix": "  ",
        "zeroline": False,
        "fixedrange": True,
    }


def month_counts(months: pl.DataFrame, name: str) -> go.Figure:
    """One bar a month. Months: `month` (its first day, ascending) and `count`; name: what is counted."""
    names = months["month"].dt.strftime("%Y-%m").to_list()
    # The year is written once, so that three years of months stand level.
    ticks = [f"{day:%m}" + (f"<br>{day:%Y}" if place == 0 or day.month == 1 else "") for place, day in enumerate(months["month"])]
    bars = _bar(
        name=name,
        x=list(range(months.height)),
        y=months["count"].to_list(),
        text=[f"{count:,}" for count in months["count"]],
        textposition="outside",
        cliponaxis=False,
        marker={"color": BLUE},
        customdata=names,
        hovertemplate="%{customdata}  " + name + " %{y:,}<extra></extra>",
    )
    return _figure(
        [bars] if ticks else [],
        height=MONTHS_HEIGHT,
        margin={"l": 8, "r": 8, "t": 28, "b": 8},
        xaxis={"tickvals": list(range(months.height)), "ticktext": ticks, "tickangle": 0, "automargin": True, "showgrid": False, "fixedrange": True},
        yaxis={"rangemode": "tozero", "tickformat": ",d", "automargin": True, "gridcolor": "#e3e3e3", "zeroline": False, "fixedrange": True},
    )


def day_counts(days: pl.DataFrame, name: str) -> go.Figure:
    """One bar a day. Days: `day` (ascending) and `count`; name: what is counted. Days without any are left open."""
    bars = _bar(
        name=name,
        x=days["day"].dt.strftime("%Y-%m-%d").to_list(),
        y=days["count"].to_list(),
        text=[f"{count:,}" for count in days["count"]],
        textposition="outside",
        textangle=0,
        cliponaxis=False,
        marker={"color": BLUE},
        hovertemplate="%{x|%Y-%m-%d}  " + name + " %{y:,}<extra></extra>",
    )
    return _figure(
        [bars] if days.height else [],
        height=MONTHS_HEIGHT,
        margin={"l": 8, "r": 24, "t": 28, "b": 8},
        xaxis={"type": "date", "tickformat": "%m-%d", "automargin": True, "showgrid": False, "fixedrange": True},
        yaxis={"rangemode": "tozero", "tickformat": ",d", "automargin": True, "gridcolor": "#e3e3e3", "zeroline": False, "fixedrange": True},
    )


def year_on_year(months: pl.DataFrame, names: tuple[str, str], height: int = MONTHS_HEIGHT) -> go.Figure:
    """Bars of months beside the same months of the year before. Months: `month` (its first day, ascending), `value` and `value_text`, `before` and `before_text`
    (null where nothing is known of that month); names: of the bars and of the marks of the year before."""
    months = months.with_row_index("place")
    ticks = [f"{day:%m}" + (f"<br>{day:%Y}" if place == 0 or day.month == 1 else "") for place, day in enumerate(months["month"])]
    bars = _bar(
        name=names[0],
        x=months["place"].to_list(),
        y=months["value"].to_list(),
        text=months["value_text"].to_list(),
        textposition="outside",
        textangle=0,
        textfont={"size": 11},
        cliponaxis=False,
        marker={"color": BLUE},
        customdata=months.select(pl.col("month").dt.strftime("%Y-%m"), "value_text").rows(),
        hovertemplate="%{customdata[0]}  %{customdata[1]}<extra></extra>",
    )
    known = months.filter(pl.col("before").is_not_null())
    marks = _scatter(
        name=names[1],
        x=known["place"].to_list(),
        y=known["before"].to_list(),
        mode="lines+markers",
        line={"color": VERMILLION, "dash": "dash", "width": 2},
        marker={"symbol": "diamond", "size": 8, "color": VERMILLION},
        customdata=known.select("before_text").rows(),
        hovertemplate=names[1] + "  %{customdata[0]}<extra></extra>",
    )
    return _figure(
        ([bars, marks] if known.height else [bars]) if months.height else [],
        height=height,
        margin={"l": 8, "r": 8, "t": 36, "b": 8},
        showlegend=known.height > 0,
        legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "itemclick": False, "itemdoubleclick": False},
        xaxis={"tickvals": months["place"].to_list(), "ticktext": ticks, "tickangle": 0, "automargin": True, "showgrid": False, "fixedrange": True},
        yaxis={"rangemode": "tozero", "tickformat": ",~r", "automargin": True, "gridcolor": "#e3e3e3", "zeroline": False, "fixedrange": True},
    )


#: Labels have margins that fit them. Without a word Plotly asks anew for every label, margin after margin, whether it overflows: 17 of the 20 seconds of a page of 300 counties.
_AXIS = {"ticklabeloverflow": "allow"}


def _figure(traces: Sequence[BaseTraceType], **layout: object) -> go.Figure:
    # One call: Plotly goes through every property again in each later update, which was half of the time of a page.
    common: dict[str, object] = {
        "template": {"layout": {"xaxis": _AXIS, "yaxis": _AXIS}},
        "autosize": True,
        "font": {"family": FONT, "size": 13, "color": BLACK},
        "paper_bgcolor": "#ffffff",
        "plot_bgcolor": "#ffffff",
        "showlegend": False,
        "hoverlabel": {"font": {"family": FONT, "size": 13}, "align": "left"},
        "dragmode": False,
    }
    return go.Figure(traces, common | layout, _validate=False)


def _threshold_line(**place: object) -> dict[str, object]:
    return {"type": "line", "layer": "above", "line": {"color": BLACK, "width": 1.5, "dash": "dot"}, **place}
