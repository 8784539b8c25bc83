"""Parts of a page as Dash components, looking as the template of the published site makes them."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboards.labels import Language, label
from dashboards.parts import Card, Table
from dashboards.rendering import cell


def card_list(cards: Sequence[Card]) -> html.Ul:
    """The numbers of the overview."""
    return html.Ul([_card(card) for card in cards], className="cards")


def _card(card: Card) -> html.Li:
    verdict = [html.Span(card.verdict, className="verdict")] if card.verdict else []
    details = [html.Span(detail, className="detail") for detail in card.details]
    return html.Li([html.Span(card.title, className="name"), html.Strong(card.value), *verdict, *details], className=card.state or None)


def linked_table(table: Table, caption: str, cells: Mapping[tuple[int, int], str], language: Language) -> Component:
    """A table whose cells, by row and column, lead on."""
    if not table.rows:
        return html.P(label("page.no_data", language), className="empty")
    headings = [html.Th(heading, scope="col", className="number" if place in table.numeric else None) for place, heading in enumerate(table.headings)]
    rows = [
        html.Tr([_cell(value, cells.get((row, place)), place in table.numeric) for place, value in enumerate(values)])
        for row, values in enumerate(table.rows)
    ]
    content = html.Table([html.Caption(caption, className="hidden"), html.Thead(html.Tr(headings)), html.Tbody(rows)])
    named: dict[str, Any] = {"aria-label": f"{caption} {label('page.scroll', language)}"}
    return html.Div(content, className="scroll", tabIndex="0", role="region", **named)


def _cell(value: object, address: str | None, is_number: bool) -> html.Td:
    text = cell(value)
    return html.Td(html.A(text, href=address) if address else text, className="number" if is_number else None)
