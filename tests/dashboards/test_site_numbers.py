"""What the pages say beside the same counted in plain Python over the same rows; where each number leads; what each figure is made of."""

import html
import json
import os
import re
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from urllib.parse import unquote, urldefrag

import duckdb
import plotly.graph_objects as go
import pytest

from dashboards.addresses import SiteAddresses, page_name
from dashboards.definitions import definition_of, definitions, model_descriptions
from dashboards.labels import LANGUAGES, section
from dashboards.pages import SHEETS, rule_sheets, sheet_page, view_of
from dashboards.screen import screen
from dashboards.site import build_site
from dashboards.snapshot import read_snapshot
from tests.dashboards.page_reader import Page
from tests.dashboards.snapshot_builder import (
    AS_OF,
    HOSTILE,
    MANIFEST,
    Content,
    add_information,
    add_push,
    add_transactions,
    build_snapshot,
    of_any_size,
)

pytestmark = pytest.mark.thorough

GOLDEN = Path(__file__).with_name("overview_of_a_small_city.txt")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = build_snapshot(tmp_path_factory.mktemp("numbers"), Content(obligations=20000, titles=(*HOSTILE, "咸安区道路改造")))
    add_transactions(path)
    add_push(path)
    add_information(path, "xianning", 2017)
    return path


@pytest.fixture(scope="module")
def site(warehouse: Path) -> Path:
    return build_site(warehouse, warehouse.parent / "site", manifest=MANIFEST).parent


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}


def _rows(warehouse: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute("SET TimeZone = 'Asia/Shanghai'")
        return connection.execute(sql).fetchall()


def _rounded(number: Decimal) -> Decimal:
    return number.quantize(Decimal("0.01"), ROUND_HALF_UP)


def test_every_way_leads_to_a_place_that_is_there(pages: dict[Path, Page]) -> None:
    led = 0
    for path, page in pages.items():
        assert len(page.names) == len(set(page.names)), (path.name, [name for name in page.names if page.names.count(name) > 1])
        for address in page.addresses:
            file, place = urldefrag(address)
            if address.startswith("data:"):
                continue
            target = (path.parent / unquote(file)).resolve() if file else path
            assert target.is_file(), (path.name, address)
            if place:
                led += 1
                assert unquote(place) in pages[target].names, (path.name, address)
    assert led > 1000


def test_three_ways_from_a_rate_to_the_delivered_file(site: Path, pages: dict[Path, Page]) -> None:
    overview = pages[site / "index.html"]
    (county,) = {address for address in overview.addresses if address.endswith("#timeliness-421222")}
    rates = site / county.partition("#")[0]
    (duty,) = {address for address in pages[rates].addresses if address == "rules/T-10.html#421222"}
    rule = pages[site / "rules" / "T-10.html"]
    assert "421222" in rule.names and "clause" in rule.names
    row = next(row for row in rule.rows if row and row[-1].startswith("O"))
    assert re.search(r"第 \d+ 行", row[7])
    (delivery,) = {address for address in rule.addresses if address == "../ledger.html#delivery-1"}
    assert duty and delivery and "delivery-1" in pages[site / "ledger.html"].names


def test_the_page_of_a_duty_lists_the_worst_misses_of_every_county(warehouse: Path, site: Path, pages: dict[Path, Page]) -> None:
    expected = defaultdict(list)
    misses = _rows(
        warehouse,
        """SELECT obligation_id, region_code, days_late FROM marts.obligations WHERE rule_id = 'T-10' AND verdict = 'missed'
        ORDER BY days_late DESC NULLS LAST, due_at, obligation_id""",
    )
    for obligation, region, days in misses:
        expected[region].append((obligation, "—" if days is None else str(days)))
    assert max(len(rows) for rows in expected.values()) > 10
    shown = [(row[9], row[5]) for row in pages[site / "rules" / "T-10.html"].rows if len(row) == 10 and row[9].startswith("O")]
    assert shown == [one for region in sorted(expected) for one in expected[region][:10]]


def test_every_number_is_defined_and_every_definition_can_be_asked(warehouse: Path, pages: dict[Path, Page]) -> None:
    snapshot = read_snapshot(warehouse)
    for language in LANGUAGES:
        view = view_of(snapshot, MANIFEST, SiteAddresses(language))
        for page in [
            *(sheet_page(sheet, view) for sheet in SHEETS if sheet.name not in {"definitions", "dictionary"}),
            *(page for _, page in rule_sheets(view)),
        ]:
            parts = [card.id for card in page.cards] + [part.id for section in page.sections for part in (*section.charts, *section.listings)]
            assert [part for part in parts if part != "nothing" and not definition_of(part)] == [], page.name
    models = model_descriptions()
    chinese = re.compile("[\u4e00-\u9fff]")
    for one in definitions():
        _rows(warehouse, one.query)
        for mart in one.marts:
            # What no model builds is the loader's and the audit's.
            assert mart in models or mart.startswith(("meta.", "quality.")), (one.key, mart)
            if mart in models:
                assert chinese.search(models[mart]["zh"]) and len(models[mart]["en"]) > 20, (mart, "needs both descriptions")
        assert all(chinese.search(text["zh"]) for text in (one.title, one.meaning)), one.key
    chinese_page = next(page for path, page in pages.items() if path.name == "definitions.html")
    told = "".join(chinese_page.names)
    # Names of tables, formulas in signs and the queries stand for themselves; every sentence on the Chinese page is Chinese.
    query = section("definition")["query"]
    sentences = [line for row in chinese_page.rows if row and row[0] != query for line in row[1].split("\n") if " " in line]
    assert len(sentences) > 40 and [line for line in sentences if not chinese.search(line)] == []
    assert all(one.key in told for one in definitions())


def test_plotly_accepts_every_figure(pages: dict[Path, Page]) -> None:
    figures = [figure for page in pages.values() for figure in page.figures]
    assert len(figures) > 80
    # The figures are made without this check, which takes most of their time.
    for text in {json.dumps(figure, sort_keys=True) for figure in figures}:
        go.Figure(json.loads(text))


def test_the_five_numbers_of_the_last_whole_month(warehouse: Path) -> None:
    snapshot = read_snapshot(warehouse)
    cards = {card.id: card for card in sheet_page(SHEETS[0], view_of(snapshot, MANIFEST, SiteAddresses("zh"))).cards}
    rows = _rows(warehouse, "SELECT measure, strftime(due_on, '%Y-%m'), verdict FROM marts.obligations")

    def rate(measure: str, month: str) -> tuple[int, int]:
        verdicts = [verdict for kind, due, verdict in rows if kind == measure and due == month]
        return verdicts.count("met"), verdicts.count("met") + verdicts.count("missed")

    for measure in ("disclosure", "timeliness"):
        now, before, year_before = (rate(measure, month) for month in ("2017-12", "2017-11", "2016-12"))
        card = cards[f"{measure}-rate"]
        assert card.value.rstrip("†") == f"{now[0] * 10000 // now[1] / 100:.2f}%" and card.value.endswith("†") == (now[1] < 50)
        for word, then, detail in (("同比", year_before, card.details[0]), ("环比", before, card.details[1])):
            points = _rounded(Decimal(100 * now[0]) / now[1] - Decimal(100 * then[0]) / then[1]) if then[1] else None
            assert detail == (f"{word} 暂缺" if points is None else f"{word} {points + 0:+} 个百分点")
    trade = _rows(warehouse, "SELECT strftime(concluded_at, '%Y-%m'), award_yuan FROM marts.transactions WHERE concluded_at IS NOT NULL")
    counts = {month: sum(1 for found, _ in trade if found == month) for month in ("2017-12", "2017-11", "2016-12")}
    assert cards["concluded"].value == str(counts["2017-12"])
    assert cards["concluded"].details[0] == f"同比 {_rounded(Decimal(100 * (counts['2017-12'] - counts['2016-12'])) / counts['2016-12']):+}%"
    amount = sum(yuan for month, yuan in trade if month == "2017-12" and yuan is not None)
    assert cards["award-amount"].value == f"{_rounded(amount / 10**8)} 亿元"
    pushed = _rows(
        warehouse, "SELECT sum(on_time), sum(judged) FROM marts.push_quality WHERE period_kind = 'month' AND period_start = DATE '2017-12-01'"
    )[0]
    assert cards["push-rate"].value == f"{pushed[0] * 10000 // pushed[1] / 100:.2f}%"
    assert cards["push-rate"].details[0] == "同比 暂缺", "2016 is not in the snapshot"


def test_what_needs_action_is_counted_from_the_obligations(warehouse: Path, site: Path, pages: dict[Path, Page]) -> None:
    rows = _rows(warehouse, "SELECT verdict, missed_reason, due_on, measure, region_code FROM marts.obligations")
    overdue = sum(1 for verdict, reason, *_ in rows if (verdict, reason) == ("missed", "absent"))
    soon = sum(1 for verdict, _, due, *_ in rows if verdict == "pending" and (due - AS_OF).days <= 14)
    counted: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for verdict, _, due, measure, region in rows:
        if measure == "timeliness" and due.year == 2017 and verdict in {"met", "missed", "undecidable"}:
            counted[region][("met", "missed", "undecidable").index(verdict)] += 1
    below = sum(1 for met, missed, undecidable in counted.values() if 100 * (met + undecidable) < 98 * (met + missed + undecidable))
    assert overdue and soon and below
    actions = [row for row in pages[site / "index.html"].rows if row and row[0] in {"▲ 待办", "✓ 无"}]
    assert [(row[0], row[2]) for row in actions] == [("▲ 待办", f"{overdue:,}"), ("▲ 待办", f"{below:,}"), ("▲ 待办", f"{soon:,}")]


KINDS = {"construction": "工程建设", "procurement": "政府采购", "land": "土地使用权", "property": "国有产权"}


def _tables(page: Page, columns: int, first: set[str]) -> list[list[str]]:
    """The rows of so many cells that begin with one of these words, each once: a table stands behind its chart and in its list."""
    return list({tuple(row): row for row in page.rows if len(row) == columns and row[0] in first}.values())


def test_transactions_by_kind_and_county_with_both_savings_rates(warehouse: Path, site: Path, pages: dict[Path, Page]) -> None:
    rows = _rows(
        warehouse,
        "SELECT transaction_type, coalesce(name, region_code), estimate_yuan, award_yuan, savings_yuan, added_yuan, not_comparable_reason FROM marts.transactions "
        "LEFT JOIN marts.regions USING (region_code) WHERE concluded_at IS NOT NULL",
    )
    page = pages[site / "transactions.html"]
    regions = {region for _, region, *_ in rows}
    shown = {row[0]: row for row in _tables(page, 12, {*KINDS.values(), *regions})}
    assert shown.keys() == {*KINDS.values(), *regions}

    def line(own: list[tuple]) -> list[str]:
        amounts = [award for _, _, _, award, *_ in own if award is not None]
        saved = [(saving, estimate, award) for _, _, estimate, award, saving, *_ in own if saving is not None]
        added = [(gain, estimate) for _, _, estimate, _, _, gain, _ in own if gain is not None]
        not_comparable = sum(reason is not None for *_, reason in own)
        told = ["—"] * 5
        if saved:
            total, *bases = (sum(parts) for parts in zip(*saved, strict=True))
            told[:3] = [f"{_rounded(total / 10**4):,}", *(f"{_rounded(100 * total / base)}%" for base in bases)]
        if added:
            total, base = (sum(parts) for parts in zip(*added, strict=True))
            told[3:] = [f"{_rounded(total / 10**4):,}", f"{_rounded(100 * total / base)}%"]
        whole = sum(award for _, _, _, award, *_ in rows if award is not None)
        amount = sum(amounts)
        return [
            f"{len(own):,}",
            f"{len(amounts):,}",
            f"{_rounded(amount / 10**4):,}",
            f"{_rounded(100 * amount / whole)}%",
            *told,
            f"{not_comparable}" if added or not_comparable else "—",
            f"{len(saved) + len(added):,}",
        ]

    for kind, name in KINDS.items():
        assert shown[name][1:] == line([row for row in rows if row[0] == kind]), name
    for region in regions:
        assert shown[region][1:] == line([row for row in rows if row[1] == region]), region
    assert next(row for row in page.rows if len(row) == 12 and row[0] == "合计")[1:] == line(rows)
    assert any(row[-1] for row in rows) and "起始价不可比" in (site / "transactions.html").read_text(encoding="utf-8")


def test_failed_tenders_and_bidders_by_kind_county_and_month(warehouse: Path, site: Path, pages: dict[Path, Page]) -> None:
    named = "SELECT transaction_type, coalesce(name, region_code), strftime({at}, '%Y-%m'), {told} FROM {mart} LEFT JOIN marts.regions USING (region_code)"
    begun = _rows(
        warehouse, named.format(at="tender_notice_at", told="concluded_at IS NULL", mart="marts.transactions") + " WHERE tender_notice_at IS NOT NULL"
    )
    reports = _rows(warehouse, named.format(at="approved_at", told="exception_type", mart="marts.tender_exceptions"))
    bids = _rows(warehouse, named.format(at="bids_opened_at", told="bidders", mart="marts.transactions") + " WHERE bidders IS NOT NULL")
    page = pages[site / "transactions.html"]

    def line(place: int, value: str | None, is_reported: bool = True) -> list[str]:
        own, failed, told = ([row for row in found if value in (None, row[place])] for found in (begun, reports, bids))
        ended = [f"{sum(row[3] == 1 for row in failed)}", f"{sum(row[3] != 1 for row in failed)}"] if is_reported else ["暂缺", "暂缺"]
        bidders = sum(row[3] for row in told)
        average = [f"{len(told)}", f"{bidders:,}", f"{_rounded(Decimal(bidders) / len(told))}"] if told else ["暂缺"] * 3
        return [f"{len(own):,}", f"{sum(row[3] for row in own)}", *ended, *average]

    shown = {row[0]: row[1:] for row in page.rows if len(row) == 8}
    assert shown == {
        **{name: line(0, kind, kind == "construction") for kind, name in KINDS.items()},
        **{region: line(1, region) for region in {row[1] for row in begun}},
        "合计": line(0, None),
    }
    assert {row[3] for row in reports} == {1, 2, 3, 9, None} and bids
    months = {
        row[0]: row[1:]
        for row in page.rows
        if len(row) == 4 and re.match(r"\d{4}-\d\d", row[0]) and row[3] != "暂缺" and "%" not in row[3] and row[3] != "—"
    }
    assert months == {month: line(2, month)[4:] for month in sorted({row[2] for row in bids})[-24:]}


def test_months_of_transactions_with_their_changes(warehouse: Path, site: Path, pages: dict[Path, Page]) -> None:
    found = defaultdict(int)
    for (month,) in _rows(warehouse, "SELECT strftime(concluded_at, '%Y-%m') FROM marts.transactions WHERE concluded_at IS NOT NULL"):
        found[month] += 1
    # The first of the tables by month is that of the concluded.
    rows: dict[str, list[str]] = {}
    for row in pages[site / "transactions.html"].rows:
        if len(row) == 4 and re.match(r"\d{4}-\d\d", row[0]):
            rows.setdefault(row[0], row[1:])
    assert rows["2016-02"][1] == "暂缺" if "2016-02" in rows else True
    change = _rounded(Decimal(100 * (found["2017-12"] - found["2017-11"])) / found["2017-11"])
    assert rows["2017-12"][0] == str(found["2017-12"]) and rows["2017-12"][2] == f"{change:+}%"
    assert "2018-01*" in rows, "the month of the cut-off is not over"
    assert rows["2018-01*"][0] == str(found["2018-01"])


def test_push_by_county_with_what_cannot_be_shown(warehouse: Path, site: Path, pages: dict[Path, Page]) -> None:
    rows = _rows(warehouse, "SELECT region_code, sum(on_time), sum(judged) FROM marts.push_quality WHERE period_kind = 'month' GROUP BY region_code")
    texts = {row[0]: row for row in pages[site / "push.html"].rows if len(row) == 13}
    names = dict(_rows(warehouse, "SELECT region_code, name FROM marts.regions"))
    for code, on_time, judged in rows:
        row = texts[names[code]]
        assert row[4] == f"{judged:,}"
        assert row[10] in {f"{on_time * 10000 // judged / 100:.2f}%"} or row[5] != f"{on_time:,}"
    unshown = _rows(
        warehouse,
        "SELECT count(*) FROM marts.push_quality WHERE period_kind = 'year' AND period_start = DATE '2017-01-01' AND meets_timeliness IS NULL",
    )[0][0]
    cells = [cell for row in pages[site / "push.html"].rows for cell in row if "？" in cell and "(" in cell]
    assert (unshown == 0) == (not [cell for cell in cells if cell])
    places = [row for row in pages[site / "push.html"].rows if len(row) == 6 and row[0].isdigit()]
    assert [int(row[0]) for row in places] == sorted(int(row[0]) for row in places) and len(places) == len(names)
    assert all(re.fullmatch(r"— 持平|↑ 升 \d 位|↓ 降 \d 位", row[5]) for row in places)
    rates = [(Decimal(row[2].rstrip("%†")), Decimal(row[3].rstrip("%†"))) for row in places]
    assert rates == sorted(rates, reverse=True)


@pytest.mark.parametrize(
    ("page", "beside", "above"),
    [
        ("push.html", {"招标项目", "合同", "标段(包)"}, {"招标项目", "合同", "标段(包)"}),
        ("push.en.html", {"tender projects", "contracts", "sections"}, {"tender<br>projects", "contracts", "sections"}),
    ],
)
def test_data_sets_on_an_axis_are_named_in_words_that_fold_between_words(site: Path, page: str, beside: set[str], above: set[str]) -> None:
    text = (site / page).read_text(encoding="utf-8")

    def layout(chart: str) -> dict:
        return json.loads(text.split(f'id="{chart}-data">')[1].split("</script>")[0])["layout"]

    assert set(layout("push-timeliness-by-dataset")["yaxis"]["ticktext"]) == beside
    assert set(layout("push-timeliness-heat-map")["xaxis"]["ticktext"]) == above


def test_the_screen_says_what_the_overview_says(warehouse: Path) -> None:
    view = view_of(read_snapshot(warehouse), MANIFEST, SiteAddresses("zh"))
    shown, overview = screen(view), sheet_page(SHEETS[0], view)
    assert [(one.title, one.value) for one in shown.slides[0].indicators] == [(card.title, card.value) for card in overview.cards]
    assert [one.count for one in shown.slides[1].actions] == [row[2] for row in overview.sections[0].listings[0].table.rows]  # type: ignore[union-attr]
    assert shown.as_of == "2018-01-25" and len(shown.slides) == 5


@of_any_size
@pytest.mark.thorough
def test_every_page_is_made_of_any_size(tmp_path: Path, content: Content) -> None:
    warehouse = build_snapshot(tmp_path, content)
    if content.obligations:
        add_transactions(warehouse, 3000, content.regions)
        add_push(warehouse, content.regions)
    site = build_site(warehouse, tmp_path / "site", manifest=MANIFEST).parent
    assert {page_name(sheet.name, language) for sheet in SHEETS for language in LANGUAGES} <= {path.name for path in site.glob("*.html")}
    assert sum(path.stat().st_size for path in site.rglob("*.html")) < 15_000_000
    assert (site / "index.html").stat().st_size < 60_000, "the overview stays one sheet"
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}
    for path, page in pages.items():
        for address in page.addresses:
            file, place = urldefrag(address)
            target = (path.parent / unquote(file)).resolve() if file else path
            assert address.startswith("data:") or (target.is_file() and (not place or unquote(place) in pages[target].names)), (path.name, address)


def test_the_overview_of_a_small_city_reads_as_it_was_reviewed(tmp_path: Path) -> None:
    """Golden: UPDATE_GOLDEN=1 writes it anew; review the difference."""
    warehouse = build_snapshot(tmp_path, Content(obligations=600, regions={"421202": "咸安区", "421221": "嘉鱼县"}))
    add_transactions(warehouse, 300, {"421202": "", "421221": ""})
    add_push(warehouse, {"421202": "", "421221": ""})
    text = build_site(warehouse, tmp_path / "site", manifest=MANIFEST).read_text(encoding="utf-8")
    main = re.sub(r'<script type="application/json".*?</script>', "", text.split("<main")[1], flags=re.DOTALL)
    cells = re.sub(r"<td[^>]*>|</th><th[^>]*>", " | ", re.sub(r"<tr[^>]*><td[^>]*>", "", main))
    lines = [html.unescape(re.sub(r"\s+", " ", line).strip()) for line in cells.splitlines()]
    told = "\n".join(filter(None, (re.sub(r"<[^>]+>", "", line).strip() for line in lines))) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(told, encoding="utf-8")
    assert told == GOLDEN.read_text(encoding="utf-8")
