"""What a document is: its name, the kinds of period it is made for, and what writes it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dashboards.labels import label
from exports.answers.period import Period
from exports.documents.occasion import Occasion


@dataclass(frozen=True)
class Document:
    """`kinds`: the periods it is made for, the usual one first. `write` takes the occasion and a folder, and gives the files it wrote there, whole."""

    name: str
    kinds: tuple[str, ...]
    write: Callable[[Occasion, Path], list[Path]]

    @property
    def label(self) -> str:
        return label(f"document.{self.name}")


def period_words(period: Period) -> str:
    """A period as it is written in a title."""
    quarter = (period.start.month + 2) // 3
    return label(f"period.{period.kind}", year=period.start.year, quarter=quarter, month=period.start.month)


def file_name(*parts: str, suffix: str) -> str:
    """The name of a document's file: its parts, without what a file system refuses."""
    return "_".join(re.sub(r"[^\w.〔〕（）-]+", "-", part) for part in parts if part) + suffix
