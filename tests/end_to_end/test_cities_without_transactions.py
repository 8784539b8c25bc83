"""Two years of government information alone, by the commands: simulated, run, published, and what their pages say."""

import html
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import duckdb
import pytest

from exports.publication import current_snapshot

pytestmark = pytest.mark.thorough

Gongkai = Callable[..., CompletedProcess[str]]


@pytest.mark.parametrize(
    ("city", "said", "unsaid"),
    [
        (
            "taian-2013",
            (
                "共 332 条。占比四舍五入后合计 99.9%", "80 + 265 + 10 = 355 人次", "上年结转 0 + 新收 0 = 办结 0", "未发生因政府信息公开引起的投诉",
                "不符（差 +0.2 个百分点）：只有照印出的数才凑得齐总数", "（按记录计算的各项之和为 99.9）",
            ),
            ("双公示 ·", "中介机构", "不良行为"),
        ),
        (
            "guian-2016",
            (
                "共 8,137 条，不同渠道公开同一信息计 1 条；各渠道条数之和 8,304", "许可 决定 980 件，已公示 980 件", "处罚 决定 1050 件，已公示 1048 件",
                "上年结转 0 + 新收 6 = 办结 6", "不符（差 +7,990）：年报自相矛盾", "✗ 自相矛盾", "贵安新区",
            ),
            ("咨询 · 按渠道", "中介机构", "不良行为"),
        ),
    ],
)  # fmt: skip
def test_a_year_of_government_information_is_published(
    gongkai: Gongkai, tmp_path: Path, city: str, said: tuple[str, ...], unsaid: tuple[str, ...]
) -> None:
    deliveries, home = tmp_path / "deliveries", tmp_path / "home"
    assert gongkai("simulate", "--city", city, "--out", deliveries).returncode == 0
    done = gongkai("run", "--home", home, "--deliveries", deliveries)
    assert done.returncode == 0, done.stdout + done.stderr
    snapshot = current_snapshot(home)
    assert snapshot is not None
    page = "".join((snapshot / "site" / name).read_text(encoding="utf-8") for name in ("registers.html", "ledger.html", "sanctions.html"))
    text = html.unescape(re.sub(r"<script type=\"application/json\".*?</script>|<[^>]+>", "", page, flags=re.DOTALL))
    assert [words for words in said if words not in text] == []
    assert [words for words in unsaid if words in text] == []
    with duckdb.connect(str(snapshot / "warehouse.duckdb"), read_only=True) as connection:
        verdicts = dict(connection.execute("SELECT verdict, count(*) FROM marts.published_figures GROUP BY verdict").fetchall())
        transactions = connection.execute("SELECT count(*) FROM marts.transactions").fetchall()
    assert transactions == [(0,)]
    assert verdicts["reproduced"] >= 18 and verdicts["differs"] == (3 if city == "taian-2013" else 1)
