"""Why an obligation was judged as it was: its rule, its two events with file and row, every day that was counted, and the verdict with its reason."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from dashboards.labels import LANGUAGES, label, section
from exports.answers.asking import AnswerError, Tongues, named, plain, said, table
from sources.warehouse import ROWS_PER_DELIVERY

_WEEKDAYS = "一二三四五六日"
_NEAREST = 3

_OBLIGATION = f"""
SELECT
    o.*, rules.label, rules.label_en, rules.legal_source, rules.status, rules.kind, rules.amount, rules.unit, rules.rolls_over_holiday, rules.note, rules.note_en,
    coalesce(regions.name, o.region_code) AS region,
    rules.trigger_event, coalesce(trigger_type.label, rules.trigger_event) AS trigger_label,
    rules.duty_event, coalesce(duty_type.label, rules.duty_event) AS duty_label,
    trigger_delivery.file AS trigger_file, o.trigger_source_row % {ROWS_PER_DELIVERY} AS trigger_row,
    duty_delivery.file AS duty_file, o.duty_source_row % {ROWS_PER_DELIVERY} AS duty_row
FROM marts.obligations AS o
JOIN marts.rules AS rules ON rules.rule_id = o.rule_id AND rules.version = o.rule_version
LEFT JOIN marts.regions AS regions ON regions.region_code = o.region_code
LEFT JOIN reference.event_types AS trigger_type ON trigger_type.event_type = rules.trigger_event
LEFT JOIN reference.event_types AS duty_type ON duty_type.event_type = rules.duty_event
LEFT JOIN meta.deliveries AS trigger_delivery ON trigger_delivery.delivery_number = o.trigger_source_row // {ROWS_PER_DELIVERY}
LEFT JOIN meta.deliveries AS duty_delivery ON duty_delivery.delivery_number = o.duty_source_row // {ROWS_PER_DELIVERY}
WHERE o.obligation_id = $obligation_id
"""

# What the marts do not keep: the dates as judged, the limit with what this record is allowed beyond the rule's, the outcome in one word, and what the source answers for.
_JUDGED = """
SELECT triggered_on, duty_at, duty_on, allowed, outcome, covers_from, covers_to
FROM obligations.judged_duties
WHERE rule_id = $rule_id AND version = $rule_version AND subject_type = $subject_type AND subject_id = $subject_id AND trigger_source_row = $trigger_source_row
"""

# A day is numbered when it counts towards the limit; days before the trigger are numbered backwards.
_DAYS = """
WITH counted AS (
    SELECT day, is_working_day, is_published, name,
           CASE WHEN $unit = 'working_day' AND $kind <> 'before' THEN count(*) FILTER (is_working_day) OVER passing ELSE row_number() OVER passing END AS number
    FROM reference.calendar
    WHERE CASE WHEN $kind = 'before' THEN day < $triggered_on ELSE day > $triggered_on END
    WINDOW passing AS (ORDER BY abs(day - $triggered_on))
), last AS (
    SELECT coalesce($due_on, min(day) FILTER (number >= $allowed AND (is_working_day OR NOT $rolls_over_holiday))) AS day FROM counted
)
SELECT day, is_working_day, is_published, name,
       CASE WHEN number > $allowed AND $unit NOT IN ('hour', 'month') THEN '→' WHEN $unit = 'working_day' AND $kind <> 'before' AND NOT is_working_day THEN '·' ELSE number::VARCHAR END AS number
FROM counted
WHERE $allowed > 0 AND CASE WHEN $kind = 'before' THEN day >= (SELECT day FROM last) ELSE day <= (SELECT day FROM last) END
ORDER BY day
"""


@dataclass(frozen=True)
class Explanation:
    """Why one obligation was judged so. heading and conclusion: label and text; days: heading, day, its number in the limit, what kind of day;
    told: what the marts say of it, by column."""

    told: Mapping[str, Any]
    heading: list[tuple[str, str]]
    days: list[tuple[str, ...]]
    conclusion: list[tuple[str, str]]


def explain(connection: duckdb.DuckDBPyConnection, obligation_id: str) -> list[str]:
    """The explanation of one obligation as lines, Chinese first. Raises AnswerError with the nearest ids for one that does not exist."""
    explanation = explanation_of(connection, obligation_id)
    return [*table(explanation.heading), "", *table(explanation.days), "", *table(explanation.conclusion)]


def explanation_of(connection: duckdb.DuckDBPyConnection, obligation_id: str, tongues: Tongues = LANGUAGES) -> Explanation:
    """The explanation of one obligation in these languages. Raises AnswerError with the nearest ids for one that does not exist."""
    found = _rows(connection, _OBLIGATION, {"obligation_id": obligation_id})
    if not found:
        raise AnswerError(
            f"no obligation {plain(obligation_id)!r}; nearest: {named(_nearest(connection, obligation_id)) or 'none, the snapshot is empty'}"
        )
    obligation = found[0]
    keys = ("rule_id", "rule_version", "subject_type", "subject_id", "trigger_source_row")
    (judged,) = _rows(connection, _JUDGED, {key: obligation[key] for key in keys})
    told = {**obligation, **judged}
    counting = ("kind", "allowed", "unit", "rolls_over_holiday", "triggered_on", "due_on")
    days = _rows(connection, _DAYS, {key: told[key] for key in counting}) if told["triggered_on"] else []
    return Explanation(told, list(_heading(told, tongues)), _days(told, days, tongues), list(_conclusion(told, days, tongues)))


def _rows(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, object]) -> list[dict[str, Any]]:
    answer = connection.execute(sql, parameters)
    names = [column[0] for column in answer.description or []]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def _nearest(connection: duckdb.DuckDBPyConnection, obligation_id: str) -> list[str]:
    nearest = connection.execute(
        f"SELECT obligation_id FROM marts.obligations ORDER BY levenshtein(obligation_id, $asked), obligation_id LIMIT {_NEAREST}",
        {"asked": obligation_id[:200]},
    )
    return [name for (name,) in nearest.fetchall()]


def _heading(told: Mapping[str, Any], tongues: Tongues) -> Iterator[tuple[str, str]]:
    kind = "before_at_all" if told["kind"] == "before" and told["amount"] == 0 else told["kind"]
    limits = [label(f"kind.{kind}", tongue, amount=told["amount"], unit=label(f"unit.{told['unit']}", tongue)) for tongue in tongues]
    rolled = f"，{said('ask.rolls_over', tongues)}" if told["rolls_over_holiday"] else ""
    yield said("ask.obligation", tongues), told["obligation_id"]
    version, measure = f"{said('column.version', tongues)} {told['rule_version']}", said(f"measure.{told['measure']}", tongues)
    yield said("column.rule", tongues), f"{told['rule_id']} {_named(tongues, told['label'], told['label_en'])}（{version}，{measure}）"
    yield said("column.clause", tongues), told["legal_source"]
    yield said("column.status", tongues), said(f"status_meaning.{told['status']}", tongues)
    yield said("column.limit", tongues), f"{_event_name(told, 'trigger', tongues)} → {_event_name(told, 'duty', tongues)}：{' '.join(limits)}{rolled}"
    if told["note"]:
        yield said("column.note", tongues), _named(tongues, told["note"], told["note_en"] or "")
    yield said("column.title", tongues), f"{told['subject_title'] or '—'}（{told['subject_id']}，{told['region']}）"
    yield said("ask.trigger", tongues), _event(told, "trigger", told["triggered_at"], tongues)
    yield said("ask.duty", tongues), _event(told, "duty", told["duty_at"], tongues)


def _event(told: Mapping[str, Any], side: str, moment: Any, tongues: Tongues) -> str:
    if told[f"{side}_row"] is None:
        return f"{_event_name(told, side, tongues)}：{said('ask.no_record', tongues)}"
    when = f"{moment:%Y-%m-%d %H:%M:%S}" if moment else said("ask.no_time", tongues)
    where = f"{told[f'{side}_file']} {said('page.row', tongues, row=told[f'{side}_row'])}"
    return f"{_event_name(told, side, tongues)}　{when}　{where}"


def _named(tongues: Tongues, chinese: str, english: str) -> str:
    return " ".join(chinese if tongue == "zh" else english for tongue in tongues)


def _event_name(told: Mapping[str, Any], side: str, tongues: Tongues) -> str:
    """What happened: in Chinese by the label of the event, in English by its code, which is English."""
    return _named(tongues, told[f"{side}_label"], str(told[f"{side}_event"]).replace("_", " "))


def _days(told: Mapping[str, Any], days: list[dict[str, Any]], tongues: Tongues) -> list[tuple[str, ...]]:
    heading = said("ask.days", tongues)
    if not days:
        return [(heading, said("ask.no_days", tongues))]
    beyond = said("ask.rolled", tongues) if told["kind"] != "before" else ""
    return [
        (
            heading if place == 0 else "",
            _day(day["day"], tongues),
            day["number"],
            " ".join(part for part in (_kind_of_day(day, tongues), beyond if day["number"] == "→" else "", _provisional(day, tongues)) if part),
        )
        for place, day in enumerate(days)
    ]


def _day(day: date, tongues: Tongues) -> str:
    return f"{day} 周{_WEEKDAYS[day.weekday()]}" if "zh" in tongues else f"{day} {day:%a}"


def _kind_of_day(day: Mapping[str, Any], tongues: Tongues) -> str:
    if day["is_working_day"]:
        return said("ask.worked_weekend", tongues) if day["name"] else ""
    if not day["name"]:
        return said("ask.weekend", tongues)
    # A holiday that a what-if or a later notice names otherwise keeps its name.
    return " ".join(f"{section('holiday', tongue).get(day['name'], day['name'])} {label('ask.holiday', tongue)}" for tongue in tongues)


def _provisional(day: Mapping[str, Any], tongues: Tongues) -> str:
    return "" if day["is_published"] else f"〔{said('ask.provisional', tongues)}〕"


def _conclusion(told: Mapping[str, Any], days: list[dict[str, Any]], tongues: Tongues) -> Iterator[tuple[str, str]]:
    due_on = told["due_on"] or "—"
    provisional = bool(days) and told["due_on"] is None
    yield (
        said("column.due_on", tongues),
        f"{said('ask.provisionally', tongues)} {days[-1]['day']}" if provisional else f"{due_on}{_inclusive(told, tongues)}",
    )
    yield said("ask.as_of", tongues), str(told["as_of"])
    missed = said(f"missed_reason.{told['missed_reason']}", tongues) if told["missed_reason"] else ""
    yield said("ask.verdict", tongues), " · ".join(filter(None, (said(f"verdict.{told['verdict']}", tongues), missed)))
    key = f"outcome.{told['outcome']}" + ("_at_least" if told["outcome"] == "met" and told["kind"] in {"at_least", "exactly"} else "")
    values = {
        name: told[name] if told[name] is not None else "—" for name in ("duty_label", "duty_on", "days_late", "as_of", "covers_from", "covers_to")
    }
    for tongue in tongues:
        yield (said("ask.reason", tongues) if tongue == tongues[0] else ""), label(key, tongue, due_on=due_on, **values)


def _inclusive(told: Mapping[str, Any], tongues: Tongues) -> str:
    if told["due_on"] is None:
        return ""
    return f"（{said('ask.not_before' if told['kind'] in {'at_least', 'exactly'} else 'ask.inclusive', tongues)}）"
