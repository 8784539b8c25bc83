"""How rules are shown: never without the mark of how far their clause was verified."""

import polars as pl

from dashboards.labels import Language, label, section
from dashboards.parts import Table
from dashboards.rates import NOT_APPLICABLE


def rule_name(language: Language = "zh") -> pl.Expr:
    """A rule as it is shown everywhere: number, name and the mark of how far its clause was verified."""
    return pl.format("{} {}{}", pl.col("rule_id"), pl.col("label").fill_null(""), _status_mark(language))


def _status_mark(language: Language) -> pl.Expr:
    return pl.col("status").replace_strict(section("status", language), default=pl.format("〔{}〕", pl.col("status"))).fill_null("")


def named_rules(rules: pl.DataFrame, language: Language) -> pl.DataFrame:
    """Rules with `name`, `short` (one line beside an axis) and `stacked` (number, name, mark under each other)."""
    # Plotly comes with it, which nobody needs who only names rules.
    from dashboards.figures import shortened

    rule, mark = shortened(pl.col("label").fill_null("")), _status_mark(language)
    half = (rule.str.len_chars() + 1) // 2
    folded = pl.when(rule.str.len_chars() > 7).then(rule.str.slice(0, half) + "\n" + rule.str.slice(half)).otherwise(rule)
    return rules.with_columns(
        rule_name(language).alias("name"),
        pl.format("{} {}{}", "rule_id", rule, mark).alias("short"),
        pl.format("{}\n{}\n{}", "rule_id", folded, mark).alias("stacked"),
    )


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
        pl.col("label").alias("rule"),
        limit.str.replace("{amount}", pl.col("amount").cast(pl.String), literal=True).str.replace("{unit}", unit, literal=True).alias("limit"),
        pl.col("legal_source").alias("clause"),
        pl.col("status").replace(section("status_meaning", language)),
        pl.col("valid_from").cast(pl.String).fill_null(NOT_APPLICABLE),
        pl.col("valid_to").cast(pl.String).fill_null(NOT_APPLICABLE),
        pl.col("note").fill_null(""),
    )
    return Table([label(f"column.{name}", language) for name in shown.columns], shown.rows(), frozenset({1}), frozenset({0, 7, 8}))
