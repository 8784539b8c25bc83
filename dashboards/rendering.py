"""How the templates of the pages are rendered: everything that is printed is escaped, and nothing that is missing is passed over."""

import re

import jinja2
from markupsafe import Markup

from dashboards.parts import Coded


def environment() -> jinja2.Environment:
    """The templates of `dashboards/templates` with their filters."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("dashboards", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(FILTERS)
    return made


def cell(value: object) -> str:
    """A value of a table as it is printed."""
    if isinstance(value, Coded):
        return value.code if value.name == value.code else Markup("{} <code>{}</code>").format(value.name, value.code)
    return f"{value:,}" if isinstance(value, int) else str(value)


_ESCAPE = re.compile(r"\\(?:u002f|u003e|.)")
_PLAIN = {r"\u002f": "/", r"\u003e": ">"}


def embedded(figure: str) -> str:
    """The JSON of a figure as it stands in a page. Of the characters that Plotly escapes, only `<` could end the element around it: the others,
    six bytes each in every cell of a heat map, are written as they are."""
    return _ESCAPE.sub(lambda found: _PLAIN.get(found[0], found[0]), figure)


FILTERS = {"cell": cell, "embedded": embedded}
"""What the templates of the pages ask of a value, by name."""
