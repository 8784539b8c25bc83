"""Disclosure and timeliness with filters: the one page that Dash draws. Its callbacks read; nothing is changed through them."""

import json
from typing import Any
from urllib.parse import parse_qs

from dash import Dash, Input, Output, State, dcc, html, no_update
from flask import Flask, current_app, g, has_request_context, render_template
from flask_wtf.csrf import CSRFProtect
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from dashboards.labels import Language, label, section
from dashboards.live.charts import CHARTS, Choice, Drawn, overview_cards
from dashboards.live.components import card_list, linked_table
from dashboards.live.frame import snapshot_of
from dashboards.live.records import days_late
from dashboards.live.selection import Selection, months_of
from dashboards.rates import MEASURES

PATH = "/rates/"
_LONGEST_KEPT = 400
_CONTROLS = ("region", "type", "rule", "first", "last", "measure", "chart")
_GRAPH: Any = {"displayModeBar": False, "responsive": True, "scrollZoom": False, "doubleClick": False}


class _Framed(Dash):
    """Dash inside the frame of the other pages."""

    def interpolate_index(self, **parts: str) -> str:  # type: ignore[override]
        return render_template("rates.html.j2", **{name: Markup(part) for name, part in parts.items()})


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
    dash.callback([Output(name, "value") for name in _CONTROLS], Input("address", "search"))(_take_from_address)
    dash.callback(
        Output("cards", "children"),
        Output("title", "children"),
        Output("note", "children"),
        Output("plot", "figure"),
        Output("plot", "style"),
        Output("table", "children"),
        Output("records-link", "href"),
        [Input(name, "value") for name in _CONTROLS],
        prevent_initial_call=True,
    )(_draw)
    dash.callback(Output("onward", "href"), Input("plot", "clickData"), [State(name, "value") for name in _CONTROLS], prevent_initial_call=True)(
        _onward
    )
    protection.exempt(app.view_functions[f"{PATH}_dash-update-component"])
    return dash


def _layout() -> html.Div:
    """The controls, and the places of what is drawn."""
    if not has_request_context():
        # Dash looks at it once while it is put together, when nobody asks yet.
        return html.Div()
    snapshot, language = snapshot_of(current_app), g.language
    rates = snapshot.frames.rates
    regions = sorted(set(zip(rates["region_code"], rates["region"], strict=True)))
    types = [(code, name) for code, name in section("transaction_type", language).items() if code in set(rates["transaction_type"])]
    rules = [(row["rule_id"], f"{row['rule_id']} {row['label']}") for row in snapshot.frames.rules.iter_rows(named=True)]
    months = [(month, month) for month in months_of(snapshot.frames.rates)]
    return html.Div(
        [
            dcc.Location(id="address", refresh=False),
            dcc.Location(id="onward", refresh=True),
            html.Section(
                [
                    _dropdown("region", regions, language),
                    _dropdown("type", types, language),
                    _dropdown("rule", rules, language),
                    _dropdown("first", months, language, several=False),
                    _dropdown("last", list(reversed(months)), language, several=False),
                ],
                className="filters",
                **_named("live.filters", language),
            ),
            html.Section(html.Div(id="cards"), **_named("page.overview", language)),
            html.Section(
                [
                    html.Div(
                        [
                            _choices("measure", [(measure, label(f"{measure}.rate", language)) for measure in MEASURES], language),
                            _choices("chart", [(name, label(f"live.chart_{name}", language)) for name in CHARTS], language),
                        ],
                        className="switches",
                    ),
                    html.H2(id="title"),
                    html.P(id="note", className="note"),
                    html.Div(dcc.Graph(id="plot", config=_GRAPH), className="scroll chart"),
                    html.P(
                        [label("live.click_onward", language), " ", html.A(label("live.all_records", language), id="records-link", href="/records")],
                        className="note",
                    ),
                    html.Div(id="table"),
                ]
            ),
        ]
    )


def _named(key: str, language: Language) -> dict[str, Any]:
    return {"aria-label": label(key, language)}


def _dropdown(name: str, options: list[tuple[str, str]], language: Language, several: bool = True) -> html.Div:
    words: Any = {key: label(f"live.dropdown_{key}", language) for key in _DROPDOWN_WORDS}
    words["selected_count"] = words["selected_count"].replace("{count}", "{num_selected}")
    title = label(f"live.filter_{name}", language)
    control = dcc.Dropdown(
        id=name,
        options=[{"value": value, "label": text} for value, text in options],
        multi=several,
        placeholder=label("live.any", language),
        labels=words,
        optionHeight="auto",
        maxHeight=360,
    )
    return html.Div([html.Label(title, htmlFor=name), control], className="filter")


_DROPDOWN_WORDS = ("select_all", "deselect_all", "selected_count", "search", "clear_search", "clear_selection", "no_options_found")


def _choices(name: str, options: list[tuple[str, str]], language: Language) -> html.Fieldset:
    control = dcc.RadioItems(id=name, options=[{"value": value, "label": text} for value, text in options], inline=True, className="segments")
    return html.Fieldset([html.Legend(label(f"live.filter_{name}", language), className="hidden"), control])


def _take_from_address(search: str | None) -> list[Any]:
    """The controls as the address says; without a word of it, timeliness by region over all months."""
    said = parse_qs((search or "").lstrip("?"))
    selection = Selection.of(MultiDict([(name, value) for name, values in said.items() for value in values]))
    measure = selection.measure if selection.measure in MEASURES else "timeliness"
    chart = said.get("chart", ["region"])[0]
    lists = [list(selection.region) or None, list(selection.type) or None, list(selection.rule) or None]
    return [*lists, selection.first or None, selection.last or None, measure, chart if chart in CHARTS else "region"]


def _choice(region: Any, type: Any, rule: Any, first: Any, last: Any, measure: Any) -> Choice:
    snapshot = snapshot_of(current_app)
    months = months_of(snapshot.frames.rates)
    # The first and last month are said even where nobody chose: a duty without any date is in no rate, and must not be in the list behind one.
    selection = Selection.made(
        region=region, type=type, rule=rule, first=first or (months[0] if months else ""), last=last or (months[-1] if months else "")
    )
    measure = measure if measure in MEASURES else "timeliness"
    with snapshot.reading() as connection:
        late = days_late(connection, selection, measure)
    return Choice(snapshot.frames, g.language, selection, measure, late)


def _drawn(chart: str, *chosen: Any) -> tuple[Choice, Drawn]:
    choice = _choice(*chosen)
    return choice, CHARTS.get(chart, CHARTS["region"])(choice)


def _draw(region: Any, type: Any, rule: Any, first: Any, last: Any, measure: Any, chart: Any) -> tuple[Any, ...]:
    snapshot = snapshot_of(current_app)
    key = ("rates", g.language, json.dumps([region, type, rule, first, last, measure, chart]))
    if key in snapshot.kept:
        kept: tuple[Any, ...] = snapshot.kept[key]
        return kept
    choice, drawn = _drawn(chart, region, type, rule, first, last, measure)
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


def _onward(clicked: Any, region: Any, type: Any, rule: Any, first: Any, last: Any, measure: Any, chart: Any) -> Any:
    """The records behind the point that was clicked."""
    if not clicked or not clicked.get("points"):
        return no_update
    _, drawn = _drawn(chart, region, type, rule, first, last, measure)
    x, y = (str(clicked["points"][0].get(axis)) for axis in "xy")
    return drawn.points.get((x, y)) or drawn.points.get(("*", y)) or drawn.points.get((x, "*")) or no_update
