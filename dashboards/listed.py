"""Words that a snapshot holds in Chinese, in the language of the page. What is on no list stays as it was delivered."""

import polars as pl

from dashboards.labels import Language, section


def in_words(column: str, language: Language, of: str = "listed") -> pl.Expr:
    """A column whose values stand in a section of the catalogue by their Chinese words."""
    return pl.col(column).replace(section(of, language))


def push_text(said: str, language: Language) -> str:
    """What the marts of the push say; of a refusal, the code and the words of the province stay as they came."""
    words = section("push_said", language)
    first, mark, rest = said.partition("：")
    return words.get(said) or (f"{words[first]}: {rest}" if mark and first in words and language == "en" else said)
