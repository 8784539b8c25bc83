"""What Chinese sources write, read back exactly or not at all."""

import re
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.definitions import ColumnType
from sources.parsing import amount_yuan, price_form, range_end, range_start, typed

SHANGHAI = timezone(timedelta(hours=8))


def read(expression: str, values: list[str]) -> list[Any]:
    """The expression over a column of values, in one query."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'Asia/Shanghai'")
        rows = connection.execute(
            f"SELECT {expression} FROM (SELECT unnest(?) AS v, unnest(range(?)) AS n) ORDER BY n", [values, len(values)]
        ).fetchall()
    return [row[0] for row in rows]


def typed_values(column_type: ColumnType, values: list[str]) -> list[Any]:
    return read(typed(column_type, "v"), values)


SHAPES = [
    "{m:%Y%m%d%H%M}00",
    "{m.year}年{m.month}月{m.day}日 {m.hour}时{m.minute:02}分",
    "{m:%Y年%m月%d日%H:%M}",
    "{m:%Y-%m-%d %H:%M}:00",
    "{m.year}/{m.month}/{m.day} {m.hour}:{m.minute:02}",
    "{m:%Y.%m.%d %H:%M}",
    "{m:%Y-%m-%dT%H:%M}:00+08:00",
    "\t{m:%Y-%m-%d %H:%M}:00\u00a0",
]
# China kept summer time from 1986 to 1991, when one wall-clock hour a year did not exist.
moments = st.datetimes(datetime(1992, 1, 1), datetime(2100, 12, 31)).map(lambda moment: moment.replace(second=0, microsecond=0))


@settings(max_examples=12, deadline=None)
@given(st.lists(moments, min_size=1, max_size=30))
def test_a_time_reads_back_in_every_shape(values: list[datetime]) -> None:
    for shape in SHAPES:
        found = typed_values("instant", [shape.format(m=moment) for moment in values])
        assert found == [moment.replace(tzinfo=SHANGHAI) for moment in values], shape


@settings(max_examples=12, deadline=None)
@given(st.lists(st.dates(date(1949, 1, 1), date(2100, 12, 31)), min_size=1, max_size=30))
def test_a_date_reads_back_in_every_shape(values: list[date]) -> None:
    for shape in ("{d:%Y%m%d}", "{d:%Y-%m-%d}", "{d.year}年{d.month}月{d.day}日", "{d.year}/{d.month}/{d.day}", "{d.year}.{d.month}.{d.day}"):
        # strftime writes years before 1000 without zeros only; all of these have four digits.
        assert typed_values("date", [shape.format(d=day) for day in values]) == values, shape


def test_what_has_two_readings_or_none_is_not_read() -> None:
    doubtful = [
        "2023/11/219:30:00",
        "2223/7/7 8:",
        "0001-01-01",
        "19481231",
        "21010101",
        "2017-02-30",
        "20170230",
        "收到第一手有效报价当日的16:30",
        "2020年1",
        "",
        "-",
        "None",
    ]
    assert typed_values("instant", doubtful) == [None] * len(doubtful)


def test_day_and_hour_run_together_are_read_where_there_is_one_reading() -> None:
    found = typed_values(
        "instant",
        [
            "2023/8/259:30:00",
            "2023/10/2414:00",
            "2023/10/914:00:00",
            "2023/8/89:30",
            "2023-2-309:30",
            "2023/8/19:30:00",
            "2023/8/1000:00",
            "2023/8/259:24:00",
        ],
    )
    expected = [(8, 25, 9, 30), (10, 24, 14, 0), (10, 9, 14, 0), (8, 8, 9, 30), (2, 3, 9, 30), (8, 1, 9, 30), (8, 10, 0, 0), (8, 25, 9, 24)]
    assert found == [datetime(2023, *moment, tzinfo=SHANGHAI) for moment in expected]
    doubtful = [
        "2023/11/109:30",
        "2023/11/219:30:00",
        "2023/8/100:00",
        "2023/8/124:00",
        "2023/8/19:15:00",
        "2023/13/259:30",
        "2123/8/259:30",
        "2023/8/3219:30",
    ]
    assert typed_values("instant", doubtful) == [None] * len(doubtful)


@settings(max_examples=12, deadline=None)
@given(st.lists(moments, min_size=1, max_size=30))
def test_day_and_hour_run_together_are_never_misread(values: list[datetime]) -> None:
    for shape in ("{m.year}/{m.month}/{m.day}{m.hour}:{m:%M}:00", "{m:%Y/%m/%d%H:%M}"):
        found = typed_values("instant", [shape.format(m=moment) for moment in values])
        assert all(read is None or read == moment.replace(tzinfo=SHANGHAI) for read, moment in zip(found, values, strict=True)), shape


def test_hours_of_the_afternoon_and_midnight() -> None:
    found = typed_values(
        "instant", ["2020年1月8日下午2:30", "2020年1月8日下午14：50", "2020年5月8日15时", "2017-12-31 24:00", "２０１７年１２月３１日"]
    )
    expected = [datetime(2020, 1, 8, 14, 30), datetime(2020, 1, 8, 14, 50), datetime(2020, 5, 8, 15), datetime(2018, 1, 1), datetime(2017, 12, 31)]
    assert found == [moment.replace(tzinfo=SHANGHAI) for moment in expected]


def test_times_of_other_zones_are_instants() -> None:
    found = typed_values("instant", ["2015-02-09T14:22:32-05:00", "2014-12-17T16:44:56Z", "2016-06-15T16:13:57.065113+03:00"])
    assert [moment.astimezone(SHANGHAI).isoformat() for moment in found] == [
        "2015-02-10T03:22:32+08:00",
        "2014-12-18T00:44:56+08:00",
        "2016-06-15T21:13:57.065113+08:00",
    ]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.decimals(0, 10**12, places=2), min_size=1, max_size=20))
def test_an_amount_reads_back_in_every_unit(values: list[Decimal]) -> None:
    assert typed_values("decimal", [f"{value:f}" for value in values]) == values
    assert typed_values("decimal", [f"{value:,f}" for value in values]) == values
    assert read(amount_yuan("v"), [f"{value:f}元" for value in values]) == values
    assert read(amount_yuan("v"), [f"{value / 10000:f}万元（含税）" for value in values]) == values


def test_rates_and_sentences_are_no_amounts() -> None:
    written = ["1600万元", "下浮率20.50%", "58.90", "按规定收费标准的50%计取", "详见公告", "2 280万元", ""]
    assert read(amount_yuan("v", least=200), written) == [Decimal(16000000), None, None, None, None, Decimal(22800000), None]
    assert read(price_form("v", least=200), written) == ["1", "2", "9", "2", "9", "1", None]
    assert typed_values("decimal", ["1e5", "12.", "NaN", "1_000"]) == [None] * 4
    assert typed_values("integer", ["12", "12.5", "1e3"]) == [12, None, None]


@pytest.mark.parametrize("code", ["2.01531E+16", "1.32E+16", "1.32011e+16", " 2.01531E+16", "2E16"])
def test_a_ruined_code_is_no_code(code: str) -> None:
    assert typed_values("code", [code]) == [None]


def test_codes_have_one_spelling() -> None:
    assert typed_values("code", [" e3100 ", "ＸＳＡ０７（2）", "13201120230818000", "A02-123100007847653857-20161012-000015-Q"]) == [
        "E3100",
        "XSA07(2)",
        "13201120230818000",
        "A02-123100007847653857-20161012-000015-Q",
    ]


def test_ranges_fall_into_their_two_times() -> None:
    written = ["2025年06月13日 18时00分至2025年06月16日 18时00分", "2020年4月3日起至2020年4月27日止", "2019年12月30日至2020年1月8日下午14:50", "长期"]
    assert read(range_start("v"), written) == ["2025年06月13日 18时00分", "2020年4月3日", "2019年12月30日", "长期"]
    assert read(range_end("v"), written) == ["2025年06月16日 18时00分", "2020年4月27日", "2020年1月8日下午14:50", "长期"]


_SPACES = " \t\n\r\u00a0\u3000"
_FORMULA_ERRORS = re.compile(r"#([A-Z0-9/]+[!?]|N/A|GETTING_DATA)")
_SCIENTIFIC = re.compile(r"\s*[0-9](\.[0-9]+)?[Ee]\+?[0-9]+\s*")
#: What decides between the quick way and the careful one stands at the ends of a value, or looks like the beginning of a number.
_ODD = st.text(st.sampled_from([*_SPACES, *'#!"$EeAz09.+-N/()_', "é", "“", "、", "〇", "市", "Ａ", "\x7f", "\x80"]), max_size=8)
_WHOLE = st.sampled_from(["#N/A", "#REF!", "#NAME?", "#1 楼", "2.01531E+16", "1E16", "1e5", "E1", "#", "2E", "A-01(2)"])


def _as_text(value: str) -> str | None:
    if _FORMULA_ERRORS.fullmatch(value):
        return None
    return value.strip(_SPACES) or None


def _as_code(value: str) -> str | None:
    if _FORMULA_ERRORS.fullmatch(value) or _SCIENTIFIC.fullmatch(value):
        return None
    ordinary = "".join(chr(ord(sign) - 0xFEE0) if 0xFF01 <= ord(sign) < 0xFF5F else sign for sign in value)
    return ordinary.strip(_SPACES).upper() or None


@settings(max_examples=40, deadline=None)
@given(st.lists(_ODD | _WHOLE, min_size=1, max_size=40))
def test_texts_and_codes_are_tidied_and_never_otherwise_changed(values: list[str]) -> None:
    assert typed_values("text", values) == [_as_text(value) for value in values]
    assert typed_values("code", values) == [_as_code(value) for value in values]
