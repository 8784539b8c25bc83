"""How the templates of the pages are rendered: everything that is printed is escaped, and nothing that is missing is passed over."""

import jinja2


def environment() -> jinja2.Environment:
    """The templates of `dashboards/templates` with their filter `cell`."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("dashboards", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["cell"] = cell
    return made


def cell(value: object) -> str:
    """A value of a table as it is printed."""
    return f"{value:,}" if isinstance(value, int) else str(value)
