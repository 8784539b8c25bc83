"""docs/rules.md is the rule book for readers; it is made from the seed and may not drift from it."""

import csv
import os
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "rules.md"
KINDS = {
    "within": "{trigger}后 {amount} {unit}内{duty}",
    "at_least": "{trigger}至{duty}不少于 {amount} {unit}",
    "before": "{duty}不迟于{trigger}前 {amount} {unit}",
}
UNITS = {"calendar_day": "日", "working_day": "个工作日", "hour": "小时", "month": "个月"}


def rules_page() -> str:
    """The page as Markdown: one line a rule version, in the words of the catalogue of events."""
    with (ROOT / "dbt" / "seeds" / "rule_book.csv").open(encoding="utf-8") as stream:
        rules = list(csv.DictReader(stream))
    variables = yaml.safe_load((ROOT / "dbt" / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    labels = {event["name"]: event["label"] for event in variables["event_types"]}
    lines = [
        "# 规则 Rules",
        "",
        "由 `dbt/seeds/rule_book.csv` 生成，请勿手改。状态：A 已核条文；B 转引；R 忆记、未核实。生效日期均为忆记。",
        "触发之日不计入；到期日当日有效；同一规则的版本由触发之日决定。",
        "",
        "| 规则 | 版本 | 名称 | 要求 | 依据 | 状态 | 有效期 | 说明 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for rule in rules:
        requirement = KINDS[rule["kind"]].format(
            trigger=labels[rule["trigger_event"]], duty=labels[rule["duty_event"]], amount=rule["amount"], unit=UNITS[rule["unit"]]
        )
        if rule["rolls_over_holiday"] == "true":
            requirement += "（末日为休息日的顺延）"
        lines.append(
            f"| {rule['rule_id']} | {rule['version']} | {rule['label']} | {requirement} | {rule['legal_source']} | {rule['status']} "
            f"| {rule['valid_from']} 至 {rule['valid_to'] or '今'} | {rule['note']} |"
        )
    return "\n".join(lines) + "\n"


def test_the_page_is_the_rule_book() -> None:
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(rules_page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == rules_page(), "make it anew: UPDATE_DOCS=1 pytest tests/docs"
