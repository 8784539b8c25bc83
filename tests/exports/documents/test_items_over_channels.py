"""Items over channels that one line of a form names together: each once (不同渠道和方式公开相同信息计1条)."""

import duckdb
import pytest

from exports.documents.figures import figures

SITES = "政府网站、门户网站、公开网站"
ITEMS = {1: ["门户网站", "公开网站"], 2: ["门户网站", "纸媒"], 3: ["政府公报"], 4: []}
"""By source row; all are out in 2016 but the fifth, which is not to be."""


@pytest.mark.parametrize(
    ("figure", "channels", "rows"),
    [("items_over_channel", SITES, [1, 2]), ("items_over_channel", "政府公报", [3]), ("items_over_channel", "网站", []), ("items_over_other_channels", f"{SITES}、政府公报", [2, 4])],
)  # fmt: skip
def test_an_item_counts_once_in_a_line(figure: str, channels: str, rows: list[int]) -> None:
    asked = {"source": "a", "year": 2016, "channels": channels}
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA marts")
        connection.execute(
            "CREATE TABLE marts.disclosure_register (source_id VARCHAR, is_published BOOLEAN, openness_class VARCHAR, published_at TIMESTAMPTZ, channels VARCHAR[], source_row BIGINT)"
        )
        lines = [("a", True, "proactive", "2016-05-01", named, row) for row, named in ITEMS.items()]
        connection.executemany(
            "INSERT INTO marts.disclosure_register VALUES (?, ?, ?, ?, ?, ?)", [*lines, ("a", True, "withheld", "2016-05-01", ["门户网站"], 5)]
        )
        assert connection.execute(figures()[figure].value, asked).fetchall() == [(len(rows),)]
        assert sorted(connection.execute(figures()[figure].rows, asked).fetchall()) == [(row,) for row in rows]
