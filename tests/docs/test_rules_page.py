"""docs/rules.md is the rule book for readers, with the rules that are left out and why; it is made from the two lists and may not drift from them."""

import csv
import os
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
RULE_BOOK = ROOT / "dbt" / "seeds" / "rule_book.csv"
LEFT_OUT = ROOT / "docs" / "rules_left_out.csv"
PAGE = ROOT / "docs" / "rules.md"
KINDS = {
    "within": "{trigger}后 {amount} {unit}内{duty}",
    "at_least": "{trigger}至{duty}不少于 {amount} {unit}",
    "exactly": "{trigger}至{duty}须为 {amount} {unit}（更长的按办理计）",
    "before": "{duty}不迟于{trigger}前 {amount} {unit}",
}
#: How many deadlines the domain study lists in each group (tender, procurement, land, mining, property, government information, bad records, push).
LISTED = {"T": 16, "P": 21, "L": 3, "M": 5, "C": 7, "G": 8, "B": 8, "D": 1}
UNITS = {"calendar_day": "日", "working_day": "个工作日", "hour": "小时", "month": "个月"}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def rules_page() -> str:
    """The page as Markdown: one line a rule version, in the words of the catalogue of events."""
    rules = _rows(RULE_BOOK)
    variables = yaml.safe_load((ROOT / "dbt" / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    labels = {event["name"]: event["label"] for event in variables["event_types"]}
    lines = [
        "# 规则 Rules",
        "",
        "由 `dbt/seeds/rule_book.csv` 生成，请勿手改。状态：A 已核条文；B 转引；R 忆记、未核实。生效日期均为忆记。",
        "触发之日不计入；到期日当日有效；同一规则的版本由触发之日决定。",
        "",
        "| 规则 | 版本 | 名称 | Name | 要求 | 依据 | 状态 | 有效期 | 说明 |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for rule in rules:
        requirement = KINDS[rule["kind"]].format(
            trigger=labels[rule["trigger_event"]], duty=labels[rule["duty_event"]], amount=rule["amount"], unit=UNITS[rule["unit"]]
        )
        if rule["rolls_over_holiday"] == "true":
            requirement += "（末日为休息日的顺延）"
        lines.append(
            f"| {rule['rule_id']} | {rule['version']} | {rule['label']} | {rule['label_en']} | {requirement} | {rule['legal_source']} | {rule['status']} "
            f"| {rule['valid_from']} 至 {rule['valid_to'] or '今'} | {rule['note']} |"
        )
    lines += [
        "",
        "## 未列入的规则 Rules left out",
        "",
        "由 `docs/rules_left_out.csv` 生成：查到的期限中，现有数据不能判定的。有了数据即可按 [add-a-rule.md](add-a-rule.md) 加入。",
        "",
        "| 规则 | 名称 | 依据 | 为何未列入 |",
        "|---|---|---|---|",
    ]
    lines += [f"| {rule['rule_id']} | {rule['label']} | {rule['legal_source']} | {rule['reason']} |" for rule in _rows(LEFT_OUT)]
    return "\n".join(lines) + "\n"


def test_the_page_is_the_rule_book() -> None:
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(rules_page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == rules_page(), "make it anew: UPDATE_DOCS=1 pytest tests/docs"


def test_every_deadline_of_the_study_is_a_rule_or_left_out_with_a_reason() -> None:
    rules = {rule["rule_id"] for rule in _rows(RULE_BOOK)}
    reasons = {rule["rule_id"]: rule["reason"] for rule in _rows(LEFT_OUT)}
    listed = {f"{group}-{number:02}" for group, count in LISTED.items() for number in range(1, count + 1)}
    assert not listed - rules - set(reasons), "neither a rule nor left out"
    assert not rules & set(reasons), "both a rule and left out"
    assert set(reasons) <= listed
    assert len(_rows(LEFT_OUT)) == len(reasons)
    assert all(reasons.values())
