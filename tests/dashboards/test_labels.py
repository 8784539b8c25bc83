import csv
import string
import tomllib
from pathlib import Path

import pytest

from dashboards import labels
from dashboards.labels import LANGUAGES, UnknownLabelError, label, section

CATALOGUE = tomllib.loads((Path(labels.__file__).with_name("labels.toml")).read_text(encoding="utf-8"))


@pytest.mark.parametrize("key", [f"{part}.{name}" for part, names in CATALOGUE.items() for name in names])
def test_every_label_has_both_languages_with_the_same_places(key: str) -> None:
    part, name = key.split(".")
    texts = CATALOGUE[part][name]
    assert set(texts) == set(LANGUAGES)
    places = [{field for _, field, _, _ in string.Formatter().parse(text) if field} for text in texts.values()]
    assert all(text.strip() for text in texts.values())
    # A note may leave out in one language what the other needs; it may never name a place that the other does not.
    assert places[1] <= places[0]


def test_codes_of_the_marts_have_labels() -> None:
    assert set(section("verdict")) == {"met", "missed", "pending", "undecidable", "exempt"}
    assert set(section("missed_reason")) == {"late", "absent", "too_short"}
    assert set(section("effect")) == {"in_effect", "expired", "revoked", "undecidable"}
    assert set(section("blacklist_state")) == {"in_force", "revoked", "revoked_without_record", "undecidable"}
    assert set(section("status")) == set(section("status_meaning")) == {"A", "B", "R"}


def test_every_holiday_of_the_notices_has_an_english_name() -> None:
    with (Path(__file__).resolve().parents[2] / "dbt" / "seeds" / "calendar_exceptions.csv").open(encoding="utf-8") as stream:
        names = {row["name"] for row in csv.DictReader(stream) if row["is_working_day"] == "false"}
    english = section("holiday", "en")
    assert names == set(english) and all(name.isascii() for name in english.values())


def test_an_unknown_label_names_itself_and_the_file() -> None:
    with pytest.raises(UnknownLabelError, match=r"labels.toml has no label 'page.nonsense'"):
        label("page.nonsense")


def test_values_are_filled_in() -> None:
    assert label("card.of", met="1", judged="2") == "1 / 2 件"
    assert label("card.of", "en", met="1", judged="2") == "1 of 2"
