"""How rules are shown: never without the mark of how far their clause was verified."""

from textwrap import wrap

import polars as pl

from dashboards.labels import LANGUAGES, Language, label, section
from dashboards.parts import Table
from dashboards.rates import NOT_APPLICABLE

_LABEL = {"zh": "label", "en": "label_en"}
"""The column of the rule book that names a rule in a language."""
LETTERS_BESIDE = 28
"""English letters of a line beside the bars of a chart."""
_LETTERS_ABOVE, _CHARACTERS_ABOVE = 14, 7
"""English letters, and Chinese characters, of a line above the columns of a heat map."""


def rule_label(language: Language) -> pl.Expr:
    """The name of a rule alone, as the rule book has it."""
    return pl.col(_LABEL[language]).fill_null("")


def rule_name(language: Language = "zh") -> pl.Expr:
    """A rule as it is shown everywhere: number, name and the mark of how far its clause was verified."""
    return pl.format("{} {}{}", pl.col("rule_id"), rule_label(language), _status_mark(language))


def rule_in_both() -> pl.Expr:
    """A rule as a terminal shows it: its number, then name and mark in Chinese and in English."""
    return pl.format("{} {} {}", "rule_id", *(pl.format("{}{}", rule_label(tongue), _status_mark(tongue)) for tongue in LANGUAGES))


def _status_mark(language: Language) -> pl.Expr:
    mark = pl.col("status").replace_strict(section("status", language), default=pl.format("〔{}〕", pl.col("status"))).fill_null("")
    # Chinese brackets stand off by themselves.
    return mark if language == "zh" else pl.when(mark != "").then(pl.lit(" ") + mark).otherwise(mark)


def named_rules(rules: pl.DataFrame, language: Language) -> pl.DataFrame:
    """Rules with `name`, `short` (beside an axis) and `stacked` (number, name, mark under each other)."""
    short, stacked = _in_chinese() if language == "zh" else _in_english()
    return rules.with_columns(rule_name(language).alias("name"), short.alias("short"), stacked.alias("stacked"))


def _in_chinese() -> tuple[pl.Expr, pl.Expr]:
    """A rule in one line, and folded in the middle where it is long."""
    # Plotly comes with it, which nobody needs who only names rules.
    from dashboards.figures import shortened

    rule, mark = shortened(rule_label("zh")), _status_mark("zh")
    return pl.format("{} {}{}", "rule_id", rule, mark), pl.format("{}\n{}\n{}", "rule_id", folded_above(rule, "zh"), mark)


def _in_english() -> tuple[pl.Expr, pl.Expr]:
    """A rule in at most two lines, and in narrow ones: English is longer, and not read when it is cut within a word."""
    mark = _status_mark("en")
    beside = pl.format("{} {}", "rule_id", rule_label("en")).map_elements(lambda name: _folded(name, LETTERS_BESIDE, 2), return_dtype=pl.String)
    return pl.format("{}{}", beside, mark), pl.format("{}\n{}\n{}", "rule_id", folded_above(rule_label("en"), "en"), mark.str.strip_chars())


def folded_above(name: pl.Expr, language: Language) -> pl.Expr:
    """A name in lines as narrow as a column of a heat map: in Chinese two halves where it is long, in English between words."""
    if language == "zh":
        half = (name.str.len_chars() + 1) // 2
        return pl.when(name.str.len_chars() > _CHARACTERS_ABOVE).then(name.str.slice(0, half) + "\n" + name.str.slice(half)).otherwise(name)
    return name.map_elements(lambda text: _folded(text, _LETTERS_ABOVE, 4), return_dtype=pl.String)


def _folded(name: str, letters: int, lines: int) -> str:
    return "\n".join(wrap(name, letters, max_lines=lines, placeholder="…"))


def ordered_rules(rules: pl.DataFrame) -> pl.DataFrame:
    """Rules by transaction type as the catalogue of labels lists them, then by number."""
    types = list(section("transaction_type"))
    return rules.sort(pl.col("transaction_type").replace_strict(types, range(len(types)), default=len(types)), "rule_id")


def rules_table(versions: pl.DataFrame, language: Language = "zh") -> Table:
    """Every rule version with its limit in words, its clause and how far the clause was verified."""
    at_all = (pl.col("kind") == "before") & (pl.col("amount") == 0)
    kind = pl.when(at_all).then(pl.lit("before_at_all")).otherwise(pl.col("kind"))
    limit = kind.replace(section("kind", language))
    unit = pl.col("unit").replace(section("unit", language))
    shown = versions.select(
        pl.col("rule_id").alias("rule_code"),
        "version",
        pl.col("transaction_type").replace(section("transaction_type", language)),
        rule_label(language).alias("rule"),
        limit.str.replace("{amount}", pl.col("amount").cast(pl.String), literal=True).str.replace("{unit}", unit, literal=True).alias("limit"),
        pl.col("legal_source").alias("clause"),
        pl.col("status").replace(section("status_meaning", language)),
        pl.col("valid_from").cast(pl.String).fill_null(NOT_APPLICABLE),
        pl.col("valid_to").cast(pl.String).fill_null(NOT_APPLICABLE),
        pl.col("note" if language == "zh" else "note_en").fill_null("").alias("note"),
    )
    return Table([label(f"column.{name}", language) for name in shown.columns], shown.rows(), frozenset({1}), frozenset({0, 7, 8}))
