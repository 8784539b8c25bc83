"""The same figures as the marts tell them: added up again in plain Python, in exact numbers, from the rows of the snapshot; and as `marts.statistics` has them."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

import duckdb

from sources.definitions import datasets
from tests.exports.documents.told_figures import ALL_PERIODS, Figure, Told, quarter, so_far

KINDS = {"construction": "工程建设", "procurement": "政府采购", "land": "土地使用权", "property": "国有产权"}
_NONE = "—"
_MISSING = "暂缺"


def _periods(month: str) -> list[str]:
    """Every period that a month lies in: itself, its quarter, its year, the parts of the year that it belongs to, and all of them."""
    year, number = month[:4], int(month[5:])
    running = {so_far(last, year) for last in range(max(number, 2), 12) if last != 3}
    return [*_of_kind(month).values(), *sorted(running), ALL_PERIODS]


def _of_kind(month: str) -> dict[str, str]:
    """The month, its quarter and its year, by `period_kind`."""
    return {"month": month, "quarter": quarter((int(month[5:]) + 2) // 3, month[:4]), "year": month[:4]}


def _share(part: Decimal, whole: Decimal) -> str:
    return f"{(100 * part / whole).quantize(Decimal('0.01'), ROUND_HALF_UP)}%"


def _cut(part: int, whole: int) -> str:
    """A rate as pages print it: cut off after four decimals, never rounded up; a dash where nothing could be judged."""
    return str((Decimal(part) / whole).quantize(Decimal("0.0001"), ROUND_DOWN)) if whole else _NONE


def _ten_thousands(yuan: Decimal) -> Decimal:
    return (yuan / 10_000).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _scopes(kind: str, region: str) -> Iterator[tuple[str, str]]:
    yield from ((one, other) for one in (kind, "") for other in (region, ""))


def tell_marts(told: Told, connection: duckdb.DuckDBPyConnection) -> None:
    """Transactions, both rates, the push, sanctions and registers, from the marts below; then the figures of `marts.statistics`."""
    _tell_concluded(told, connection)
    _tell_process(told, connection)
    _tell_rates(told, connection)
    _tell_push(told, connection)
    _tell_sanctions(told, connection)
    _tell_statistics(told, connection)


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return connection.execute(sql).fetchall()


def _named(columns: str, mart: str, where: str = "true") -> str:
    return f"SELECT {columns}, coalesce(regions.name, told.region_code) FROM marts.{mart} AS told LEFT JOIN marts.regions USING (region_code) WHERE {where}"


def _tell_concluded(told: Told, connection: duckdb.DuckDBPyConnection) -> None:
    sums: dict[tuple[str, str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    columns = "transaction_type, strftime(concluded_at, '%Y-%m'), award_yuan, savings_yuan, added_yuan, not_comparable_reason IS NOT NULL"
    for kind, month, award, saved, added, is_not_comparable, region in _rows(connection, _named(columns, "transactions", "concluded_at IS NOT NULL")):
        for period in _periods(month):
            for scope in _scopes(KINDS[kind], region):
                one = sums[(period, *scope)]
                one["concluded"] += 1
                one["not_comparable"] += is_not_comparable
                if award is not None:
                    one["with_amount"], one["award"] = one["with_amount"] + 1, one["award"] + award
                if saved is not None:
                    # The estimate is the award and what was saved.
                    one["saving"], one["saved"], one["saved_award"] = one["saving"] + 1, one["saved"] + saved, one["saved_award"] + award
                if added is not None:
                    one["adding"], one["added"], one["added_base"] = one["adding"] + 1, one["added"] + added, one["added_base"] + award - added
    for (period, kind, region), one in sums.items():
        values: dict[str, object] = {name: one[name] for name in ("concluded", "with_amount")} | {"award": _ten_thousands(one["award"])}
        values |= dict.fromkeys(("savings", "savings_of_estimate", "savings_of_award", "added", "added_rate", "not_comparable"), _NONE)
        if one["saving"]:
            values |= {"savings": _ten_thousands(one["saved"]), "savings_of_estimate": _share(one["saved"], one["saved_award"] + one["saved"])}
            values["savings_of_award"] = _share(one["saved"], one["saved_award"])
        if one["adding"]:
            values |= {"added": _ten_thousands(one["added"]), "added_rate": _share(one["added"], one["added_base"])}
        if one["adding"] or one["not_comparable"]:
            values["not_comparable"] = one["not_comparable"]
        if not (kind and region) and (whole := sums[period, "", ""]["award"]):
            values["amount_share"] = _share(one["award"], whole)
        for measure, value in values.items():
            told.tell("marts.transactions", Figure("trade", period, measure, kind, region), value)


def _tell_process(told: Told, connection: duckdb.DuckDBPyConnection) -> None:
    counts: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for kind, month, is_failed, region in _rows(
        connection, _named("transaction_type, strftime(approved_at, '%Y-%m'), is_failed", "tender_exceptions")
    ):
        for period in _periods(month):
            for scope in _scopes(KINDS[kind], region):
                counts[(period, *scope)]["failed" if is_failed else "otherwise_ended"] += 1
    opened = _named("transaction_type, strftime(bids_opened_at, '%Y-%m'), bidders", "transactions", "bidders IS NOT NULL")
    for kind, month, bidders, region in _rows(connection, opened):
        for period in _periods(month):
            for scope in _scopes(KINDS[kind], region):
                counts[(period, *scope)].update(bid_sections=1, bidders=bidders)
    for (period, kind, region), one in counts.items():
        values: dict[str, object] = {name: one[name] for name in ("failed", "otherwise_ended")}
        sections = one["bid_sections"]
        average = (Decimal(one["bidders"]) / sections).quantize(Decimal("0.01"), ROUND_HALF_UP) if sections else None
        values |= {"bid_sections": sections, "bidders": one["bidders"], "average_bidders": average} if sections else {}
        values |= {} if sections else dict.fromkeys(("bid_sections", "bidders", "average_bidders"), _MISSING)
        # A month without one of them is told by its row of zeros, elsewhere.
        for measure, value in values.items():
            told.tell("marts.tender_exceptions, marts.transactions", Figure("trade", period, measure, kind, region), value)


_VERDICTS = ("met", "missed", "late", "absent", "too_short", "pending", "undecidable", "exempt")


def _tell_rates(told: Told, connection: duckdb.DuckDBPyConnection) -> None:
    counts: dict[tuple[str, str, str, str], Counter[str]] = defaultdict(Counter)
    columns = "measure, strftime(fell_due_on, '%Y-%m'), rule_id, verdict, missed_reason"
    for topic, month, rule, verdict, reason, region in _rows(connection, _named(columns, "obligations", "fell_due_on IS NOT NULL")):
        for period in _periods(month):
            for one, other in _scopes(rule, region):
                counts[topic, period, other, one].update([verdict, *([reason] if reason else [])])
    for (topic, period, region, rule), one in counts.items():
        met, missed, undecidable = one["met"], one["missed"], one["undecidable"]
        due = met + missed + undecidable
        values: dict[str, object] = {name: one[name] for name in _VERDICTS} | {"due": due, "decided": met + missed}
        values |= {"rate": _cut(met, met + missed), "rate_low": _cut(met, due), "rate_high": _cut(met + undecidable, due)}
        for measure, value in values.items():
            told.tell("marts.obligations", Figure(topic, period, measure, region=region, subject=rule), value)
    for topic, mart in (("disclosure", "disclosure_rates"), ("timeliness", "timeliness")):
        sums: dict[Figure, int] = Counter()
        counted = f"period_kind, strftime(period_start, '%Y-%m'), rule_id, {', '.join(('due', *_VERDICTS))}"
        for kind, month, rule, *values_of, region in _rows(connection, _named(counted, mart)):
            period = _of_kind(month)[kind]
            for one_rule, one_region in _scopes(rule, region):
                for measure, value in zip(("due", *_VERDICTS), values_of, strict=True):
                    sums[Figure(topic, period, measure, region=one_region, subject=one_rule)] += value
        for figure, value in sums.items():
            told.tell(f"marts.{mart}", figure, value)


_PUSHED = ("records", "pushed", "judged", "accepted", "on_time", "accurate", "refused", "unanswered", "never_sent", "pending")


def _tell_push(told: Told, connection: duckdb.DuckDBPyConnection) -> None:
    labels = {dataset.name: dataset.label for dataset in datasets().values()}
    counts: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    monthly = f"strftime(period_start, '%Y-%m'), dataset, {', '.join(_PUSHED)}"
    for month, dataset, *values_of, region in _rows(connection, _named(monthly, "push_quality", "period_kind = 'month'")):
        for period in _periods(month):
            for one, other in _scopes(labels[dataset], region):
                counts[period, other, one].update(dict(zip(_PUSHED, values_of, strict=True)))
    for (period, region, dataset), one in counts.items():
        rates = {"timeliness": ("on_time", "judged"), "accuracy": ("accurate", "judged"), "completeness": ("pushed", "records")}
        values: dict[str, object] = {name: one[name] for name in _PUSHED} | {name: _cut(one[part], one[of]) for name, (part, of) in rates.items()}
        for measure, value in values.items():
            told.tell("marts.push_quality", Figure("push", period, measure, region=region, subject=dataset), value)
    selected: dict[Figure, Decimal] = defaultdict(Decimal)
    of_statistics = "period_kind, strftime(period_start, '%Y-%m'), subject, indicator, value"
    for kind, month, dataset, indicator, value, region in _rows(
        connection, _named(of_statistics, "statistics", "starts_with(indicator, 'push_') AND unit <> '%'")
    ):
        period = _of_kind(month)[kind]
        for one, other in _scopes(labels[dataset], region):
            selected[Figure("push", period, indicator.removeprefix("push_"), region=other, subject=one)] += value
    for figure, value in selected.items():
        told.tell("marts.statistics", figure, value)


def _tell_sanctions(told: Told, connection: duckdb.DuckDBPyConnection) -> None:
    notices = _rows(connection, _named("notice_number, strftime(issued_on, '%Y-%m-%d'), points", "sanctions", "year(issued_on) = 2022"))
    for number, issued, points, _ in notices:
        told.tell("marts.sanctions", Figure("sanctions", "2022", "points", subject=number), points)
        told.tell("marts.sanctions", Figure("sanctions", "2022", "issued", subject=number), issued)
    told.tell("marts.sanctions", Figure("sanctions", "2022", "notices"), len(notices))
    for region, count in Counter(region for *_, region in notices).items():
        told.tell("marts.sanctions", Figure("sanctions", ALL_PERIODS, "notices", region=region), count)


_OF_STATISTICS = {
    "transactions": ("trade", "concluded"), "award_amount": ("trade", "award"), "savings": ("trade", "savings"), "added_value": ("trade", "added"),
    "failed_tenders": ("trade", "failed"), "sections_with_bidders": ("trade", "bid_sections"), "bidders": ("trade", "bidders"),
    "added_value_not_comparable": ("trade", "not_comparable"),
    "info_published_of_category": ("register", "items"), "info_published_over_channel": ("register", "items_over_channel"),
    "info_published_over_channel_alone": ("register", "items_over_channel_alone"), "decisions": ("register", "decisions"),
    "info_published_total": ("register", "published"), "requests_of_form": ("requests", "form"), "answers_of_outcome": ("requests", "outcome"),
    "requests_received": ("requests", "received"), "requests_carried_over": ("requests", "carried_over"), "requests_answered": ("requests", "answered"),
    "requests_answered_in_time": ("requests", "answered_in_time"), "requests_carried_forward": ("requests", "carried_forward"), "answers": ("requests", "answers"),
    "disputes": ("disputes", "filed"), "disputes_upheld": ("disputes", "upheld"), "disputes_corrected": ("disputes", "corrected"),
    "disputes_other": ("disputes", "other"), "disputes_pending": ("disputes", "pending"), "quantification_notices": ("sanctions", "notices"),
    "blacklisted_subjects": ("sanctions", "listed"),
}  # fmt: skip
_IN_YUAN = {"award_amount", "savings", "added_value"}


def _tell_statistics(told: Told, connection: duckdb.DuckDBPyConnection) -> None:
    """Each figure of this home is told by one source: the transactions by the city, the rest by the office."""
    rows = _rows(connection, "SELECT indicator, year, coalesce(subject, ''), value FROM marts.statistics WHERE source_id IS NOT NULL")
    for indicator, year, subject, value in rows:
        for kind, name in KINDS.items():
            if indicator == f"transactions_{kind}":
                told.tell("marts.statistics", Figure("trade", str(year), "concluded", kind=name), value)
        if indicator in _OF_STATISTICS:
            topic, measure = _OF_STATISTICS[indicator]
            told.tell(
                "marts.statistics", Figure(topic, str(year), measure, subject=subject), _ten_thousands(value) if indicator in _IN_YUAN else value
            )
