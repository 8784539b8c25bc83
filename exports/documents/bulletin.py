"""通报 by county: the ranking, what moved, which duties were missed, and the text, ready to be sent out."""

from collections.abc import Sequence
from pathlib import Path

from dashboards.labels import label, section
from dashboards.rates import NOT_APPLICABLE, rate_text
from dashboards.rules import rule_name
from dashboards.snapshot import read_rule_versions, rules_of
from exports.documents.annual_report import date_words
from exports.documents.document import file_name, period_words
from exports.documents.occasion import Occasion, made_from
from exports.documents.official_paper import Paper
from exports.documents.ranking import Ranking, Standing, read_ranking

_NAMED = 3


def write_bulletin(occasion: Occasion, out: Path) -> list[Path]:
    """The bulletin of a quarter, month or year, in Word."""
    told, period = read_ranking(occasion), period_words(occasion.period)
    rules = dict(rules_of(read_rule_versions(occasion.connection)).with_columns(rule_name().alias("name")).select("rule_id", "name").rows())
    paper = Paper(label("bulletin.title", period=period))
    # A title is broken where its sense is.
    paper.title(label("bulletin.title_first", period=period), label("bulletin.title_second"))
    paper.heading(label("bulletin.part_overall"))
    for text in bulletin_text(told, period):
        paper.text(text)
    paper.heading(label("bulletin.part_ranking"))
    paper.table([(label(f"bulletin.{name}"),) for name in _HEADINGS], [_line(one) for one in (*told.standings, told.total)], (1.2, 3.4, 1.6, 1.5, 1.5, 1.5, 1.5, 2, 2, 2, 2), numbers=frozenset({0, *range(2, 11)}), size=8)  # fmt: skip
    paper.note(label("bulletin.note"))
    paper.heading(label("bulletin.part_duties"))
    rows = [(rules.get(rule, rule), f"{missed:,}", f"{due:,}") for rule, missed, due in told.by_rule]
    none = label("workbook.none")
    paper.table([(label(f"bulletin.{name}"),) for name in ("rule", "missed", "due")], rows, (10, 2, 2), numbers=frozenset({1, 2}), size=9, none=none)
    paper.heading(label("bulletin.part_worst"))
    worst = [
        (one.region, one.title, rules.get(one.rule, one.rule), one.due_on or NOT_APPLICABLE, f"{one.days_late}" if one.days_late is not None else NOT_APPLICABLE, section("missed_reason")[one.reason], one.place or NOT_APPLICABLE)
        for one in told.worst
    ]  # fmt: skip
    if worst:
        paper.note(label("bulletin.note_worst", shown=len(told.worst), total=told.total.missed), leads=True)
    paper.table([(label(f"bulletin.{name}"),) for name in ("region", "subject", "rule", "due_on", "days_late", "reason", "place")], worst, (1.7, 5, 3.6, 2, 1.4, 1.5, 4.2), numbers=frozenset({4}), size=7.5, none=none)  # fmt: skip
    paper.note(made_from(occasion))
    paper.sign(occasion.unit, date_words(occasion.as_of))
    return [paper.save(out / file_name(label("document.bulletin"), period, suffix=".docx"), occasion.created)]


_HEADINGS = ("rank", "region", "moved", "due", "met", "missed", "undecidable", "rate", "disclosure", "push_timeliness", "push_accuracy")


def bulletin_text(told: Ranking, period: str) -> list[str]:
    """What the bulletin says in words: the whole, who leads and who trails, what moved, and where duties are absent."""
    total, ranked = told.total, [one for one in told.standings if one.rank is not None]
    lines = [label("bulletin.overall", period=period, due=total.due, met=total.met, missed=total.missed, late=total.late, absent=total.absent, too_short=total.too_short, undecidable=total.undecidable, rate=total.rate_text, disclosure=total.disclosure_text)]  # fmt: skip
    if len(ranked) > 1:
        last = ranked[-1].rank
        trailing = [
            one for one in reversed(ranked) if one.rank is not None and last is not None and one.rank > max(ranked[0].rank or 0, last - _NAMED)
        ][:_NAMED]
        lines.append(label("bulletin.leading", leading=_named(ranked[:_NAMED]), trailing=_named(trailing) or NOT_APPLICABLE))
    lines.append(_movement(told, ranked))
    if behind := [one for one in told.standings if one.absent]:
        lines.append(
            label("bulletin.absent_in", regions="、".join(label("bulletin.absent_one", region=one.region, count=one.absent) for one in behind))
        )
    return lines


def _movement(told: Ranking, ranked: Sequence[Standing]) -> str:
    if not told.is_compared:
        return label("bulletin.not_compared")
    moved = [(one, one.rank_before - one.rank) for one in ranked if one.rank is not None and one.rank_before is not None]
    up = [one for one, places in sorted(moved, key=lambda pair: -pair[1])[:_NAMED] if (one.rank_before or 0) > (one.rank or 0)]
    down = [one for one, places in sorted(moved, key=lambda pair: pair[1])[:_NAMED] if (one.rank_before or 0) < (one.rank or 0)]
    parts = [label(f"bulletin.{name}", regions="、".join(label("bulletin.from_to", region=one.region, before=one.rank_before, now=one.rank) for one in movers)) for name, movers in (("rose", up), ("fell", down)) if movers]  # fmt: skip
    return label(
        "bulletin.compared", before=told.total.rate_before_text, now=told.total.rate_text, moved="；".join(parts) or label("bulletin.nothing_moved")
    )


def _named(standings: Sequence[Standing]) -> str:
    return "、".join(f"{one.region}（{one.rate_text}）" for one in standings)


def _line(one: Standing) -> list[str]:
    return [
        NOT_APPLICABLE if one.rank is None else f"{one.rank}",
        one.region or label("column.total"),
        _moved(one),
        *(f"{count:,}" for count in (one.due, one.met, one.missed, one.undecidable)),
        one.rate_text,
        one.disclosure_text,
        rate_text(one.pushed_on_time, one.pushed_judged),
        rate_text(one.pushed_accurate, one.pushed_judged),
    ]


def _moved(one: Standing) -> str:
    """Places won or lost, with an arrow and the number: never the one without the other."""
    if one.rank is None or one.rank_before is None:
        return NOT_APPLICABLE
    places = one.rank_before - one.rank
    return label("bulletin.unmoved") if places == 0 else label("bulletin.up" if places > 0 else "bulletin.down", places=abs(places))
