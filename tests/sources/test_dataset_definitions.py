"""The definitions against the national data specification, and the other places that name tables and columns against the definitions."""

import csv
import re
from collections import defaultdict
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from sources.definitions import MESSAGE_COLUMNS, Dataset, dataset_for_file, datasets, normalise_heading

ROOT = Path(__file__).resolve().parents[2]
SPECIFICATION = ROOT / "../shared/domain/national_spec_fields.csv"
WANTED = {
    *(300, 302, 303, 305, 404), *(501, 502, 503, 504, 506, 507, 510, 511, 512, 513, 517, 522), *(551, 552, 553, 554),
    *(600, 601), *(700, 701, 750, 753), *(1800, 1801),
}  # fmt: skip
#: What centres keep beyond the specification.
OURS = {
    *("PUSH_RECEIPT", "DISCLOSURE_REGISTER", "INFORMATION_REQUEST", "CONSULTATION", "REVIEW_LITIGATION"),
    *("CREDIT_COMMITMENT", "POINT_NOTICE", "PERMIT_PENALTY", "INTERMEDIARY", "EVALUATION_REPORT", "PORTAL_ENTRY"),
}  # fmt: skip
#: What may stand for a format of the specification. A code of one spelling may be text or code, and 0 or 1 a flag.
TYPES = {"C": {"text", "code", "flag"}, "N": {"integer", "decimal"}, "D": {"date"}, "T": {"instant"}, "": {"text", "code"}}

numbered = [dataset for dataset in datasets().values() if dataset.number]


@pytest.fixture(scope="module")
def specification() -> dict[int, list[dict[str, str]]]:
    if not SPECIFICATION.exists():
        pytest.skip("the national specification (../shared/domain) is not here")
    fields = defaultdict(list)
    with SPECIFICATION.open(encoding="utf-8-sig", newline="") as stream:
        for field in csv.DictReader(stream):
            fields[int(field["data_no"])].append(field)
    return fields


@pytest.fixture(scope="module")
def dbt_variables() -> dict[str, object]:
    content = yaml.safe_load((ROOT / "dbt/dbt_project.yml").read_text(encoding="utf-8"))
    return dict(content["vars"])


def test_every_wanted_data_set_is_defined() -> None:
    assert {dataset.number for dataset in numbered} == WANTED
    assert {dataset.name for dataset in datasets().values() if not dataset.number} == OURS


@pytest.mark.parametrize("dataset", numbered, ids=lambda dataset: str(dataset.number))
def test_a_definition_says_what_the_specification_says(dataset: Dataset, specification: dict[int, list[dict[str, str]]]) -> None:
    assert dataset.number is not None
    fields = specification[dataset.number]
    assert dataset.name == fields[0]["data_name"]
    ours = [column for column in dataset.columns if not column.extension]
    assert [column.national for column in ours] == [field["field"] for field in sorted(fields, key=lambda field: int(field["seq"]))]
    assert [column.label for column in ours] == [field["cn"] for field in fields]
    assert [column.required for column in ours] == [field["required"] == "M" for field in fields]
    for column, field in zip(ours, fields, strict=True):
        assert column.type in TYPES[field["type"][:1]], column.national


@pytest.mark.parametrize("dataset", numbered, ids=lambda dataset: str(dataset.number))
def test_what_the_specification_does_not_know_is_marked_as_ours(dataset: Dataset, specification: dict[int, list[dict[str, str]]]) -> None:
    assert dataset.number is not None
    national = {field["field"] for field in specification[dataset.number]}
    for column in dataset.columns:
        assert column.extension == (column.national not in national), column.national
        assert not (column.extension and column.required), f"{column.national} is ours: no sender can be obliged to deliver it"


@pytest.mark.parametrize("dataset", datasets().values(), ids=lambda dataset: dataset.name)
def test_a_definition_is_sound_in_itself(dataset: Dataset) -> None:
    names = [column.name for column in dataset.columns]
    assert len(set(names)) == len(names)
    assert len({column.national for column in dataset.columns}) == len(names)
    assert not set(names) & {*MESSAGE_COLUMNS.values(), "source_row", "row_hash", "record_key", "version_at", "is_withdrawn", "held_values"}
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names)
    for name in (*dataset.key, dataset.subject, dataset.known_at):
        assert name is None or name in names
    for column in dataset.columns:
        if column.required_when:
            condition, value = column.required_when
            assert not column.required
            assert dataset.column(condition).type != "flag" or value in ("true", "false")
        if column.parent:
            parent = datasets()[column.parent]
            assert (parent.identity, (parent.identity,)) == (column.name, parent.key[:1])
        assert dataset.column_for_heading(column.national) == column.name
        assert dataset.column_for_heading(column.national.lower()) == column.name
        same_label = [other for other in dataset.columns if normalise_heading(other.label) == normalise_heading(column.label)]
        # A Chinese heading that two fields share names neither of them.
        assert dataset.column_for_heading(f" {column.label} ") == (column.name if len(same_label) == 1 else None)


def test_no_column_is_personal_in_one_data_set_and_open_in_another() -> None:
    columns = [(column, bool(column.personal)) for dataset in datasets().values() for column in dataset.columns]
    named = {(name, hidden) for column, hidden in columns for name in (column.name, column.national, column.label)}
    assert {name for name, hidden in named if hidden and (name, False) in named} == set()


def test_tables_are_named_once_and_dbt_names_the_same(dbt_variables: dict[str, object]) -> None:
    by_table = {dataset.table: dataset for dataset in datasets().values()}
    assert len(by_table) == len(datasets())
    raw_tables = dbt_variables["raw_tables"]
    assert isinstance(raw_tables, dict)
    assert raw_tables.keys() == by_table.keys()
    for table, described in raw_tables.items():
        dataset = by_table[table]
        said = tuple(described.get(name) for name in ("dataset", "transaction_type", "subject_type", "subject"))
        assert said == (dataset.name, dataset.transaction_type, dataset.subject_type, dataset.subject)
        assert bool(described.get("own")) == (dataset.number is None)


def test_every_event_is_read_from_a_column_that_is_there(dbt_variables: dict[str, object]) -> None:
    event_types = dbt_variables["event_types"]
    assert isinstance(event_types, list)
    by_table = {dataset.table: dataset for dataset in datasets().values()}
    for event in event_types:
        staged = (ROOT / f"dbt/models/staging/stg_{event['table']}.sql").read_text(encoding="utf-8")
        for name in filter(None, (event["column"], event.get("known"), event.get("allowance"))):
            assert re.search(rf"\b{name},?$", staged, re.MULTILINE), f"stg_{event['table']} selects no {name}"
            assert re.search(rf"\bas {name}\b", staged) or by_table[event["table"]].column(name).type in ("instant", "date")


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("TENDER_CANDIDATE_ANNOUNCE", "TENDER_CANDIDATE_ANNOUNCE"),
        ("tender_candidate_announce-2017", "TENDER_CANDIDATE_ANNOUNCE"),
        ("TENDER_CANDIDATE", "TENDER_CANDIDATE"),
        ("TENDER_CANDIDATE_2017", "TENDER_CANDIDATE"),
        ("511", "TENDER_CANDIDATE_ANNOUNCE"),
        ("511_a", "TENDER_CANDIDATE_ANNOUNCE"),
        ("511公示", "TENDER_CANDIDATE_ANNOUNCE"),
        ("511 12月", "TENDER_CANDIDATE_ANNOUNCE"),
        ("511 5", "TENDER_CANDIDATE_ANNOUNCE"),
        ("5110", None),
        ("511A", None),
        ("中标候选人公示", "TENDER_CANDIDATE_ANNOUNCE"),
        ("中标候选人公示 12月", "TENDER_CANDIDATE_ANNOUNCE"),
        ("中标候选人（修改）", "TENDER_CANDIDATE"),
        ("中标（成交）结果公告", "BID_DEAL_ANNOUNCE"),
        ("中标候选人名单", None),
        ("合同履约", None),
        ("TENDER_CANDIDATES", None),
        ("evaluation_report", "EVALUATION_REPORT"),
        ("performance_info-2017", "PERFORMANCE_INFO"),
        ("performance_2017", "PERFORMANCE"),
        ("1800", "OTHER_TRADE_PUB_INFO"),
        ("None", None),
        ("", None),
        ("notes", None),
    ],
)
def test_a_file_name_stands_for_one_data_set_or_none(stem: str, name: str | None) -> None:
    found = dataset_for_file(stem)
    assert (found.name if found else None) == name
