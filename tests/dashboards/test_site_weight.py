"""The site of three hundred counties with many duties and years weighs what it may, and loses no number for it."""

import json
import re
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from dashboards.site import build_site
from tests.dashboards.snapshot_builder import MANIFEST, RULES, Content, add_push, add_transactions, build_snapshot

MOST_BYTES = 15_000_000
"""Beside Plotly; what users asked."""

REGIONS = {str(110000 + place): f"第{place}区县城乡名" for place in range(300)}
DUTIES = tuple((f"{rule_id}{copy}", *told) for copy in range(3) for rule_id, *told in RULES)


@pytest.mark.thorough
def test_many_counties_duties_and_years(tmp_path: Path) -> None:
    warehouse = build_snapshot(tmp_path, Content(obligations=120_000, regions=REGIONS, rules=DUTIES))
    add_transactions(warehouse, 30_000, REGIONS)
    add_push(warehouse, REGIONS)
    site = build_site(warehouse, tmp_path / "site", manifest=MANIFEST).parent
    assert len(list(site.glob("rates-20*.en.html"))) == 3 and len(list(site.glob("rules/*.en.html"))) == 30
    assert sum(file.stat().st_size for file in site.rglob("*") if file.is_file() and file.name != "plotly.min.js") < MOST_BYTES
    page = (site / "rates.html").read_text(encoding="utf-8")
    for measure, mart in (("disclosure", "disclosure_rates"), ("timeliness", "timeliness")):
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            counted = connection.execute(
                f"""SELECT sum(met)::BIGINT AS met, sum(met + missed)::BIGINT AS judged FROM marts.{mart} WHERE period_kind = 'year'
                    GROUP BY region_code, rule_id HAVING judged > 0"""
            ).fetchall()
        assert len(counted) > 300 * 10
        expected = Counter(f"{met}/{judged}" for met, judged in counted)
        drawn, table = page.split(f'id="{measure}-heat-map-data">')[1].split("</details>")[0].split("</script>")
        (trace,) = json.loads(drawn)["data"]
        cells = [(rate, text) for rates, texts in zip(trace["z"], trace["customdata"], strict=True) for rate, text in zip(rates, texts, strict=True)]
        assert Counter(text.split()[1] for _, text in cells if text) == expected
        # Each on its side of the threshold, which is the colour of its cell.
        told = [(rate, *map(int, text.split()[1].split("/"))) for rate, text in cells if text]
        assert all((rate >= 0.98) == (100 * met >= 98 * judged) and abs(rate - met / judged) <= 1e-4 for rate, met, judged in told)
        assert Counter(re.findall(r"\((\d+/\d+)\)", table)) == expected
