"""A small published home, delivered, loaded and built for real: a few sections told by hand, and a made-up city for the sums."""

import csv
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from exports.answers.asking import asking
from sources.definitions import datasets
from sources.simulated import simulate_sections
from tests.exports.published_home import publish_deliveries
from tests.made_once import made_once

AS_OF = "2018-01-25"

# What each section delivers; 2017-09-30 is a worked Saturday, 10-01 to 10-08 are off.
SECTIONS: dict[str, dict[str, dict[str, str]]] = {
    "IN-TIME": {
        "EVALUATION_REPORT": {"RECEIVED_TIME": "20170929100000", "SUPPLIER_DETERMINED_TIME": "20170929170000"},
        "BID_DEAL_ANNOUNCE": {"WIN_BID_BULLETIN_START_TIME": "20171009230000"},
    },
    "LATE": {
        "EVALUATION_REPORT": {"RECEIVED_TIME": "20170929100000", "SUPPLIER_DETERMINED_TIME": "20170929170000"},
        "BID_DEAL_ANNOUNCE": {"WIN_BID_BULLETIN_START_TIME": "20171010080000"},
    },
    "BEFORE-ITS-TRIGGER": {
        "EVALUATION_REPORT": {"RECEIVED_TIME": "20170929100000", "SUPPLIER_DETERMINED_TIME": "20170929170000"},
        "BID_DEAL_ANNOUNCE": {"WIN_BID_BULLETIN_START_TIME": "20170928080000"},
    },
    "ABSENT": {"SECTION": {"BID_SECTION_NAME": "没有合同的标段"}, "EVALUATION_REPORT": {"AWARD_LETTER_TIME": "20170904100000"}},
    "UNPUBLISHED": {
        "EVALUATION_REPORT": {"AWARD_LETTER_TIME": "20031120100000"},
        "CONTRACT_PERFORMANCE": {"CONTRACT_SIGN_TIME": "20031210100000"},
    },
    "AS-SET": {"BID_DEAL_ANNOUNCE": {"WIN_BID_BULLETIN_START_TIME": "20171103170000", "WIN_BID_BULLETIN_END_TIME": "20171106090000"}},
    "LONGER": {"BID_DEAL_ANNOUNCE": {"WIN_BID_BULLETIN_START_TIME": "20171103170000", "WIN_BID_BULLETIN_END_TIME": "20171107090000"}},
    "EXTENDED": {
        "INFORMATION_REQUEST": {"RECEIVED_TIME": "20170915100000", "SUSPENDED_DAYS": "2", "EXTENDED_DAYS": "1", "ANSWERED_TIME": "20171017170000"},
    },
    "PENDING": {"SECTION": {"BID_SECTION_NAME": "未到期的标段"}, "EVALUATION_REPORT": {"AWARD_LETTER_TIME": "20180102100000"}},
}


def _deliver(folder: Path) -> None:
    folder.mkdir()
    rows: dict[str, list[dict[str, str]]] = {}
    for code, records in SECTIONS.items():
        for name, record in records.items():
            dataset = datasets()[name]
            rows.setdefault(name, []).append({dataset.column(str(dataset.subject)).national: code, **record})
    for name, told in rows.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, sorted({heading for row in told for heading in row}), restval="")
            writer.writeheader()
            writer.writerows(told)
    (folder / "delivery.toml").write_text(
        'source_id = "told"\nlabel = "told by hand"\nregion_code = "421281"\ncovers_from = 2003-01-01\ncovers_to = 2018-01-24\n', encoding="utf-8"
    )


def _publish(home: Path) -> None:
    told, city = home / "told", home / "city"
    home.mkdir()
    _deliver(told)
    simulate_sections(400, 7, city)
    publish_deliveries(home, (told, city), AS_OF)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built once for all workers, whichever asks first."""
    return made_once(tmp_path_factory, "answers", _publish)


@pytest.fixture
def snapshot(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with asking(home) as connection:
        yield connection
