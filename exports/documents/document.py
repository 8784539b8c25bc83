"""What a document is: its name, the kinds of period it is made for, and what writes it. Light: what writes it is imported when it writes."""

import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dashboards.labels import Language, label

if TYPE_CHECKING:
    from exports.answers.period import Period
    from exports.documents.occasion import Occasion


@dataclass(frozen=True)
class Document:
    """`kinds`: the periods it is made for, the usual one first. `writer`: module and function that takes the occasion and a folder and gives the files it
    wrote there, whole."""

    name: str
    kinds: tuple[str, ...]
    writer: str

    def label(self, language: Language = "zh") -> str:
        return label(f"document.{self.name}", language)

    def write(self, occasion: "Occasion", out: Path) -> list[Path]:
        """Write the document into the folder."""
        module, _, function = self.writer.partition(":")
        write: Callable[[Occasion, Path], list[Path]] = getattr(importlib.import_module(module), function)
        return write(occasion, out)


def period_words(period: "Period") -> str:
    """A period as it is written in a title."""
    quarter = (period.start.month + 2) // 3
    return label(f"period.{period.kind}", year=period.start.year, quarter=quarter, month=period.start.month)


def file_name(*parts: str, suffix: str) -> str:
    """The name of a document's file: its parts, without what a file system refuses."""
    return "_".join(re.sub(r"[^\w.〔〕（）-]+", "-", part) for part in parts if part) + suffix
