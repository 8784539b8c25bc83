"""Contents and schemas: any text arrives as it is, personal data does not leave, and what a definition requires a schema requires."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from exports.push.content import (
    content_digest,
    content_json,
    content_struct,
    content_xml,
    level,
    national_names,
    pushed_columns,
    pushed_datasets,
    rendered_rows,
)
from exports.push.province.server import Province
from exports.push.pushing import push
from exports.push.schemas import NAMESPACE, json_schema, xml_schema
from exports.push.settings import PushSettings
from exports.push.writing import write_packages
from sources.definitions import Dataset, datasets
from sources.warehouse import sql_type
from tests.exports.push.city import City
from tests.exports.push.reading import read_all

SECTION = datasets()["SECTION"]
IDENTITY, OLD_IDENTITY, MOBILE, EMAIL = "420502198803074219", "420502880307421", "13871234567", "zhang.san@personal.example"


@pytest.fixture(scope="module")
def rendered() -> Callable[[str], tuple[str, str, str]]:
    """XML, JSON and digest of a section with this name, as the push renders it."""
    connection = duckdb.connect()
    # A raw table of one row: every other column is empty.
    connection.execute(f"CREATE TABLE sections AS SELECT {', '.join(f'NULL::{sql_type(column)} AS {column.name}' for column in SECTION.columns)}")
    rows = rendered_rows(SECTION, {"_": "0"}, "sections")
    names = national_names(SECTION)

    def render(text: str) -> tuple[str, str, str]:
        connection.execute("UPDATE sections SET section_name = ?", [text])
        row = connection.execute(
            f"""SELECT {content_xml(names, "fields")}, content, digest FROM (SELECT content, digest, {content_struct(names, "content")} AS fields FROM (
                SELECT {content_json(names)} AS content, {content_digest(names)} AS digest FROM ({rows})))"""
        ).fetchone()
        assert row is not None
        return row

    return render


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0@０１２３４５６７８９0123456789＠"), min_size=1))
@settings(max_examples=100, deadline=None)
def test_any_text_arrives_as_it_is_in_both_forms(rendered: Callable[[str], tuple[str, str, str]], text: str) -> None:
    expected = "".join(
        chr(0x2400 + ord(letter)) if ord(letter) < 32 and letter not in "\t\n\r" else "\ufffd" if ord(letter) in (0xFFFE, 0xFFFF) else letter
        for letter in text
    )
    xml, content, digest = rendered(text)
    assert json.loads(content) == {"BID_SECTION_NAME": expected}
    assert etree.fromstring(f"<r>{xml}</r>".encode()).findtext("BID_SECTION_NAME") == expected
    assert digest == hashlib.sha256(f"BID_SECTION_NAME={expected}".encode()).hexdigest()


@pytest.mark.parametrize(
    "text", ["=HYPERLINK(1)", "<script>alert(1)</script>", "]]>&amp;", "@SUM(1)", "{{ 7 * 7 }}", "a\rb", "'; DROP TABLE x; --", "\x01\x1f"]
)
def test_formulas_and_markup_stay_text(rendered: Callable[[str], tuple[str, str, str]], text: str) -> None:
    xml, content, _ = rendered(text)
    read = etree.fromstring(f"<r>{xml}</r>".encode()).findtext("BID_SECTION_NAME")
    assert read == json.loads(content)["BID_SECTION_NAME"] == text.replace("\x01", "␁").replace("\x1f", "␟")


def test_amounts_dates_and_flags_have_the_national_form() -> None:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'Asia/Shanghai'")

    def form(dataset: str, national: str, value: str) -> Any:
        definition = datasets()[dataset]
        cells = ", ".join(
            f"{value if column.national == national else f'NULL::{sql_type(column)}'} AS {column.name}" for column in definition.columns
        )
        rows = rendered_rows(definition, {"_": "0"}, f"(SELECT {cells})")
        row = connection.execute(f'SELECT "{national}" FROM ({rows})').fetchone()
        return row and row[0]

    amounts = {
        "1234.500000": "1234.5",
        "100": "100",
        "0": "0",
        "0.000001": "0.000001",
        "-3.20": "-3.2",
        "99999999999999.999999": "99999999999999.999999",
    }
    for given_value, sent in amounts.items():
        assert form("SECTION", "CONTRACT_RECKON_PRICE", f"{given_value}::DECIMAL(20, 6)") == sent
    assert form("SECTION", "CREATE_TIME", "TIMESTAMPTZ '2017-05-02 01:02:03+00'") == "20170502090203"
    assert form("SECTION", "BEGIN_DATE", "DATE '2017-05-02'") == "20170502"
    assert [form("LISTING_PUB_INFO", "POST_PONE", value) for value in ("true", "false", "NULL::BOOLEAN")] == ["T", "F", None]
    assert [form("TENDER_PROJECT", "ISUNION", value) for value in ("true", "false", "NULL::BOOLEAN")] == ["1", "0", None]


def test_parents_come_before_their_children() -> None:
    order = [dataset.name for dataset in pushed_datasets()]
    for dataset in pushed_datasets():
        for column in dataset.columns:
            if column.parent:
                assert order.index(column.parent) < order.index(dataset.name)
                assert level(dataset) > level(datasets()[column.parent])
    assert {dataset.name for dataset in datasets().values() if dataset.number} == set(order)


def _message(data_type: str = "1") -> dict[str, str]:
    return {
        "MESSAGE_ID": "0123456789ab-1", "DATA_TYPE": data_type, "DATA_KEY": "k", "DATA_TIMESTAMP": "20170502090000", "PLATFORM_CODE": "0" * 18, "PUB_SERVICE_PLAT_CODE": "0" * 18,
    }  # fmt: skip


def _sound(dataset: Dataset) -> dict[str, str]:
    forms = {
        "date": "20170502",
        "instant": "20170502090000",
        "integer": "1",
        "decimal": "1.5",
        "flag": "T" if dataset.transaction_type == "property" else "1",
    }
    return {column.national: forms.get(column.type, "甲") for column in pushed_columns(dataset)}


def _is_valid(dataset: Dataset, record: dict[str, str]) -> tuple[bool, bool]:
    tag = "DELETION" if record["DATA_TYPE"] == "3" else "RECORD"
    root = etree.Element(f"{{{NAMESPACE}}}PACKAGE", {"ID": "p", "DATASET": dataset.name})
    element = etree.SubElement(root, f"{{{NAMESPACE}}}{tag}")
    for name, value in record.items():
        etree.SubElement(element, f"{{{NAMESPACE}}}{name}").text = value
    package = {"ID": "p", "DATASET": dataset.name, "RECORDS": [record]}
    schema = etree.XMLSchema(etree.fromstring(xml_schema(dataset).encode()))
    return schema.validate(root), jsonschema_rs.validator_for(json_schema(dataset)).is_valid(package)


@pytest.mark.parametrize("dataset", pushed_datasets(), ids=lambda dataset: dataset.name)
def test_both_schemas_ask_what_the_definition_asks(dataset: Dataset) -> None:
    sound = {**_message(), **_sound(dataset)}
    assert _is_valid(dataset, sound) == (True, True)
    assert _is_valid(dataset, _message("3")) == (True, True)
    for column in pushed_columns(dataset):
        without = {name: value for name, value in sound.items() if name != column.national}
        # XML Schema 1.0 knows no condition between elements.
        in_json = not column.required and column.required_when is None
        assert _is_valid(dataset, without) == (not column.required, in_json), column.national
        if column.type not in ("text", "code"):
            assert _is_valid(dataset, {**sound, column.national: "甲"}) == (False, False), column.national
    assert _is_valid(dataset, {**sound, "UNKNOWN": "1"}) == (False, False)
    assert _is_valid(dataset, {**sound, "DATA_TIMESTAMP": ""}) == (False, False)


@pytest.mark.thorough
def test_personal_data_leaves_in_no_package_log_or_receipt(
    city: City, province: Province, settings: PushSettings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    city.simulate(12)
    planted = f"联系 {MOBILE}，身份证{IDENTITY}；旧证{OLD_IDENTITY} 邮箱{EMAIL}"
    sections, land = city.delivered("SECTION"), city.delivered("DEAL_BEHAVIOR_INFO")
    later = {"DATA_TYPE": "2", "DATA_TIMESTAMP": "20180124100000"}
    city.deliver("SECTION", [{**row, "BID_SECTION_NAME": planted, "BID_QUALIFICATION": planted, **later} for row in sections])
    notices = city.delivered("TENDER_ANN_QUA_INQUERY_ANN")
    city.deliver(
        "TENDER_ANN_QUA_INQUERY_ANN",
        [
            {
                **row,
                "NOTICE_CONTENT": planted,
                "OTHER_CONTENT": planted,
                "TENDER_AGENCY_PHONE_NUMBER": MOBILE,
                "TENDER_AGENCY_CONTACTOR": "张三丰",
                **later,
            }
            for row in notices
        ],
    )
    city.deliver("DEAL_BEHAVIOR_INFO", [{**row, "EMAIL": EMAIL, "CONTACT_PERSON": "张三丰", **later} for row in land])
    snapshot = city.publish()
    for form in ("xml", "json"):
        write_packages(snapshot, tmp_path / form, form, settings)
    pushed = push(city.home, settings, "xml", lambda: datetime.now(UTC))
    assert pushed.settled.accepted > 50
    read = [*read_all(tmp_path / "xml").values(), *read_all(tmp_path / "json").values(), *read_all(city.home / "push" / "packages").values()]
    texts = [json.dumps(records, ensure_ascii=False) for records in read] + [caplog.text]
    texts += [path.read_text(encoding="utf-8") for path in (city.home / "push" / "receipts").iterdir()]
    for personal in (IDENTITY, OLD_IDENTITY, MOBILE, EMAIL, "张三丰"):
        assert not [text for text in texts if personal in text], personal
    # What the standard requires is sent: the purchaser's own contact.
    assert notices[0]["TENDERER_PHONE_NUMBER"] in texts[0] + "".join(texts)
    assert any("138****4567" in text for text in texts)
