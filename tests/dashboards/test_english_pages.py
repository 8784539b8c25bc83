"""English pages speak English: Chinese stands on them only where it is data, such as the names of bodies, places, projects and legal acts."""

import csv
import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dagster_project.project import DBT
from dashboards.labels import LANGUAGES, section
from dashboards.listed import push_text
from dashboards.published import published_text
from dashboards.site import build_site
from tests.dashboards.snapshot_builder import MANIFEST, Content, add_information, add_push, add_transactions, build_snapshot

CHINESE = re.compile("[\u4e00-\u9fff]")
#: In place of every name that the snapshot is told of, so that Chinese on an English page is the page's own.
REGIONS = {"421202": "Xian'an", "421221": "Jiayu", "000000": "Unknown"}
TITLES = ("Road of Xian'an", "School of Jiayu")
#: What is shown as it is written: legal acts, the source that registers say, the way to the other language, words of the tests' own rows.
_SHOWN_AS_WRITTEN = re.compile(
    r"第\d+标段|第.*条|令第|号|条例|采购法|投标法|目录|办法|规则|中文|坏文件.xml|日期在2100年之后|编号被改写|文件含有 DOCTYPE"
)


def _seed(name: str) -> list[dict[str, str]]:
    with (DBT / "seeds" / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_listed_word_has_its_english() -> None:
    assert {row["value"] for row in _seed("listed_values.csv")} == section("listed").keys()
    units = {row["unit"] for row in _seed("published_figures_of_reports.csv")}
    assert {unit for unit in units if CHINESE.search(unit)} == section("figure_unit").keys()
    assert units - section("figure_unit").keys() == section("published").keys()
    requirements = {row[column] for row in _seed("push_requirements.csv") for column in ("clock", "source")}
    said = set(re.findall("'([\u4e00-\u9fff，]{2,})'", (DBT / "models" / "marts" / "push_shortfalls.sql").read_text(encoding="utf-8")))
    assert requirements | said == section("push_said").keys()


def test_what_a_report_publishes_reads_as_on_other_pages() -> None:
    period = "2017-01-01/2017-12-31"
    told = (
        ("98", "%"),
        ("2017-02", "month"),
        ("2011", "year"),
        (period, "period"),
        ("missing", "-"),
        ("2018-01-25", "date"),
        ("1", "per month"),
        ("3", "件"),
    )
    zh, en = ([published_text(value, unit, language) for value, unit in told] for language in LANGUAGES)
    assert zh == ["98%", "2017年2月", "2011 年", "2017-01-01 至 2017-12-31", "未附", "2018-01-25", "每月 1 次", "3 件"]
    assert en == ["98%", "2017-02", "2011", "2017-01-01 to 2017-12-31", "not attached", "2018-01-25", "1 a month", "3 cases"]


def test_a_refusal_keeps_the_code_and_words_of_the_province() -> None:
    assert push_text("首次推送被退回：E07：金额超限", "zh") == "首次推送被退回：E07：金额超限"
    assert push_text("首次推送被退回：E07：金额超限", "en") == "the first push was refused: E07：金额超限"
    assert push_text("接收晚于时限", "en") == "received after the time limit"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("english")
    warehouse = build_snapshot(folder, Content(obligations=600, regions=REGIONS, titles=TITLES, source_label="Xianning"))
    add_information(warehouse, "xianning", 2017)
    add_transactions(warehouse, 200, REGIONS)
    add_push(warehouse, REGIONS)
    return build_site(warehouse, folder / "site", manifest=MANIFEST).parent


def _texts(page: str) -> Iterator[str]:
    """Every text of a page, also those of its figures."""
    for text in re.findall(r">([^<>]+)<", re.sub(r'<script type="application/json".*?</script>', "", page, flags=re.DOTALL)):
        yield html.unescape(text).strip()
    for figure in re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL):
        yield from _strings(json.loads(figure))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _strings(part)


@pytest.mark.parametrize("name", ["index", "rates", "calendar", "ledger", "rules", "transactions", "screen", "rules/T-10"])
def test_nothing_but_data_is_chinese_on_an_english_page(site: Path, name: str) -> None:
    texts = list(_texts((site / f"{name}.en.html").read_text(encoding="utf-8")))
    assert len(texts) > 20
    assert [text for text in texts if CHINESE.search(text) and not _SHOWN_AS_WRITTEN.search(text)] == []


def test_chinese_punctuation_stands_in_chinese_alone(site: Path) -> None:
    found = {
        (page.name, text)
        for page in site.glob("**/*.en.html")
        for text in _texts(page.read_text(encoding="utf-8"))
        if re.search("[，、；：。（）]", text) and not CHINESE.search(text)
    }
    assert found == set()


@pytest.mark.parametrize(("name", "of"), [("registers", "listed"), ("push", "push_said"), ("ledger", "figure_unit")])
def test_words_of_lists_are_in_english(site: Path, name: str, of: str) -> None:
    """These pages show names of the tests' own rows besides."""
    texts = set(_texts((site / f"{name}.en.html").read_text(encoding="utf-8")))
    assert texts & section(of).keys() == set()
