"""What a reader picked: regions, kinds, duties, months, verdicts. One selection for the charts, the lists of records and the addresses between them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import urlencode

import polars as pl
from werkzeug.datastructures import MultiDict

from dashboards.labels import Language, section
from dashboards.rules import rule_label

_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")
_LISTS = ("region", "type", "rule")
_MONTHS = ("first", "last")
_DAYS = ("from_days", "to_days")
_LONGEST_LIST = 400


@dataclass(frozen=True)
class Selection:
    """Empty parts choose nothing away. region, type, rule: codes, any of them; first and last: months, YYYY-MM, both included, by the day on which a duty
    fell due; measure, verdict, case (of a missed duty): one value; text: part of a title or number; from_days, to_days: of whole days late, both included."""

    region: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    rule: tuple[str, ...] = ()
    first: str = ""
    last: str = ""
    measure: str = ""
    verdict: str = ""
    case: str = ""
    text: str = ""
    from_days: str = ""
    to_days: str = ""

    @classmethod
    def of(cls, arguments: MultiDict[str, str]) -> "Selection":
        """The selection of an address. What is no month is left out; of anything else that is unknown, nothing will be found."""
        return cls.made(
            **{name: arguments.getlist(name) for name in _LISTS},
            **{part.name: arguments.get(part.name) for part in fields(cls) if part.name not in _LISTS},
        )

    @classmethod
    def made(cls, **parts: Any) -> "Selection":
        """A selection of parts as a form or a control gives them: nothing, a text, or several."""
        lists: dict[str, Any] = {name: tuple(sorted({str(code) for code in parts.get(name) or () if code}))[:_LONGEST_LIST] for name in _LISTS}
        months: dict[str, Any] = {name: month if _MONTH.fullmatch(month := str(parts.get(name) or "")) else "" for name in _MONTHS}
        others: dict[str, Any] = {name: str(parts.get(name) or "").strip()[:100] for name in ("measure", "verdict", "case", "text")}
        days: dict[str, Any] = {
            name: text if (text := str(parts.get(name) or "")).isascii() and text.isdigit() and len(text) < 7 else "" for name in _DAYS
        }
        return cls(**lists, **months, **others, **days)

    def pairs(self, **others: str | Iterable[str]) -> list[tuple[str, str]]:
        """The parts that are not empty, as names and values of a form; `others` take the place of parts or go beside them."""
        parts = {part.name: getattr(self, part.name) for part in fields(self)} | others
        return [(name, value) for name, held in parts.items() for value in ([held] if isinstance(held, str) else held) if value]

    def address(self, path: str, **others: str | Iterable[str]) -> str:
        """The address of a page with this selection."""
        return f"{path}?{urlencode(self.pairs(**others))}".rstrip("?")

    def of_rates(self, rates: pl.DataFrame) -> pl.DataFrame:
        """The rows of `Snapshot.rates` by month that it chooses; verdict, case, days and text choose among records and not here."""
        chosen = pl.col("period_kind") == "month"
        for name, column in (("region", "region_code"), ("type", "transaction_type"), ("rule", "rule_id")):
            if codes := getattr(self, name):
                chosen &= pl.col(column).is_in(codes)
        if self.measure:
            chosen &= pl.col("measure") == self.measure
        month = pl.col("period_start").dt.strftime("%Y-%m")
        if self.first:
            chosen &= month >= self.first
        if self.last:
            chosen &= month <= self.last
        return rates.filter(chosen)

    def condition(self) -> tuple[str, dict[str, object]]:
        """The same choice over `marts.obligations AS o`, as SQL and its parameters."""
        parts: list[str] = ["true"]
        values: dict[str, object] = {}
        for name, column in (("region", "region_code"), ("type", "transaction_type"), ("rule", "rule_id")):
            if codes := getattr(self, name):
                parts.append(f"o.{column} IN (SELECT unnest(${name}))")
                values[name] = list(codes)
        for name, column in (("measure", "measure"), ("verdict", "verdict"), ("case", "missed_reason")):
            if value := getattr(self, name):
                parts.append(f"o.{column} = ${name}")
                values[name] = value
        if self.first:
            parts.append("o.fell_due_on >= ($first || '-01')::DATE")
            values["first"] = self.first
        if self.last:
            parts.append("o.fell_due_on < ($last || '-01')::DATE + INTERVAL 1 MONTH")
            values["last"] = self.last
        for name, comparison in zip(_DAYS, (">=", "<="), strict=True):
            if value := getattr(self, name):
                parts.append(f"o.days_late {comparison} ${name}")
                values[name] = int(value)
        if self.text:
            parts.append("contains(lower(concat_ws(' ', o.subject_title, o.subject_id, o.obligation_id)), lower($text))")
            values["text"] = self.text
        return " AND ".join(parts), values


def months_of(rates: pl.DataFrame) -> list[str]:
    """The months in which duties of `Snapshot.rates` fell due, ascending, as a selection says them."""
    return rates.filter(pl.col("period_kind") == "month").select(pl.col("period_start").dt.strftime("%Y-%m").unique().sort()).to_series().to_list()


def options_of(rates: pl.DataFrame, rules: pl.DataFrame, language: Language) -> dict[str, list[tuple[str, str]]]:
    """Value and text of what can be picked of a snapshot's rates and rules, by the parts region, type, rule and month."""
    present = set(rates["transaction_type"])
    return {
        "region": sorted(set(zip(rates["region_code"], rates["region"], strict=True))),
        "type": [(code, name) for code, name in section("transaction_type", language).items() if code in present],
        "rule": [(rule_id, f"{rule_id} {name}") for rule_id, name in rules.select("rule_id", rule_label(language)).rows()],
        "month": [(month, month) for month in months_of(rates)],
    }
