"""The bulletin: ranks counted a second time from the obligations, as fractions; what moved; three hundred counties."""

from collections import defaultdict
from datetime import date
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest

from exports.answers.period import Period
from exports.documents.bulletin import bulletin_text
from exports.documents.catalogue import document
from exports.documents.occasion import opening
from exports.documents.ranking import Ranking, read_ranking
from exports.documents.writing import Asked, write_documents
from exports.publication import current_snapshot
from tests.exports.documents.delivered import LONG
from tests.exports.documents.reading_back import paper_lines

pytestmark = pytest.mark.thorough


def _ranking(home: Path, period: str) -> Ranking:
    with opening(home) as occasion:
        return read_ranking(occasion.of(Period.read(period)))


def _rates(home: Path, first: date, last: date) -> dict[str, tuple[Fraction, int]]:
    """By region the share met of what could be judged, and how much was due, from the obligations themselves."""
    with duckdb.connect(str(home / "published" / "current" / "warehouse.duckdb"), read_only=True) as connection:
        rows = connection.execute("SELECT region_code, verdict, fell_due_on FROM marts.obligations WHERE measure = 'timeliness'").fetchall()
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for region, verdict, day in rows:
        if day and first <= day <= last:
            counts[region][verdict] += 1
    return {
        region: (Fraction(found["met"], found["met"] + found["missed"]), found["met"] + found["missed"] + found["undecidable"])
        for region, found in counts.items()
        if found["met"] + found["missed"]
    }


def test_ranks_follow_the_obligations(shared_home: Path) -> None:
    told = _ranking(shared_home, "2022Q3")
    rates, before = _rates(shared_home, date(2022, 7, 1), date(2022, 9, 30)), _rates(shared_home, date(2022, 4, 1), date(2022, 6, 30))
    ranked = [one for one in told.standings if one.rank is not None]
    assert len(ranked) > 3 and told.is_compared
    for one in ranked:
        rate, due = rates[one.region_code]
        assert (one.rate, one.due) == (rate, due)
        assert one.rank == 1 + sum(other > rate for code, (other, _) in rates.items() if code != "000000")
        if one.region_code in before:
            assert one.rank_before == 1 + sum(other > before[one.region_code][0] for code, (other, _) in before.items() if code != "000000")
    assert [one.rank for one in ranked] == sorted(one.rank for one in ranked)
    assert told.total.due == sum(due for _, due in rates.values())


def test_the_text_names_who_leads_trails_and_moved(shared_home: Path) -> None:
    told = _ranking(shared_home, "2022Q3")
    text = "\n".join(bulletin_text(told, "2022年第3季度"))
    best, worst = (
        one for place, one in enumerate(told.standings) if place in (0, max(i for i, s in enumerate(told.standings) if s.rank is not None))
    )
    assert f"居前的是{best.region}（{best.rate_text}）" in text and f"居后的是{worst.region}（{worst.rate_text}）" in text
    for one in told.standings:
        if one.rank and one.rank_before and one.rank != one.rank_before and one.region in text.partition("名次")[2]:
            assert f"{one.region}（第{one.rank_before}位→第{one.rank}位）" in text


def test_the_first_period_is_not_compared(shared_home: Path) -> None:
    told = _ranking(shared_home, "2022Q1")
    assert not told.is_compared and all(one.rank_before is None for one in told.standings)
    assert "不作比较" in "\n".join(bulletin_text(told, "2022年第1季度"))


@pytest.fixture
def many_counties(own_home: Path) -> Path:
    """Three hundred counties with long names, every second one with a duty that was missed, the last without any that can be judged."""
    snapshot = current_snapshot(own_home)
    assert snapshot is not None
    warehouse = snapshot / "warehouse.duckdb"
    warehouse.chmod(0o644)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "INSERT INTO marts.regions SELECT (900000 + i)::VARCHAR, left($name, 57) || i FROM range(300) AS counties (i)", {"name": LONG}
        )
        connection.execute(
            "INSERT INTO marts.timeliness (period_kind, period_start, region_code, transaction_type, rule_id, due, met, missed, late, absent, too_short, pending, "
            "undecidable, exempt) SELECT 'month', DATE '2022-06-01', (900000 + i)::VARCHAR, 'construction', 'T-10', 1, 1 - i % 2, "
            "CASE WHEN i = 299 THEN 0 ELSE i % 2 END, CASE WHEN i = 299 THEN 0 ELSE i % 2 END, 0, 0, 0, CASE WHEN i = 299 THEN 1 ELSE 0 END, 0 FROM range(300) AS counties (i)"
        )
    return own_home


def test_three_hundred_counties_with_long_names(many_counties: Path, tmp_path: Path) -> None:
    (written,) = write_documents(many_counties, [document("bulletin")], Asked(2022, month=6), tmp_path / "out")
    lines = [line for line in paper_lines(written.path) if line.count(" | ") == 10]
    assert len(lines) > 301 and lines[0].startswith("名次 | 地区") and lines[-1].startswith("— | 合计")
    told = {line.split(" | ")[1]: line.split(" | ")[0] for line in lines}
    # All that met everything share the first place; what cannot be judged has none.
    assert told[f"{LONG[:57]}0"] == told[f"{LONG[:57]}298"] == "1" and told[f"{LONG[:57]}299"] == "—"
