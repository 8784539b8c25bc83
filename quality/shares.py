"""Whether records show that a share is reached: the SQL of dbt's macro (``dbt/macros/shown.sql``), which is the one place where it is written."""

from functools import cache
from pathlib import Path
from typing import Any

import jinja2

_MACROS = Path(__file__).resolve().parents[1] / "dbt" / "macros" / "shown.sql"


def shows_share(kept: str, judged: str, least: str, confidence: int, of: str) -> str:
    """A SQL expression: true, false, or null where ``judged`` records are too few to show that at least ``least`` of ``of`` are kept.

    Arguments are SQL expressions of whole numbers, ``confidence`` in per cent.
    """
    return str(_macros().shows_share(kept, judged, least, confidence, of))


@cache
def _macros() -> Any:
    # What dbt gives its macros: the dispatch to an engine's own version, of which DuckDB needs none, and a return.
    found: Any = None

    class Adapter:
        @staticmethod
        def dispatch(name: str, _package: str) -> Any:
            return getattr(found, f"default__{name}")

    template = jinja2.Environment().from_string(_MACROS.read_text(encoding="utf-8"))
    found = template.make_module({"adapter": Adapter, "return": lambda value: value})
    return found
