"""Mappings: what they select, and how a wrong one is refused."""

import json
from pathlib import Path

import duckdb
import pytest

from sources.definitions import datasets
from sources.feeds import MappingError, canonical_target, feed_for_file, feeds, read_mapping

SOURCE = 'source_id = "s"\nlabel = "某市"\n'
TARGET = SOURCE + '[[feed]]\nfiles = ["a*.json"]\n[[feed.target]]\ndataset = "TENDER_CANDIDATE"\n'


def mapping(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "city.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("source_id = ", "not valid TOML"),
        ('label = "x"\n', "source_id is missing"),
        (SOURCE + "colour = 1\n", "unknown key colour"),
        (SOURCE + '[[feed]]\nfiles = ["a"]\n', "at least one"),
        (SOURCE + '[[feed]]\nfiles = ["a"]\n[[feed.target]]\ndataset = "NOTHING"\n', "dataset = 'NOTHING' is unknown"),
        (SOURCE + "[[feed]]\nfiles = ['a']\nsign = '('\n[[feed.target]]\ndataset = 'SECTION'\ncolumns = {}\n", "sign = '(' is no regular expression"),
        (TARGET + '[feed.target.columns]\nwinner = "x"\n', "no column winner"),
        (TARGET + '[feed.target.columns]\nbid_price = { from = "x", parse = "guess" }\n', "parse = 'guess' is unknown"),
        (TARGET + '[feed.target.columns]\nbid_price = { from = "x", lookup = "county" }\n', "[lookups.county]"),
        (TARGET + '[feed.target.columns]\nbid_price = { form = "x" }\n', "unknown key form"),
    ],
)
def test_a_wrong_mapping_is_refused_by_name(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(MappingError) as refused:
        read_mapping(mapping(tmp_path, text))
    assert str(refused.value).startswith("city.toml: ")
    assert complaint in str(refused.value)


def test_a_target_selects_explodes_looks_up_and_falls_back(tmp_path: Path) -> None:
    text = (
        SOURCE
        + '[lookups.rank]\nA = "1"\nB = "2"\n'
        + '[[feed]]\nfiles = ["a*.json"]\n[[feed.target]]\ndataset = "TENDER_CANDIDATE"\nexplode = "list"\nwhere = { from = "kind", matches = "^公示$" }\n'
        + '[feed.target.columns]\nsection_code = "code"\ncandidate_name = { item = "$.name" }\n'
        + 'candidate_rank = { item = "$.class", lookup = "rank" }\nquality = { from = "missing", otherwise = { constant = "合格" } }\n'
        + 'data_key = { concat = ["code", { position = true }] }\n'
    )
    (feed,) = read_mapping(mapping(tmp_path, text))
    items = json.dumps([{"name": "甲", "class": "A"}, {"name": "乙", "class": "B"}])
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE f AS SELECT * FROM (VALUES (2, ?, 'S1', '公示'), (3, ?, 'S2', '公告')) t(row_number, list, code, kind)", [items, items]
        )
        found = connection.execute(feed.targets[0].select_sql("f", ["list", "code", "kind"])).fetchall()
    assert set(found) == {(2, "S1", "甲", "1", "合格", "S1/1"), (2, "S1", "乙", "2", "合格", "S1/2")}
    assert len(found) == 2


def test_a_canonical_file_is_known_by_national_names_and_chinese_labels_in_any_case() -> None:
    dataset = datasets()["TENDER_CANDIDATE_ANNOUNCE"]
    target = canonical_target(dataset, ["bid_section_codes", "公示标题", "公示开始时间", "DATA_KEY", "备注", "公示标题#2"])
    assert {name: spec["from"] for name, spec in target.columns.items()} == {
        "section_codes": "bid_section_codes",
        "notice_title": "公示标题",
        "publicity_started_at": "公示开始时间",
        "data_key": "DATA_KEY",
    }
    assert target.unknown_headings == ("备注", "公示标题#2")


def test_every_mapping_of_the_house_is_sound_and_claims_its_files() -> None:
    assert {feed.source.source_id for feed in feeds()} >= {
        "yichang",
        "hangzhou",
        "tianjin-land",
        "shenzhen-land",
        "paraguay",
        "ukraine",
        "uk-contracts-finder",
        "national-portal",
    }
    claimed = feed_for_file("sub/candidate_publicity_2025.json")
    assert claimed is not None
    assert claimed.source.source_id == "yichang"
    assert feed_for_file("TENDER_CANDIDATE_ANNOUNCE.csv") is None
