"""The SQL of the desk's tables, made from what the log says (``quality.desk.tracking`` names its temporary tables). Pure: from a day to statements."""

from datetime import date

from quality.desk.sightings import DESCRIPTION

_NEVER = 9_223_372_036_854_775_807


def desk_tables(as_of: date) -> list[str]:
    """The statements that make the tables as of a day, in their order; to be run in one transaction."""
    return [
        _events(as_of), _FINDING_EVENTS, _DESK_ACTIONS, _openings(), _ENDINGS, _LAST_ACTIONS, _asked_on(as_of), _tracked_findings(as_of),
        _rectification(as_of),
    ]  # fmt: skip


def _day(as_of: date) -> str:
    return f"DATE '{as_of.isoformat()}'"


#: What this audit changes and no entry holds (of a run that looks back) comes after all that was seen by then.
_NEXT = "(SELECT coalesce(max(number), 0) + 1 FROM log_sightings)"


def _events(as_of: date) -> str:
    columns = f"event, finding_id, {', '.join(DESCRIPTION)}"
    return f"""CREATE OR REPLACE TEMP TABLE events AS
        SELECT number, as_of, {columns} FROM seen WHERE event <> 'asked'
        UNION ALL SELECT {_NEXT}, {_day(as_of)}, {columns} FROM news WHERE event <> 'asked'"""


_FINDING_EVENTS = """CREATE OR REPLACE TABLE quality.finding_events AS
    SELECT e.finding_id, e.event, e.as_of,
        CASE WHEN e.event = 'closed' THEN e.as_of - lag(e.as_of) OVER (PARTITION BY e.finding_id ORDER BY e.number) END AS days_open,
        e.number AS entry
    FROM events AS e"""

_DESK_ACTIONS = "CREATE OR REPLACE TABLE quality.desk_actions AS SELECT number AS entry, * EXCLUDE (number) FROM log_actions ORDER BY number"


def _openings() -> str:
    # The few that were opened more than once cost a look each; arg_max over rows of all costs a hundred times as much.
    return f"""CREATE OR REPLACE TEMP TABLE openings AS
        WITH counted AS (
            SELECT finding_id, min(as_of) AS first_seen, max(number) AS opened_by, max(as_of) AS opened_on, count(*) AS times_opened
            FROM events WHERE event <> 'closed' GROUP BY finding_id)
        SELECT c.*, {", ".join(f"e.{name}" for name in DESCRIPTION)} FROM counted AS c
        JOIN events AS e ON c.finding_id = e.finding_id AND c.opened_by = e.number AND e.event <> 'closed'"""


_ENDINGS = """CREATE OR REPLACE TEMP TABLE endings AS
    SELECT e.finding_id, max(e.number) AS closed_by, max(e.as_of) AS closed_on
    FROM events AS e JOIN openings AS o ON e.finding_id = o.finding_id AND e.number > o.opened_by
    WHERE e.event = 'closed' GROUP BY e.finding_id"""

#: An action counts from the last opening on, and not after the closing; what was done before belongs to the history.
_LAST_ACTIONS = """CREATE OR REPLACE TEMP TABLE last_actions AS
    SELECT a.* FROM log_actions AS a JOIN openings AS o ON a.finding_id = o.finding_id AND a.number > o.opened_by
    QUALIFY row_number() OVER (PARTITION BY a.finding_id ORDER BY a.number DESC) = 1"""


def _asked_on(as_of: date) -> str:
    return f"""CREATE OR REPLACE TEMP TABLE asked_on AS
        SELECT check_id, number, as_of FROM seen WHERE event = 'asked' UNION ALL SELECT check_id, {_NEXT}, {_day(as_of)} FROM asked"""


def _tracked_findings(as_of: date) -> str:
    described = ", ".join(f"CASE WHEN f.finding_id IS NULL THEN o.{name} ELSE f.{name} END AS {name}" for name in DESCRIPTION)
    return f"""CREATE OR REPLACE TABLE quality.tracked_findings AS
        WITH described AS (
            SELECT o.finding_id, {described}, o.first_seen, o.opened_on, o.times_opened, e.closed_on, coalesce(e.closed_by, {_NEVER}) AS closed_by
            FROM openings AS o LEFT JOIN endings AS e USING (finding_id) LEFT JOIN found AS f USING (finding_id)
        ),
        last_asked AS (
            SELECT d.*, coalesce(q.as_of, d.opened_on) AS last_seen
            FROM described AS d ASOF LEFT JOIN asked_on AS q ON d.check_id = q.check_id AND d.closed_by > q.number
        ),
        with_actions AS (
            SELECT d.*, a.* EXCLUDE (finding_id, reason), a.reason AS ground, d.closed_on IS NOT NULL AS is_closed,
                d.closed_on IS NULL AND coalesce(a.state = 'accepted' AND a.accepted_until < {_day(as_of)}, false) AS is_expired
            FROM last_asked AS d LEFT JOIN last_actions AS a ON d.finding_id = a.finding_id
        )
        SELECT finding_id, {", ".join(DESCRIPTION)}, first_seen, opened_on, last_seen, closed_on, times_opened,
            CASE WHEN is_closed THEN 'closed' WHEN state IS NULL OR is_expired THEN 'open' ELSE state END AS state,
            CASE WHEN is_closed THEN closed_on WHEN is_expired THEN accepted_until + 1 ELSE coalesce(state_since, opened_on) END AS state_since,
            is_expired, assignee, due_on, CASE WHEN NOT is_expired THEN accepted_until END AS accepted_until,
            action AS last_action, ground AS last_reason, actor AS last_actor, actor_role AS last_actor_role, acted_at AS last_acted_at, number AS last_entry
        FROM with_actions"""


def _rectification(as_of: date) -> str:
    """How a number follows from the one before: open at the end = open before + opened − closed. An exception that was accepted stays open."""
    place = "region_code, dataset, dimension"
    same = " AND ".join(f"{{0}}.{name} IS NOT DISTINCT FROM {{1}}.{name}" for name in place.split(", "))
    periods = " UNION ALL ".join(
        f"""SELECT '{kind}' AS period_kind, unnest(generate_series(date_trunc('{kind}', (SELECT min(as_of) FROM events)),
            date_trunc('{kind}', {_day(as_of)}), INTERVAL {step}))::DATE AS period_start"""
        for kind, step in (("month", "1 MONTH"), ("quarter", "3 MONTH"), ("year", "1 YEAR"))
    )
    return f"""CREATE OR REPLACE TABLE quality.rectification AS
        WITH moves AS (
            SELECT t.region_code, t.dataset, t.dimension, e.as_of, e.days_open, (e.event <> 'closed')::INTEGER AS opened, (e.event = 'closed')::INTEGER AS closed
            FROM quality.finding_events AS e JOIN quality.tracked_findings AS t USING (finding_id)
        ),
        periods AS ({periods}),
        counted AS (
            SELECT p.period_kind, p.period_start, m.region_code, m.dataset, m.dimension, sum(m.opened) AS opened, sum(m.closed) AS closed,
                median(m.days_open) AS median_days_to_close
            FROM moves AS m JOIN periods AS p ON date_trunc(p.period_kind, m.as_of)::DATE = p.period_start GROUP BY ALL
        ),
        places AS (SELECT DISTINCT {place} FROM moves),
        balanced AS (
            SELECT p.period_kind, p.period_start, a.region_code, a.dataset, a.dimension, coalesce(c.opened, 0) AS opened, coalesce(c.closed, 0) AS closed,
                c.median_days_to_close,
                sum(coalesce(c.opened, 0) - coalesce(c.closed, 0)) OVER (PARTITION BY p.period_kind, a.region_code, a.dataset, a.dimension ORDER BY p.period_start) AS open_at_end
            FROM periods AS p CROSS JOIN places AS a
            LEFT JOIN counted AS c ON p.period_kind = c.period_kind AND p.period_start = c.period_start AND {same.format("a", "c")}
        )
        SELECT period_kind, period_start, region_code, dataset, dimension,
            (open_at_end - opened + closed)::BIGINT AS open_before, opened::BIGINT AS opened, closed::BIGINT AS closed, open_at_end::BIGINT AS open_at_end,
            closed / (open_at_end + closed) AS rectification_rate, median_days_to_close
        FROM balanced WHERE open_at_end + closed > 0
        ORDER BY period_kind, period_start, region_code, dataset, dimension"""
