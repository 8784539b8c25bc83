"""Whether records show that a share is reached: the SQL of dbt's macro (``dbt/macros/shown.sql``), which is the one place where it is written."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import jinja2

_MACROS = Path(__file__).resolve().parents[1] / "dbt" / "macros" / "shown.sql"


def shows_share(kept: str, judged: str, least: str, confidence: int, of: str) -> str:
    """A SQL expression: true, false, or null where ``judged`` records are too few to show that at least ``least`` of ``of`` are kept.

    Arguments are SQL expressions of whole numbers, ``confidence`` in per cent.
    """
    return str(_macros().shows_share(kept, judged, least, confidence, of))


def exact_interval(kept: int, judged: int, confidence: int) -> tuple[float, float]:
    """The exact (Clopper-Pearson) bounds of a share, each one-sided at ``confidence`` per cent: below the lower, as many kept would be that rare; above the
    upper, as few. Found by halving, from the one formula of the tail."""
    rare = 1 - confidence / 100
    with duckdb.connect(config={"threads": "1", "autoload_known_extensions": "false"}) as connection:

        def at_most(count: int, share: float) -> float:
            if count < 0:
                return 0.0
            row = connection.execute(f"SELECT {_macros().binomial_tail('$1::BIGINT', '$2::BIGINT', '$3::DOUBLE')}", [count, judged, share]).fetchone()
            return float(row[0]) if row else 0.0

        lower = 0.0 if kept == 0 else _halve(lambda share: 1 - at_most(kept - 1, share) < rare)
        upper = 1.0 if kept == judged else _halve(lambda share: at_most(kept, share) > rare)
    return lower, upper


def _halve(is_below: Callable[[float], bool]) -> float:
    """Where a condition that holds for small shares ceases to hold, to ten digits."""
    least, most = 1e-12, 1 - 1e-12
    while most - least > 1e-10:
        middle = (least + most) / 2
        least, most = (middle, most) if is_below(middle) else (least, middle)
    return least


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
