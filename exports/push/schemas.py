"""The schemas of the packages, made from the definitions of the data sets: XSD and JSON Schema. Nothing about a column is written down here."""

import json
from functools import cache
from typing import Any

from exports.push.content import pushed_columns
from sources.definitions import Column, Dataset

NAMESPACE = "urn:gongkai:push:1"
#: The message before the content of every record, with the pattern of each part.
MESSAGE_FIELDS = {
    "MESSAGE_ID": "[0-9a-f]{12}-[0-9]{1,18}",
    "DATA_TYPE": "[123]",
    "DATA_KEY": ".{1,64}",
    "DATA_TIMESTAMP": "[0-9]{14}",
    "PLATFORM_CODE": ".{18}",
    "PUB_SERVICE_PLAT_CODE": ".{18}",
}
_PATTERNS = {
    "date": "[0-9]{8}",
    "instant": "[0-9]{14}",
    "integer": "-?[0-9]+",
    "decimal": r"-?[0-9]+(\.[0-9]{1,6})?",
}
_DELETE = "3"


def _pattern(dataset: Dataset, column: Column) -> str | None:
    if column.type == "flag":
        return "[TF]" if dataset.transaction_type == "property" else "[01]"
    return _PATTERNS.get(column.type)


@cache
def xml_schema(dataset: Dataset) -> str:
    """The XSD of a package of one data set. What is required of a record is not required of its deletion, so two kinds of records are told apart."""
    message = "".join(f'<xs:element name="{name}">{_restricted(pattern)}</xs:element>' for name, pattern in MESSAGE_FIELDS.items())
    content = "".join(_element(dataset, column) for column in pushed_columns(dataset))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="{NAMESPACE}" targetNamespace="{NAMESPACE}" elementFormDefault="qualified">'
        f"<xs:annotation><xs:documentation>{dataset.number} {dataset.name} {dataset.label}</xs:documentation></xs:annotation>"
        '<xs:element name="PACKAGE"><xs:complexType><xs:choice maxOccurs="unbounded">'
        f'<xs:element name="RECORD"><xs:complexType><xs:sequence>{message}{content}</xs:sequence></xs:complexType></xs:element>'
        f'<xs:element name="DELETION"><xs:complexType><xs:sequence>{message}</xs:sequence></xs:complexType></xs:element>'
        "</xs:choice>"
        '<xs:attribute name="ID" type="xs:string" use="required"/>'
        f'<xs:attribute name="DATASET" type="xs:string" use="required" fixed="{dataset.name}"/>'
        "</xs:complexType></xs:element></xs:schema>\n"
    )


def _element(dataset: Dataset, column: Column) -> str:
    optional = "" if column.required else ' minOccurs="0"'
    return f'<xs:element name="{column.national}"{optional}>{_restricted(_pattern(dataset, column))}</xs:element>'


def _restricted(pattern: str | None) -> str:
    facet = '<xs:minLength value="1"/>' if pattern is None else f'<xs:pattern value="{pattern}"/>'
    return f'<xs:simpleType><xs:restriction base="xs:string">{facet}</xs:restriction></xs:simpleType>'


@cache
def json_schema(dataset: Dataset) -> str:
    """The JSON Schema (2020-12) of a package of one data set; columns required in a certain case are required there."""
    message = {name: {"type": "string", "pattern": f"^{pattern}$"} for name, pattern in MESSAGE_FIELDS.items()}
    content: dict[str, Any] = {}
    for column in pushed_columns(dataset):
        pattern = _pattern(dataset, column)
        content[column.national] = {
            "type": "string",
            "description": column.label,
            **({"pattern": f"^{pattern}$"} if pattern else {"minLength": 1}),
        }
    record: dict[str, Any] = {
        "type": "object",
        "properties": {**message, **content},
        "required": [*message, *(column.national for column in pushed_columns(dataset) if column.required)],
        "additionalProperties": False,
    }
    if conditions := [_condition(dataset, column) for column in pushed_columns(dataset) if column.required_when]:
        record["allOf"] = conditions
    deletion = {"type": "object", "properties": message, "required": list(message), "additionalProperties": False}
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{dataset.number} {dataset.name} {dataset.label}",
        "type": "object",
        "properties": {
            "ID": {"type": "string"},
            "DATASET": {"const": dataset.name},
            "RECORDS": {
                "type": "array",
                "minItems": 1,
                "items": {"if": {"properties": {"DATA_TYPE": {"const": _DELETE}}}, "then": deletion, "else": record},
            },
        },
        "required": ["ID", "DATASET", "RECORDS"],
        "additionalProperties": False,
    }
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


def _condition(dataset: Dataset, column: Column) -> dict[str, Any]:
    assert column.required_when is not None
    name, value = column.required_when
    other = dataset.column(name)
    if other.type == "flag":
        yes, no = ("T", "F") if dataset.transaction_type == "property" else ("1", "0")
        value = yes if value == "true" else no
    return {
        "if": {"properties": {other.national: {"const": value}}, "required": [other.national]},
        "then": {"required": [column.national]},
    }
