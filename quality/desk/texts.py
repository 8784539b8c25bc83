"""What a finding means, what it affects, how it is mended and where the expectation comes from: one catalogue, by kind of check (``texts.toml``)."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

#: Text by language: zh, en.
Texts = dict[str, str]


@dataclass(frozen=True)
class Explanation:
    """The four texts of a kind of check."""

    meaning: Texts
    effect: Texts
    mend: Texts
    source: Texts


@cache
def explanations() -> dict[str, Explanation]:
    """Every kind of check with its texts."""
    content = tomllib.loads(Path(__file__).with_name("texts.toml").read_text(encoding="utf-8"))
    return {kind: Explanation(**texts) for kind, texts in content.items()}


def explanation(kind: str) -> Explanation | None:
    """The texts of a kind; None for a check that is no longer asked and has none left."""
    return explanations().get(kind)
