"""The names by which reports call figures (`indicators.toml`)."""

import tomllib
from functools import cache
from pathlib import Path

from exports.documents.figures import Asking, Valued


@cache
def indicators() -> dict[str, tuple[str, dict[str, str]]]:
    """Every indicator with its figure and what that is asked with."""
    content = tomllib.loads(Path(__file__).with_name("indicators.toml").read_text(encoding="utf-8"))
    return {name: (told["figure"], told.get("with", {})) for name, told in content.items()}


def indicator(asking: Asking, name: str) -> Valued:
    """The figure behind an indicator."""
    figure, parameters = indicators()[name]
    return asking.figure(figure, **parameters)
