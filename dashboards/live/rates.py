"""Disclosure and timeliness for what a reader picks. The controls are a form of the page, whose address says what is picked; Dash draws what the address says.

Its callbacks read; nothing is changed through them.
"""

import json
from typing import Any
from urllib.parse import parse_qs

from dash import Dash, Input, Output, State, dcc, html, no_update
from flask import Flask, current_app, g, has_request_context, render_template, request
from flask_wtf.csrf import CSRFProtect
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from dashboards.labels import Language, label
from dashboards.live.addresses import PICKED
from dashboards.live.charts import CHARTS, Choice, Drawn, overview_cards
from dashboards.live.components import card_list, linked_table
from dashboards.live.frame import snapshot_of
from dashboards.live.records import days_late
from dashboards.live.selection import Selection, months_of, options_of
from dashboards.rates import MEASURES

PATH = PICKED
_LONGEST_KEPT = 400
_GRAPH: Any = {"displayModeBar": False, "responsive": True, "scrollZoom": False, "doubleClick": False}
_MEASURE, _CHART = "timeliness", "region"
"""What is drawn where the address does not say it."""


class _Framed(Dash):
    """Dash inside the frame of the other pages, under the form."""

    def interpolate_index(self, **parts: str) -> str:  # type: ignore[override]
        frames = snapshot_of(current_app).frames
        measure, chart, selection = _said(request.args)
        return render_template(
            "rates.html.j2",
            selection=selection,
            measure=measure,
            chart=chart,
            measures=MEASURES,
            charts=list(CHARTS),
            options=options_of(frames.rates, frames.rules, g.language),
            **{name: Markup(part) for name, part in parts.items()},
        )


def mount(app: Flask, protection: CSRFProtect) -> Dash:
    """Puts the page into the app. Its one POST asks for figures, carries no token and needs none: it changes nothing."""
    dash = _Framed(
        "dashboards.live.rates",
        server=app,  # type: ignore[arg-type]
        url_base_pathname=PATH,
        include_assets_files=False,
        serve_locally=True,
        suppress_callback_exceptions=True,
        update_title="",
        add_log_handler=False,
        enable_mcp=False,
    )
    dash.layout = _layout
    dash.callback(
        Output("cards", "children"),
        Output("title", "children"),
        Output("note", "children"),
        Output("plot", "figure"),
        Output("plot", "style"),
        Output("table", "children"),
        Output("records-link", "href"),
        Input("address", "search"),
    )(_draw)
    dash.callback(Output("onward", "href"), Input("plot", "clickData"), State("address", "search"), prevent_initial_call=True)(_onward)
    protection.exempt(app.view_functions[f"{PATH}_dash-update-component"])
    return dash


def _layout() -> html.Div:
    """The places of what is drawn."""
    if not has_request_context():
        # Dash looks at it once while it is put together, when nobody asks yet.
        return html.Div()
    language: Language = g.language
    plot = dcc.Graph(id="plot", config=_GRAPH, style={"height": "340px"})
    onward = html.A(label("live.all_records", language), id="records-link", href="/records")
    return html.Div(
        [
            dcc.Location(id="address", refresh=False),
            dcc.Location(id="onward", refresh=True),
            html.Section(html.Div(id="cards"), **_named("page.overview", language)),
            html.Section(
                [
                    html.H2(id="title"),
                    html.P(id="note", className="note"),
                    html.Div(plot, className="scroll chart", tabIndex="0", role="region", **_named("live.chart", language)),
                    html.P([label("live.click_onward", language), " ", onward], className="note"),
                    html.Div(id="table"),
                ],
                **{"aria-labelledby": "title"},  # type: ignore[arg-type]
            ),
        ]
    )


def _named(key: str, language: Language) -> dict[str, Any]:
    return {"aria-label": label(key, language)}


def _said(arguments: MultiDict[str, str]) -> tuple[str, str, Selection]:
    """The measure, the chart and the selection of an address; timeliness by region where it does not say."""
    measure, chart = arguments.get("measure", ""), arguments.get("chart", "")
    return measure if measure in MEASURES else _MEASURE, chart if chart in CHARTS else _CHART, Selection.of(arguments)


def _drawn(search: str) -> tuple[Choice, Drawn]:
    """What an address asks for."""
    said = MultiDict([(name, value) for name, values in parse_qs(search.lstrip("?")).items() for value in values])
    measure, chart, picked = _said(said)
    snapshot = snapshot_of(current_app)
    months = months_of(snapshot.frames.rates) or [""]
    # The first and last month are said even where nobody chose: a duty without any date is in no rate, and must not be in the list behind one.
    selection = Selection.made(
        region=picked.region, type=picked.type, rule=picked.rule, first=picked.first or months[0], last=picked.last or months[-1]
    )
    with snapshot.reading() as connection:
        choice = Choice(snapshot.frames, g.language, selection, measure, days_late(connection, selection, measure))
    return choice, CHARTS[chart](choice)


def _draw(search: str | None) -> tuple[Any, ...]:
    snapshot = snapshot_of(current_app)
    key = ("rates", g.language, search or "")
    if key in snapshot.kept:
        kept: tuple[Any, ...] = snapshot.kept[key]
        return kept
    choice, drawn = _drawn(search or "")
    shown = drawn.chart
    answer = (
        card_list(overview_cards(choice)),
        shown.title,
        shown.note,
        json.loads(shown.figure),
        {"height": f"{shown.height}px", "minWidth": f"{shown.least_width}px"},
        linked_table(shown.table, shown.title, drawn.cells, choice.language),
        choice.records(),
    )
    if len(snapshot.kept) < _LONGEST_KEPT:
        snapshot.kept[key] = answer
    return answer


def _onward(clicked: Any, search: str | None) -> Any:
    """The records behind the point that was clicked."""
    if not clicked or not clicked.get("points"):
        return no_update
    _, drawn = _drawn(search or "")
    x, y = (str(clicked["points"][0].get(axis)) for axis in "xy")
    return drawn.points.get((x, y)) or drawn.points.get(("*", y)) or drawn.points.get((x, "*")) or no_update
