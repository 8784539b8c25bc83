"""docs/data-dictionary.md is what the definitions say, for readers; it is made from them and may not drift from them."""

import os
import tomllib
from pathlib import Path

import pytest

from quality.checks import SUITES
from sources.definitions import Column, Dataset, datasets

PAGE = Path(__file__).resolve().parents[2] / "docs" / "data-dictionary.md"
TYPES = {"text": "文本", "code": "代码", "flag": "是否", "date": "日期", "instant": "时间", "integer": "整数", "decimal": "小数"}
PERSONAL = {"name": "姓名", "contact": "联系方式", "identity": "身份"}


def _required(dataset: Dataset, column: Column) -> str:
    if column.required_when:
        name, value = column.required_when
        return f"“{dataset.column(name).label}”为{ {'true': '是', 'false': '否'}.get(value, value) }时"
    return "是" if column.required else ""


def _values(column: Column) -> str:
    if column.parent:
        return f"{column.parent} 的记录"
    if column.not_before:
        return f"不早于 `{column.not_before}`"
    return f"[{column.code_list}](#{column.code_list})" if column.code_list else ""


def _section(dataset: Dataset) -> list[str]:
    keys = "、".join(f"`{name}`" for name in dataset.key)
    facts = [f"- 粒度：{dataset.grain}", f"- 主键：{keys}"]
    if dataset.subject:
        facts.append(f"- 所述对象：`{dataset.subject}`（{dataset.subject_type}，{dataset.transaction_type}）")
    if dataset.known_at:
        facts.append(f"- 时点：`{dataset.known_at}`")
    lines = [
        f"## {dataset.number or '自有'} {dataset.label} {dataset.name}",
        "",
        f"原始表 `raw.{dataset.table}`",
        "",
        *facts,
        "",
        "| 标准字段 | 本仓列名 | 字段名称 | 类型 | 必填 | 取值 | 个人信息 |",
        "|---|---|---|---|---|---|---|",
    ]
    for column in dataset.columns:
        national = column.national + ("（扩展）" if column.extension else "")
        personal = PERSONAL[column.personal] if column.personal else ""
        lines.append(
            f"| {national} | `{column.name}` | {column.label} | {TYPES[column.type]} | {_required(dataset, column)} | {_values(column)} | {personal} |"
        )
    return [*lines, ""]


def dictionary_page() -> str:
    """The page as Markdown: the data sets of the specification by number, then our own by name, then the code lists."""
    ordered = sorted(datasets().values(), key=lambda dataset: (dataset.number is None, dataset.number or 0, dataset.name))
    code_lists = tomllib.loads((SUITES / "codes.toml").read_text(encoding="utf-8"))["code_lists"]
    lines = [
        "# 数据字典 Data dictionary",
        "",
        "由 `sources/datasets/*.toml` 和 `quality/suites/codes.toml` 生成，请勿手改。标准字段照录国家数据规范的拼写；没有编号的数据集为本仓自有。",
        "每个数据集都接受报文字段 `DATA_TYPE`（1 新增、2 修改、3 删除）、`DATA_KEY`、`DATA_TIMESTAMP`；原始表另有 `source_row` 等列，见 "
        "[architecture.md](architecture.md)。",
        "",
    ]
    for dataset in ordered:
        lines += _section(dataset)
    lines += ["## 代码表 Code lists", ""]
    for name, values in code_lists.items():
        lines += [f"### {name}", "", "、".join(values), ""]
    return "\n".join(lines)


def test_the_page_is_what_the_definitions_say() -> None:
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(dictionary_page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == dictionary_page(), "make it anew: UPDATE_DOCS=1 pytest tests/docs"


@pytest.mark.parametrize("dataset", datasets().values(), ids=lambda dataset: dataset.name)
def test_every_data_set_has_its_section_with_every_column(dataset: Dataset) -> None:
    sections = PAGE.read_text(encoding="utf-8").split("\n## ")
    section = next(section for section in sections if section.splitlines()[0].endswith(f" {dataset.name}"))
    assert section.count("\n| ") == len(dataset.columns) + 1
    for column in dataset.columns:
        assert f"| `{column.name}` | {column.label} |" in section


def test_no_cell_breaks_its_table() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    assert {row.count("|") for row in rows} == {8}
