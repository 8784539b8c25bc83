"""The province judges as a receiver does: each rule with a record that keeps it and one that breaks it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from exports.push.province.intake import Intake, Opened, Unacceptable, open_package
from exports.push.province.rules import Record
from exports.push.province.store import Store

PLATFORM, OTHER = "A" * 18, "B" * 18
Send = Callable[..., tuple[str, str | None]]


@pytest.fixture
def send(tmp_path: Path) -> Send:
    """Send one record; gives STATUS and CODE of the answer."""
    store = Store(tmp_path / "p.sqlite")
    intake = Intake(store, lambda: "20170502120000", platforms=(PLATFORM, OTHER), exceptions=("big but allowed",))
    sent = iter(range(1000))

    def one(
        dataset: str,
        key: str,
        data_type: str = "1",
        *,
        platform: str = PLATFORM,
        message_id: str = "",
        timestamp: str = "20170502090000",
        **content: str,
    ) -> tuple[str, str | None]:
        message = {
            "MESSAGE_ID": message_id or f"m-{next(sent)}",
            "DATA_TYPE": data_type,
            "DATA_KEY": key,
            "DATA_TIMESTAMP": timestamp,
            "PLATFORM_CODE": platform,
        }
        answer = intake.judge(Opened("p", dataset, [Record(dataset, message, content)], {}))["answers"][0]
        return answer["STATUS"], answer["CODE"]

    return one


ACCEPTED = ("accepted", None)


def test_an_existing_key_is_not_added_and_a_missing_one_not_changed_or_deleted(send: Send) -> None:
    assert send("TENDER_PROJECT", "k", TENDER_PROJECT_CODE="P1") == ACCEPTED
    assert send("TENDER_PROJECT", "k", TENDER_PROJECT_CODE="P1") == ("refused", "key_exists")
    assert send("TENDER_PROJECT", "missing", "2", TENDER_PROJECT_CODE="P2") == ("refused", "key_missing")
    assert send("TENDER_PROJECT", "missing", "3") == ("refused", "key_missing")
    assert send("TENDER_PROJECT", "k", "3") == ACCEPTED
    assert send("TENDER_PROJECT", "k", TENDER_PROJECT_CODE="P1") == ACCEPTED


def test_only_the_sender_may_change(send: Send) -> None:
    assert send("TENDER_PROJECT", "k", TENDER_PROJECT_CODE="P1") == ACCEPTED
    assert send("TENDER_PROJECT", "k", "2", platform=OTHER, TENDER_PROJECT_CODE="P1") == ("refused", "not_the_sender")
    assert send("TENDER_PROJECT", "k", "3", platform=OTHER) == ("refused", "not_the_sender")
    assert send("TENDER_PROJECT", "k2", platform="C" * 18, TENDER_PROJECT_CODE="P2") == ("refused", "wrong_platform")


def test_a_message_that_comes_again_is_answered_as_before_and_does_nothing(send: Send) -> None:
    assert send("TENDER_PROJECT", "k", message_id="same", TENDER_PROJECT_CODE="P1") == ACCEPTED
    assert send("TENDER_PROJECT", "k", message_id="same", TENDER_PROJECT_CODE="P1") == ACCEPTED


def test_parents_codes_and_times_are_asked(send: Send) -> None:
    assert send("SECTION", "s", TENDER_PROJECT_CODE="P1", BID_SECTION_CODE="S1") == ("refused", "parent_missing")
    assert send("TENDER_PROJECT", "k", timestamp="", TENDER_PROJECT_CODE="P1") == ("refused", "no_timestamp")
    assert send("TENDER_PROJECT", "k", TENDER_PROJECT_CODE="P1") == ACCEPTED
    assert send("TENDER_PROJECT", "k2", TENDER_PROJECT_CODE="P1") == ("refused", "code_exists")
    assert send("SECTION", "s", TENDER_PROJECT_CODE="P1", BID_SECTION_CODE="S1") == ACCEPTED
    assert send("SECTION", "s", "2", TENDER_PROJECT_CODE="P1", BID_SECTION_CODE="S2") == ("refused", "code_changed")


def test_conditions_and_the_range_guard(send: Send) -> None:
    agency = {"TENDER_AGENCY_NAME": "甲", "TENDER_AGENCY_CODE_TYPE": "1", "TENDER_AGENCY_CODE": "乙"}
    assert send("TENDER_PROJECT", "a", TENDER_PROJECT_CODE="P1", TENDER_ORGANIZE_FORM="2") == ("refused", "condition")
    assert send("TENDER_PROJECT", "a", TENDER_PROJECT_CODE="P1", TENDER_ORGANIZE_FORM="2", **agency) == ACCEPTED
    postponed = {"TENDER_PROJECT_CODE": "P1", "IS_POSTPONE": "1", "POST_OPEN_TIME": "20170502090000"}
    assert send("TENDER_FILE_CLARI_MODI", "c", **postponed) == ("refused", "condition")
    assert send("TENDER_FILE_CLARI_MODI", "c", **postponed, POST_OPEN_ADDRESS="一楼") == ACCEPTED
    most = {"TENDER_PROJECT_CODE": "P1", "CONTRACT_RECKON_PRICE": "300000", "PRICE_UNIT": "1"}
    assert send("SECTION", "most", BID_SECTION_CODE="S1", **most) == ACCEPTED
    more = {**most, "CONTRACT_RECKON_PRICE": "300000.0001"}
    assert send("SECTION", "more", BID_SECTION_CODE="S2", **more) == ("refused", "amount_out_of_range")
    assert send("SECTION", "big but allowed", BID_SECTION_CODE="S3", **more) == ACCEPTED
    award = {"TENDER_PROJECT_CODE": "P1", "BID_AMOUNT": "4000000000", "PRICE_UNIT": "0"}
    assert send("WIN_RESULT_ANNO", "w", PRICE_FORM_CODE="1", **award) == ("refused", "amount_out_of_range")
    assert send("WIN_RESULT_ANNO", "w", PRICE_FORM_CODE="2", **award) == ACCEPTED


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 torn"])
def test_what_is_no_package_is_unacceptable(content: bytes) -> None:
    with pytest.raises(Unacceptable):
        open_package(content)
