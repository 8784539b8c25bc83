"""What a check is called, what a finding means, what it affects, how it is mended and where the expectation comes from: one catalogue, by kind of check (``texts.toml``)."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sources.definitions import datasets

#: Text by language: zh, en.
Texts = dict[str, str]


@dataclass(frozen=True)
class Explanation:
    """The texts of a kind of check; ``title``: what it expects."""

    title: Texts
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


def check_kind(check_id: str, dataset: str) -> str:
    """What the check asks, whichever data set it asks it of: ``required`` of ``required_sections``; the id of a check that stands alone."""
    known = datasets().get(dataset)
    return check_id.removesuffix(f"_{known.table}") if known else check_id


def check_title(check_id: str, dataset: str, language: str) -> str:
    """What a check is called: what it expects, behind the data set where it asks one alone (in English its national name). Empty of a check without texts."""
    kind = check_kind(check_id, dataset)
    texts = explanation(kind)
    if texts is None:
        return ""
    if kind == check_id:
        return texts.title[language]
    return f"{datasets()[dataset].label}：{texts.title['zh']}" if language == "zh" else f"{dataset}: {texts.title[language]}"
