"""The catalogue of labels: every word that a page or workbook shows, in Chinese and English, from `labels.toml`."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


def other_language(language: Language) -> Language:
    """The language that a page leads to."""
    return "en" if language == "zh" else "zh"


class UnknownLabelError(KeyError):
    """A key that `labels.toml` does not define."""

    def __str__(self) -> str:
        return f"labels.toml has no label {self.args[0]!r}: add it under its section in both languages"


@cache
def _catalogue() -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads(Path(__file__).with_name("labels.toml").read_text(encoding="utf-8"))


def label(key: str, language: Language = "zh", **values: object) -> str:
    """The text of `key` (`section.name`), its `{name}` places filled from `values`. Raises UnknownLabelError."""
    section, _, name = key.partition(".")
    try:
        text = _catalogue()[section][name][language]
    except KeyError:
        raise UnknownLabelError(key) from None
    return text.format(**values) if values else text


def section(name: str, language: Language = "zh") -> dict[str, str]:
    """All labels of one section by name: for replacing the codes of a mart column. Raises UnknownLabelError."""
    try:
        return {key: texts[language] for key, texts in _catalogue()[name].items()}
    except KeyError:
        raise UnknownLabelError(name) from None
