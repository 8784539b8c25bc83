"""The register of disclosures of an office that publishes transactions: every notice over its channels, and the office's own documents with what was decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from sources.simulated.city import City
from sources.simulated.parties import invent_parties
from sources.simulated.records import t14
from sources.simulated.registers.moments import days_of_the_year
from sources.simulated.registers.property_transactions import PropertyTransactions
from sources.simulated.sections import invent_sections
from sources.simulated.working_week import DAY, backward, clock, day_number, working_days_later

#: Notices by what they are called here: the kind of transaction, the instant at which one appears, the word of the register, the end of its title.
_NOTICES = {
    "tender_notice": ("construction", "notice_at", "招标公告"),
    "candidate_publicity": ("construction", "publicity_at", "中标候选人公示"),
    "award_notice": ("construction", "award_at", "中标结果公告"),
    "procurement_notice": ("procurement", "notice_at", "采购公告"),
    "procurement_result": ("procurement", "result_at", "中标成交结果公告"),
    "land_notice": ("land", "notice_at", "出让公告"),
    "land_result": ("land", "result_at", "成交公示"),
    "property_notice": ("property", "listed", "产权转让公告"),
    "property_result": ("property", "published", "产权交易结果公告"),
}
_OFFICES = {"construction": "工程建设科", "procurement": "政府采购科", "land": "土地交易科", "property": "产权交易科"}
_REVIEWER = "审查人甲"
_NO_PROPERTY = PropertyTransactions(0, 0)


@dataclass(frozen=True)
class Documents:
    """``count`` documents of one category about which one thing was decided; those that are 主动公开 are published."""

    category: str
    openness: str
    count: int
    office: str = "办公室"
    channel: str = "门户网站"


@dataclass(frozen=True)
class RegisterOfDisclosures:
    """Everything is reviewed before it is published. ``channels``: those of a notice; ``words``: what a notice is called, where not as usual."""

    channels: tuple[str, ...]
    documents: tuple[Documents, ...]
    property: PropertyTransactions = _NO_PROPERTY
    words: Mapping[str, str] = field(default_factory=dict)

    def records(self, city: City, random: np.random.Generator) -> dict[str, pl.DataFrame]:
        """DISCLOSURE_REGISTER, in the order in which the items were formed."""
        items = [self._notices(city), *(_documents(city, documents, random) for documents in self.documents)]
        rows = pl.concat(items).sort("formed_at", "title")
        return {
            "DISCLOSURE_REGISTER": rows.select(
                pl.format(f"DJ{city.year}-{{}}", pl.int_range(1, pl.len() + 1).cast(pl.String).str.zfill(5)).alias("ITEM_CODE"),
                REGION_CODE="region_code",
                OFFICE="office",
                TITLE="title",
                CATEGORY="category",
                CHANNEL="channel",
                OPENNESS="openness",
                FORMED_TIME=t14(pl.col("formed_at")),
                REVIEWED_TIME=t14(pl.col("reviewed_at")),
                REVIEWER=pl.lit(_REVIEWER),
                PUBLISHED_TIME=t14(pl.col("published_at")),
                URL="url",
                RELATED_CODE="related_code",
            )
        }

    def _notices(self, city: City) -> pl.DataFrame:
        """Formed on the weekday before they appear, and reviewed that afternoon; what appears on the first day of the year was formed that morning."""
        chunk = invent_sections(city, invent_parties(city.regions), 0, city.sections or 0, 0)
        first = day_number(city.covers_from) * DAY + clock(8)
        found = []
        for name, (kind, instant, usual) in _NOTICES.items():
            if kind == "property":
                projects = self.property.projects(city).rename({"code": "section_code"})
                rows = projects.with_columns(at=pl.col(instant) * DAY + clock(10))
            else:
                # A land notice knows only its day.
                rows = getattr(chunk, kind).with_columns(at=pl.max_horizontal(pl.col(instant), pl.col(instant) // DAY * DAY + clock(8)))
            rows = rows.filter(pl.col("at").is_not_null())
            word = self.words.get(name, usual)
            day_before = backward(rows["at"].to_numpy().astype(np.int64) // DAY - 1) * DAY
            formed = np.maximum(day_before + clock(14), first)
            found.append(
                rows.select(
                    "region_code",
                    office=pl.lit(_OFFICES[kind]),
                    title=pl.col("name") + word,
                    category=pl.lit(word),
                    channel=pl.lit("；".join(self.channels)),
                    openness=pl.lit("主动公开"),
                    formed_at=pl.lit(pl.Series(formed)),
                    reviewed_at=pl.min_horizontal(pl.lit(pl.Series(formed)) + 2 * 3600, pl.col("at")),
                    published_at=pl.col("at"),
                    url=pl.format(f"https://ggzy.example.invalid/{name.replace('_', '-')}/{{}}.html", "section_code"),
                    related_code="section_code",
                )
            )
        return pl.concat(found)


def _documents(city: City, documents: Documents, random: np.random.Generator) -> pl.DataFrame:
    """Decided about and reviewed on the weekday after they were formed, published within the four weekdays that follow."""
    count = documents.count
    formed = days_of_the_year(city, count)
    reviewed = working_days_later(formed, np.full(count, 1))
    published = working_days_later(reviewed, random.integers(1, 5, count))
    is_published = documents.openness == "主动公开"
    numbers = pl.Series(np.arange(count) + 1).cast(pl.String)
    return pl.DataFrame(
        {
            "region_code": [city.region_code] * count,
            "office": [documents.office] * count,
            "title": f"{documents.category}（{documents.openness}）{city.year}年第" + numbers + "号",
            "category": [documents.category] * count,
            "channel": [documents.channel if is_published else None] * count,
            "openness": [documents.openness] * count,
            "formed_at": formed * DAY + clock(9),
            "reviewed_at": reviewed * DAY + clock(10),
            "published_at": published * DAY + clock(15),
            "url": pl.Series([None] * count, dtype=pl.String),
            "related_code": pl.Series([None] * count, dtype=pl.String),
        },
        schema_overrides={"channel": pl.String},
    ).with_columns(pl.when(pl.lit(is_published)).then(pl.col("published_at")).alias("published_at"))
