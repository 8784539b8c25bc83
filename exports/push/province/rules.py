"""What a receiver really applies to a record, rule by rule (docs/push.md names the source of each). Pure: the store answers the questions.

A rule gives a code and a reason, or None. Codes: ``schema``, ``no_timestamp``, ``wrong_platform``, ``key_exists``, ``key_missing``, ``not_the_sender``,
``code_exists``, ``code_changed``, ``parent_missing``, ``condition``, ``amount_out_of_range``.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Protocol

Fields = Mapping[str, str]
Refusal = tuple[str, str]

ADD, CHANGE, DELETE = "1", "2", "3"
#: The field that is unique and never changes, by data set.
IMMUTABLE_CODES = {
    "TENDER_PROJECT": "TENDER_PROJECT_CODE",
    "SECTION": "BID_SECTION_CODE",
    "DEAL_BEHAVIOR_INFO": "ANNOUNCEMENT_GUID",
    "OTHER_TRADE_PUB_INFO": "PROJECT_CODE",
}
#: The data set and the field by which records of others name it. What must be there first.
PARENTS = {"TENDER_PROJECT_CODE": "TENDER_PROJECT"}
#: Amounts above this are refused unless the key is on the list of exceptions: yuan.
LARGEST_AMOUNT = Decimal(3_000_000_000)
#: Amount, its unit (1: ten thousand yuan), and the form of the price in which alone it is an amount.
AMOUNTS = {
    "SECTION": ("CONTRACT_RECKON_PRICE", "PRICE_UNIT", None),
    "WIN_RESULT_ANNO": ("BID_AMOUNT", "PRICE_UNIT", "PRICE_FORM_CODE"),
}


class Known(Protocol):
    """What the province has already."""

    def owner(self, dataset: str, data_key: str) -> str | None:
        """The platform that sent a record, None when there is none."""
        ...

    def content(self, dataset: str, data_key: str) -> Fields:
        """The content of a record that is there."""
        ...

    def key_of_code(self, dataset: str, code: str) -> str | None:
        """The key of the record with this unique code."""
        ...


@dataclass(frozen=True)
class Record:
    """One record of a package: the message before it and its content."""

    dataset: str
    message: Fields
    content: Fields


def refusal(record: Record, known: Known, platforms: Collection[str], exceptions: Collection[str]) -> Refusal | None:
    """Why a record is refused, or None. The first rule that it breaks is told."""
    return (
        _message(record, platforms)
        or _existence(record, known)
        or (
            None
            if record.message["DATA_TYPE"] == DELETE
            else _codes(record, known) or _parent(record, known) or _conditions(record) or _range(record, exceptions)
        )
    )


def _message(record: Record, platforms: Collection[str]) -> Refusal | None:
    if not record.message.get("DATA_TIMESTAMP"):
        return "no_timestamp", "DATA_TIMESTAMP is required"
    if platforms and record.message["PLATFORM_CODE"] not in platforms:
        return "wrong_platform", "the platform is not registered"
    return None


def _existence(record: Record, known: Known) -> Refusal | None:
    owner = known.owner(record.dataset, record.message["DATA_KEY"])
    if record.message["DATA_TYPE"] == ADD:
        return ("key_exists", "a record with this DATA_KEY is there already") if owner is not None else None
    if owner is None:
        return "key_missing", "there is no record with this DATA_KEY"
    if owner != record.message["PLATFORM_CODE"]:
        return "not_the_sender", "only the platform that sent a record may change it"
    return None


def _codes(record: Record, known: Known) -> Refusal | None:
    name = IMMUTABLE_CODES.get(record.dataset)
    if name is None:
        return None
    code = record.content.get(name, "")
    holder = known.key_of_code(record.dataset, code)
    if holder is not None and holder != record.message["DATA_KEY"]:
        return "code_exists", f"{name} belongs to another record"
    if record.message["DATA_TYPE"] == CHANGE and known.content(record.dataset, record.message["DATA_KEY"]).get(name) != code:
        return "code_changed", f"{name} never changes"
    return None


def _parent(record: Record, known: Known) -> Refusal | None:
    for name, parent in PARENTS.items():
        code = record.content.get(name)
        if code and record.dataset != parent and known.key_of_code(parent, code) is None:
            return "parent_missing", f"{parent} with this {name} is not there"
    return None


def _conditions(record: Record) -> Refusal | None:
    def lacks(*names: str) -> str | None:
        return next((name for name in names if not record.content.get(name)), None)

    if record.content.get("TENDER_ORGANIZE_FORM") == "2" and (name := lacks("TENDER_AGENCY_NAME", "TENDER_AGENCY_CODE_TYPE", "TENDER_AGENCY_CODE")):
        return "condition", f"{name} is required of a tender held by an agency"
    if (
        record.dataset == "TENDER_FILE_CLARI_MODI"
        and record.content.get("IS_POSTPONE") == "1"
        and (name := lacks("POST_OPEN_TIME", "POST_OPEN_ADDRESS"))
    ):
        return "condition", f"{name} is required of a postponed opening"
    return None


def _range(record: Record, exceptions: Collection[str]) -> Refusal | None:
    if record.dataset not in AMOUNTS or record.message["DATA_KEY"] in exceptions:
        return None
    amount, unit, form = AMOUNTS[record.dataset]
    if form is not None and record.content.get(form) != "1":
        return None
    try:
        yuan = Decimal(record.content.get(amount, "0")) * (10_000 if record.content.get(unit) == "1" else 1)
    except InvalidOperation:
        return "schema", f"{amount} is no amount"
    return ("amount_out_of_range", f"{amount} is above 3,000,000,000 yuan") if yuan > LARGEST_AMOUNT else None
