import json
from datetime import date

import plotly.graph_objects as go
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.figures import LARGEST_ANNOTATED, axis_text, heat_map, least_width, month_counts, rate_bars, shortened, stacked_counts, trend_lines
from dashboards.rates import COUNTS, with_rates
from dashboards.rendering import embedded


def _rates(**columns: list[object]) -> pl.DataFrame:
    frame = pl.DataFrame(columns)
    missing = [pl.lit(0).alias(name) for name in COUNTS if name not in frame.columns]
    return with_rates(frame.with_columns(missing).with_columns(due=pl.col("met") + pl.col("missed") + pl.col("undecidable")))


def test_markup_in_names_is_shown_literally() -> None:
    text = pl.select(axis_text(pl.lit('<a href="x">甲&乙</a>\n第二行'))).item()
    assert text == '&lt;a href="x"&gt;甲&amp;乙&lt;/a&gt;<br>第二行'


@pytest.mark.parametrize(("name", "shown"), [("县" * 16, "县" * 16), ("县" * 17, "县" * 15 + "…")])
def test_long_names_are_cut(name: str, shown: str) -> None:
    assert pl.select(shortened(pl.lit(name))).item() == shown


def test_bars_carry_numerator_bounds_and_a_sign_beside_the_colour() -> None:
    rows = _rates(name=["甲", "甲", "丙"], short=["甲", "甲", "丙"], met=[98, 50, 97], missed=[2, 50, 2], undecidable=[0, 0, 1])
    figure = json.loads(rate_bars(rows).to_json())
    reached, below, undetermined, _ = figure["data"]
    numbers = figure["layout"]["yaxis2"]["ticktext"]
    # Regions of one name keep their own places.
    assert (reached["y"], below["y"], undetermined["y"]) == ([0], [1], [2])
    assert len({trace["marker"]["pattern"].get("shape", "") for trace in (reached, below, undetermined)}) == 3
    assert [text.split()[0] for text in numbers] == ["✓", "✗", "？"]
    assert numbers[0].endswith("98.00%  98/100")
    assert undetermined["error_x"]["array"] == [pytest.approx(98 / 100 - 97 / 99)]
    assert undetermined["error_x"]["arrayminus"] == [pytest.approx(97 / 99 - 97 / 100)]
    assert reached["error_x"]["array"] == [None]


def test_a_cell_without_duties_is_a_gap() -> None:
    cells = _rates(region_code=["1", "2"], rule_id=["T-01", "T-02"], met=[9, 0], missed=[1, 0], undecidable=[0, 4])
    regions = pl.DataFrame({"region_code": ["1", "2"], "name": ["甲", "乙"], "short": ["甲", "乙"]})
    rules = pl.DataFrame({"rule_id": ["T-01", "T-02"], "name": ["一", "二"], "short": ["一", "二"]})
    (trace,) = json.loads(heat_map(cells, regions, rules).to_json())["data"]
    assert trace["z"] == [[0.9, None], [None, None]]
    assert trace["text"] == [["90.00%†<br>9/10", ""], ["", ""]]


def test_numbers_are_left_out_of_a_heat_map_that_nobody_could_read() -> None:
    codes = [str(code) for code in range(LARGEST_ANNOTATED + 1)]
    cells = _rates(region_code=codes, rule_id=["T-01"] * len(codes), met=[1] * len(codes), missed=[0] * len(codes), undecidable=[0] * len(codes))
    regions = pl.DataFrame({"region_code": codes, "name": codes, "short": codes})
    (trace,) = json.loads(heat_map(cells, regions, pl.DataFrame({"rule_id": ["T-01"], "name": ["一"], "short": ["一"]})).to_json())["data"]
    assert "text" not in trace and len(trace["z"]) == len(codes)


def test_figures_of_nothing_have_no_traces() -> None:
    nothing = _rates(name=[], short=[], measure=[], period_start=[], met=[], missed=[], undecidable=[])
    nothing = nothing.cast({"name": pl.String, "short": pl.String, "measure": pl.String, "period_start": pl.Date})
    assert len(rate_bars(nothing).data) == len(trend_lines(nothing).data) == 0


def test_parts_of_a_bar_differ_in_more_than_colour_and_nothing_is_written_for_none() -> None:
    rows = pl.DataFrame({"name": ["甲", "甲"], "short": ["甲", "甲"], "a": [3, 1200], "b": [0, 1], "c": [1, 0], "d": [0, 2]})
    figure = json.loads(stacked_counts(rows, {"a": "● 一", "b": "○ 二", "c": "× 三", "d": "？四"}).to_json())
    assert [trace["name"] for trace in figure["data"]] == ["● 一", "○ 二", "× 三", "？四"]
    assert [trace["x"] for trace in figure["data"]] == [[3, 1200], [0, 1], [1, 0], [0, 2]]
    assert [trace["text"] for trace in figure["data"]] == [["3", "1,200"], ["", "1"], ["1", ""], ["", "2"]]
    assert len({trace["marker"]["pattern"]["shape"] for trace in figure["data"]}) == 4
    assert figure["layout"]["barmode"] == "stack" and figure["layout"]["yaxis"]["tickvals"] == [0, 1]


def test_months_are_bars_with_their_number_and_the_year_once() -> None:
    months = pl.DataFrame({"month": [date(2017, 11, 1), date(2017, 12, 1), date(2018, 1, 1)], "count": [1, 2000, 3]})
    figure = json.loads(month_counts(months, "份数").to_json())
    assert figure["data"][0]["text"] == ["1", "2,000", "3"]
    assert figure["data"][0]["customdata"] == ["2017-11", "2017-12", "2018-01"]
    assert figure["layout"]["xaxis"]["ticktext"] == ["11<br>2017", "12", "01<br>2018"]
    assert not month_counts(months.clear(), "份数").data


@given(st.text(max_size=30))
def test_a_figure_in_a_page_says_the_same_and_ends_no_element(text: str) -> None:
    whole = f"{text}</script><br>100/98\\u002f\\\\u003e"
    written = go.Figure(go.Bar(x=[1], text=[whole])).to_json()
    assert json.loads(embedded(written)) == json.loads(written) and json.loads(written)["data"][0]["text"] == [whole]
    assert "<" not in embedded(written) and "100/98" in embedded(written)


def test_a_name_in_two_lines_needs_the_width_of_its_longer_line() -> None:
    one, two = (least_width(pl.Series([name])) for name in ("concluded and disclosed", "E-04 Contract to be\nconcluded and disclosed"))
    assert one == two == 300 + 7 * 23


def test_no_axis_asks_of_every_label_whether_it_overflows() -> None:
    # It took 17 of the 20 seconds in which a page of three hundred counties was drawn (tests/benchmarks/test_site_speed.py).
    layout = json.loads(rate_bars(_rates(name=["甲"], short=["甲"], met=[1], missed=[0], undecidable=[0])).to_json())["layout"]
    assert {layout["template"]["layout"][axis]["ticklabeloverflow"] for axis in ("xaxis", "yaxis")} == {"allow"}
    assert not [name for name in layout if "axis" in name and "ticklabeloverflow" in layout[name]]
