"""The desk as readers see it: the findings of a published snapshot, with what was done since laid over them.

One ``Queue`` serves many threads: each call takes a cursor of its own. ``refresh`` reads what is new in the log; every call does it first.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import duckdb

from quality.desk.acting import Done, Request, act
from quality.desk.delivered import DeliveredRow, delivered_row
from quality.desk.errors import DeskUsageError
from quality.desk.lifecycle import Actor, Status, allowed
from quality.desk.log import DeskLog
from quality.desk.texts import Explanation, explanation

#: Ages of a finding since it was opened, in days: name, least, most.
AGES: tuple[tuple[str, int, int | None], ...] = (("0-7", 0, 7), ("8-30", 8, 30), ("31-90", 31, 90), ("91+", 91, None))
_AGE = " ".join(f"WHEN age_days <= {most} THEN '{name}'" for name, _, most in AGES if most is not None)
#: By what findings are filtered, and counted beside the list; the SQL of each over a row of the queue.
FACETS = {
    "region_code": "region_code",
    "dataset": "dataset",
    "dimension": "dimension",
    "check_id": "check_id",
    "rule_id": "rule_id",
    "severity": "severity",
    "state": "state",
    "assignee": "assignee",
    "age": f"CASE {_AGE} ELSE '{AGES[-1][0]}' END",
}
_SEARCHED = ("reason", "value", "record_key", "column_name", "label", "source_file", "finding_id")
Order = Literal["severity", "age", "due", "region", "dataset"]
_ORDERS: dict[Order, str] = {
    "severity": "CASE severity WHEN 'blocks_publication' THEN 0 WHEN 'blocks_push' THEN 1 ELSE 2 END, age_days DESC",
    "age": "age_days DESC",
    "due": "due_on NULLS LAST, age_days DESC",
    "region": "region_code NULLS LAST, dataset, check_id",
    "dataset": "dataset, check_id, column_name",
}
#: What the actions of people change.
_ACTED = (
    "state",
    "state_since",
    "assignee",
    "due_on",
    "accepted_until",
    "last_action",
    "last_reason",
    "last_actor",
    "last_actor_role",
    "last_acted_at",
    "last_entry",
)
#: The findings in memory: what they are filtered, counted and ordered by, and what people change. The rest stays in the snapshot.
_FINDINGS = f"""CREATE TABLE findings AS
    SELECT finding_id, region_code, dataset, dimension, check_id, rule_id, severity, column_name, opened_on,
        (SELECT as_of FROM snapshot.quality.tracking) - opened_on AS age_days,
        lower(concat_ws(chr(31), {", ".join(_SEARCHED)})) AS searched, {", ".join(_ACTED)}
    FROM snapshot.quality.tracked_findings"""
#: What the log says of an action, with its types.
_ACTION = json.dumps(
    dict.fromkeys(("finding_id", "state", "assignee", "action", "reason", "actor", "actor_role"), "VARCHAR")
    | {"state_since": "DATE", "due_on": "DATE", "accepted_until": "DATE", "acted_at": "TIMESTAMPTZ", "number": "BIGINT"}
)


@dataclass(frozen=True)
class Filters:
    """What is looked for: of each facet the values wanted (None among them: where there is none), a text, whether only what is overdue.

    Without ``state`` everything but the closed is shown.
    """

    facets: Mapping[str, Sequence[str | None]] = field(default_factory=dict)
    text: str = ""
    is_overdue: bool = False


@dataclass(frozen=True)
class QueuePage:
    """A page of the queue: rows as dictionaries (columns of ``quality.tracked_findings``, age_days, is_overdue, rule_source), how many there are in all, and by facet
    how many findings each value has among those that pass the other filters, the most first."""

    rows: list[dict[str, Any]]
    total: int
    facets: dict[str, list[tuple[str | None, int]]]


@dataclass(frozen=True)
class Happening:
    """One line of a finding's history. ``kind``: opened, closed, reopened, or the name of an action."""

    kind: str
    as_of: date
    entry: int
    acted_at: datetime | None = None
    actor: str | None = None
    actor_role: str | None = None
    state: str | None = None
    reason: str | None = None
    assignee: str | None = None
    due_on: date | None = None
    accepted_until: date | None = None
    days_open: int | None = None


@dataclass(frozen=True)
class FindingPage:
    """Everything about one finding: its row, the row as delivered, the texts of its check, the rule with its clause (``marts.rules``), its history, the
    number of open findings of the same check and region by day (``trend``), and what the actor may do to it."""

    row: dict[str, Any]
    delivered: DeliveredRow | None
    explanation: Explanation | None
    rule: dict[str, Any] | None
    history: list[Happening]
    trend: list[tuple[date, int]]
    allowed: list[str]


class Queue:
    """The findings of one snapshot and of the log since."""

    def __init__(self, warehouse: Path, log: DeskLog) -> None:
        """Of a published ``warehouse.duckdb``, opened for reading. Raises DeskUsageError when it was published before there was a desk."""
        self.log = log
        self._lock = Lock()
        self._connection = duckdb.connect(config={"threads": "2", "autoload_known_extensions": "false"})
        self._connection.execute("SET GLOBAL TimeZone = 'Asia/Shanghai'")
        self._connection.execute(f"ATTACH '{str(warehouse).replace(chr(39), chr(39) * 2)}' AS snapshot (READ_ONLY)")
        try:
            row = self._connection.execute("SELECT as_of, entries FROM snapshot.quality.tracking").fetchone()
        except duckdb.CatalogException:
            row = None
        if row is None:
            self._connection.close()
            raise DeskUsageError(f"{warehouse}: this snapshot has no findings that are followed; publish a new one with gongkai run", "no_desk")
        self.as_of: date = row[0]
        self.entries: int = row[1]
        self._read_to = self.entries
        self._connection.execute(_FINDINGS)

    def close(self) -> None:
        """Let go of the snapshot."""
        self._connection.close()

    def refresh(self) -> None:
        """Read the actions that the log has since it was read last."""
        if self.log.head().number == self._read_to:
            return
        with self._lock:
            number, contents = self.log.last_actions(after=self._read_to)
            if contents:
                self._lay_over(contents)
            self._read_to = number

    def _lay_over(self, contents: Sequence[str]) -> None:
        """Put actions, as the log has them, in the place of earlier ones. What the data closed no action opens; an exception that is over by the snapshot's day is open."""
        self._connection.execute(
            f"""UPDATE findings SET state = CASE WHEN is_over THEN 'open' ELSE a.state END,
                state_since = CASE WHEN is_over THEN a.accepted_until + 1 ELSE a.state_since END, assignee = a.assignee, due_on = a.due_on,
                accepted_until = CASE WHEN NOT is_over THEN a.accepted_until END, last_action = a.action, last_reason = a.reason, last_actor = a.actor,
                last_actor_role = a.actor_role, last_acted_at = a.acted_at, last_entry = a.number
            FROM (
                SELECT *, state = 'accepted' AND coalesce(accepted_until < DATE '{self.as_of}', false) AS is_over
                FROM (SELECT unnest(json_transform(content, '{_ACTION}')) FROM (SELECT unnest($1::VARCHAR[]) AS content))) AS a
            WHERE findings.finding_id = a.finding_id AND findings.state <> 'closed'""",
            [contents],
        )

    def _overdue(self, row: str) -> str:
        """SQL of whether a row of findings is overdue."""
        return f"coalesce({row}.due_on < DATE '{self.as_of}' AND {row}.state <> 'closed', false)"

    def _described(self, chosen: str) -> str:
        """The whole rows of the findings that ``chosen`` selects: all of what the snapshot knows, and how they stand now."""
        return f"""SELECT t.* EXCLUDE ({", ".join(_ACTED)}), {", ".join(f"c.{name}" for name in _ACTED)}, c.age_days, {self._overdue("c")} AS is_overdue,
                r.legal_source AS rule_source
            FROM ({chosen}) AS c JOIN snapshot.quality.tracked_findings AS t ON c.finding_id = t.finding_id
            LEFT JOIN (SELECT rule_id, arg_max(legal_source, version) AS legal_source FROM snapshot.marts.rules GROUP BY rule_id) AS r ON t.rule_id = r.rule_id"""

    def page(self, filters: Filters, actor: Actor, *, page: int = 1, page_size: int = 50, order: Order = "severity") -> QueuePage:
        """A page of what the actor may see. Pages are counted from 1. Raises DeskUsageError for a facet that is none."""
        self.refresh()
        passes, parameters, seen = self._conditions(filters, actor)
        every = " AND ".join((seen, *passes.values()))
        size, ordered = max(1, page_size), f"{_ORDERS[order]}, finding_id"
        chosen = f"SELECT finding_id, age_days, {', '.join(_ACTED)}, row_number() OVER (ORDER BY {ordered}) AS place FROM (FROM findings WHERE {every} ORDER BY {ordered} LIMIT {size} OFFSET {(max(1, page) - 1) * size})"
        with self.cursor() as cursor:
            rows = _dictionaries(cursor.execute(f"{self._described(chosen)} ORDER BY c.place", parameters))
            counted = cursor.execute(_facets(passes, seen), parameters).fetchall()
        found: dict[str, list[tuple[str | None, int]]] = {name: [] for name in FACETS}
        total = 0
        for facet, value, findings in counted:
            if facet is None:
                total = findings
            else:
                found[facet].append((value, findings))
        return QueuePage(rows, total, found)

    def matching(self, filters: Filters, actor: Actor) -> list[str]:
        """The ids of all findings that pass the filters and that the actor may see: for acting on all of them at once."""
        self.refresh()
        passes, parameters, seen = self._conditions(filters, actor)
        with self.cursor() as cursor:
            found = cursor.execute(
                f"SELECT finding_id FROM findings WHERE {seen} AND {' AND '.join(passes.values())} ORDER BY finding_id", parameters
            ).fetchall()
        return [finding for (finding,) in found]

    def rows(self, filters: Filters, actor: Actor) -> list[dict[str, Any]]:
        """All findings that pass the filters, as rows of the queue, by region, data set and check: for a workbook."""
        self.refresh()
        passes, parameters, seen = self._conditions(filters, actor)
        with self.cursor() as cursor:
            chosen = self._described(f"FROM findings WHERE {seen} AND {' AND '.join(passes.values())}")
            return _dictionaries(cursor.execute(f"FROM ({chosen}) ORDER BY {_ORDERS['region']}, finding_id", parameters))

    def _conditions(self, filters: Filters, actor: Actor) -> tuple[dict[str, str], dict[str, Any], str]:
        """By filter the SQL of passing it, their parameters, and the SQL of what the actor may see at all."""
        if unknown := filters.facets.keys() - FACETS.keys():
            message = f"{', '.join(sorted(unknown))}: no such filter; one of: {', '.join(FACETS)}"
            raise DeskUsageError(message, "unknown_filter", value=", ".join(sorted(unknown)))
        parameters: dict[str, Any] = {}
        passes = {}
        for name, sql in FACETS.items():
            values = filters.facets.get(name)
            if values:
                parameters[name] = [value for value in values if value is not None]
                missing = f" OR ({sql}) IS NULL" if None in values else ""
                passes[name] = f"(coalesce(({sql}) IN (SELECT unnest(${name}::VARCHAR[])), false){missing})"
            else:
                passes[name] = "state <> 'closed'" if name == "state" else "true"
        passes["overdue"] = self._overdue("findings") if filters.is_overdue else "true"
        passes["text"] = "true"
        if text := filters.text.strip():
            parameters["text"] = text.lower()
            passes["text"] = "(contains(searched, $text) OR coalesce(contains(lower(last_reason), $text), false))"
        prefixes = actor.prefixes()
        if prefixes is None:
            return passes, parameters, "true"
        if not prefixes:
            return passes, parameters, "false"
        parameters["prefixes"] = list(prefixes)
        return passes, parameters, "coalesce(len(list_filter($prefixes::VARCHAR[], lambda prefix: starts_with(region_code, prefix))) > 0, false)"

    def statuses(self, finding_ids: Iterable[str]) -> dict[str, Status]:
        """How findings stand in the snapshot (without what the log has since); unknown ids are left out."""
        with self.cursor() as cursor:
            found = cursor.execute(
                """SELECT finding_id, state, state_since, region_code, assignee, due_on, accepted_until, coalesce(last_entry, 0)
                FROM snapshot.quality.tracked_findings
                WHERE finding_id IN (SELECT unnest($1::VARCHAR[]))""",
                [list(finding_ids)],
            ).fetchall()
        return {row[0]: Status(*row) for row in found}

    def act(
        self,
        finding_ids: Sequence[str],
        action: str,
        actor: Actor,
        *,
        acted_at: datetime,
        partial: bool = False,
        seen_state: str | None = None,
        **said: object,
    ) -> Done:
        """Do one action to findings, with its particulars (reason, assignee, due_on, accepted_until). See ``quality.desk.acting.act``."""
        return self.act_on([Request(finding, action, said, seen_state) for finding in finding_ids], actor, acted_at=acted_at, partial=partial)

    def act_on(self, requests: Sequence[Request], actor: Actor, *, acted_at: datetime, partial: bool = False) -> Done:
        """Do an action of its own to each finding."""
        known = self.statuses(request.finding_id for request in requests)
        return act(self.log, requests, actor, acted_at=acted_at, as_of=self.as_of, known=known, entries=self.entries, partial=partial)

    def finding(self, finding_id: str, actor: Actor) -> FindingPage | None:
        """One finding; None when there is none of this id, or when it is not the actor's to see."""
        self.refresh()
        with self.cursor() as cursor:
            rows = _dictionaries(cursor.execute(self._described("FROM findings WHERE finding_id = ?"), [finding_id]))
            if not rows or not actor.covers(rows[0]["region_code"]):
                return None
            row = rows[0]
            delivered = delivered_row(cursor, row["source_row"], row["column_name"], schema="snapshot.")
            rules = _dictionaries(
                cursor.execute("SELECT * FROM snapshot.marts.rules WHERE rule_id = ? ORDER BY version DESC LIMIT 1", [row["rule_id"]])
            )
            trend = cursor.execute(
                """WITH moves AS (
                    SELECT e.as_of, sum(CASE e.event WHEN 'closed' THEN -1 ELSE 1 END) AS moved
                    FROM snapshot.quality.finding_events AS e JOIN snapshot.quality.tracked_findings AS t USING (finding_id)
                    WHERE t.check_id = $1 AND t.region_code IS NOT DISTINCT FROM $2 GROUP BY e.as_of)
                SELECT as_of, sum(moved) OVER (ORDER BY as_of)::BIGINT FROM moves ORDER BY as_of""",
                [row["check_id"], row["region_code"]],
            ).fetchall()
            history = self._history(cursor, finding_id)
        status = Status(finding_id, row["state"], row["state_since"], row["region_code"])
        return FindingPage(row, delivered, explanation(row["kind"]), rules[0] if rules else None, history, trend, allowed(status, actor))

    def _history(self, cursor: duckdb.DuckDBPyConnection, finding_id: str) -> list[Happening]:
        seen = cursor.execute(
            "SELECT event, as_of, entry, days_open FROM snapshot.quality.finding_events WHERE finding_id = ?", [finding_id]
        ).fetchall()
        found = [Happening(event, as_of, entry, days_open=days) for event, as_of, entry, days in seen]
        for entry in self.log.entries(finding_id=finding_id):
            said = entry.content
            found.append(
                Happening(
                    said["action"],
                    date.fromisoformat(said["as_of"]),
                    entry.number,
                    datetime.fromisoformat(said["acted_at"]),
                    said["actor"],
                    said["actor_role"],
                    said["state"],
                    said.get("reason"),
                    said.get("assignee"),
                    _day(said.get("due_on")),
                    _day(said.get("accepted_until")),
                )
            )
        return sorted(found, key=lambda happening: happening.entry)

    def region_names(self) -> dict[str, str]:
        """The names of the regions in use, by code."""
        return {row["region_code"]: row["name"] for row in self.ask("SELECT region_code, name FROM snapshot.marts.regions")}

    def ask(self, sql: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        """Ask the snapshot, attached as ``snapshot``: rows as dictionaries."""
        with self.cursor() as cursor:
            return _dictionaries(cursor.execute(sql, list(parameters)))

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of one's own to the snapshot, attached as ``snapshot``."""
        return self._connection.cursor()


def _facets(passes: Mapping[str, str], seen: str) -> str:
    """The SQL of facet, value, findings: of what passes every filter but the facet's own; and of no facet, all that passes.

    Facets that nobody filters by share one pass over the findings.
    """
    every = " AND ".join((seen, *passes.values()))
    free = [name for name in FACETS if passes[name] == "true"]
    values = " ".join(f"WHEN grouping({name}) = 0 THEN '{name}'" for name in free)
    sets = ", ".join(f"({name})" for name in free)
    shared = f"""SELECT CASE {values} END AS facet, coalesce({", ".join(f"{name}::VARCHAR" for name in free)}) AS value, count(*) AS findings
        FROM (SELECT {", ".join(f"{FACETS[name]} AS {name}" for name in free)} FROM findings WHERE {every}) GROUP BY GROUPING SETS ({sets}, ())"""
    own = [
        f"""SELECT '{name}' AS facet, ({FACETS[name]})::VARCHAR AS value, count(*) AS findings FROM findings
        WHERE {" AND ".join((seen, *(sql for other, sql in passes.items() if other != name)))} GROUP BY ALL"""
        for name in FACETS
        if name not in free
    ]
    return f"FROM ({' UNION ALL '.join([shared, *own])}) ORDER BY facet, findings DESC, value"


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _dictionaries(answer: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    names = [column[0] for column in answer.description or []]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
