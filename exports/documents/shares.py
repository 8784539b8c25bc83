"""The shares of the categories of disclosed items, allotted by the largest remainder in the marts: they add up to 100.0 without any being bent."""

from dataclasses import dataclass
from decimal import Decimal

from dashboards.labels import label
from dashboards.queries import shown
from exports.documents.occasion import Occasion, Source


@dataclass(frozen=True)
class Share:
    category: str
    items: int
    allotted_percent: Decimal
    rounded_percent: Decimal


@dataclass(frozen=True)
class Shares:
    """The categories, the largest first, and their total; no rows where nothing was disclosed or the register was not delivered."""

    rows: tuple[Share, ...]
    total: Share
    note: str


def read_shares(occasion: Occasion, source: Source) -> Shares:
    """The shares of the source's year."""
    found = occasion.connection.execute(
        f"""
        SELECT {shown("category")}, items, allotted_percent, rounded_percent FROM marts.disclosed_items_by_category
        WHERE source_id = $source AND year = $year ORDER BY items DESC, category
        """,
        {"source": source.source_id, "year": occasion.period.start.year},
    ).fetchall()
    rows = tuple(Share(*row) for row in found)
    nothing = Decimal("0.0")
    allotted, rounded = sum((row.allotted_percent for row in rows), nothing), sum((row.rounded_percent for row in rows), nothing)
    total = Share(label("column.total"), sum(row.items for row in rows), allotted, rounded)
    note = label("information.categories_note", total=f"{total.items:,}", rounded_sum=rounded, allotted_sum=allotted)
    return Shares(rows, total, note)
