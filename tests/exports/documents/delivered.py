"""What the documents' home is delivered: a made-up city of 2022, and an office's registers over two years with everything that tries a document."""

import csv
import random
from datetime import datetime, timedelta
from pathlib import Path

SOURCE = "office"
YEARS = (2021, 2022)
AS_OF = "2023-01-25"
IDENTITY_CARD, MOBILE, EMAIL = "42120219900307123X", "13812345678", "zhang.san@example.com"
"""Planted: no document may show them."""
HOSTILE = ('=HYPERLINK("http://example.com","点击")', "<script>alert(1)</script>", "{{ 7 * 7 }}{% raw %}", "+1+1 & <b>粗</b>", "\u202e反向\u200b零宽")
LONG = "关于公共资源交易信息公开工作中涉及的建设工程政府采购土地使用权国有产权四类项目全过程公开情况及其后续整改落实情况的若干说明与答复意见"
LABEL = "咸安区公共资源交易中心 & <甲>"
APPLICANTS = ("自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他")
OUTCOMES = ("予以公开", "部分公开", "不予公开", "无法提供", "不予处理", "其他处理")
OFFICES = ("综合科", f"交易科（{MOBILE}）", LONG)
CHANNELS = ("政府网站", "政府公报", "政务微信", "宣传栏")

Lines = list[dict[str, str]]


def _t14(moment: datetime) -> str:
    return f"{moment:%Y%m%d%H%M%S}"


def _requests(draw: random.Random) -> Lines:
    """Some of 2021 are answered in 2022, some of 2022 not yet; every one says who applied."""
    lines = []
    for year in YEARS:
        for number in range(40):
            # The first ones come at the end of the year and are carried forward.
            received = datetime(year, 1, 4, 9) + timedelta(
                days=draw.randrange(340, 355) if number < 6 else draw.randrange(340), hours=draw.randrange(8)
            )
            answered = received + timedelta(days=draw.choice((5, 12, 20, 45)))
            line = {
                "REQUEST_NUMBER": f"Q{year}{number:03}", "REGION_CODE": "421202", "OFFICE": draw.choice(OFFICES[:2]), "TITLE": f"申请人电话{MOBILE}",
                "FORM": draw.choice(("当面", "传真", "网络", "信函")), "APPLICANT_KIND": draw.choice(APPLICANTS), "APPLICANT": "张三",
                "RECEIVED_TIME": _t14(received), "ACCEPTED_TIME": _t14(received + timedelta(days=1)),
            }  # fmt: skip
            if answered < datetime(2023, 1, 10):
                line |= {"ANSWERED_TIME": _t14(answered), "OUTCOME": draw.choice(OUTCOMES[:2] if year == 2022 else OUTCOMES)}
            lines.append(line)
    return lines


def _items(draw: random.Random) -> Lines:
    titles = [*HOSTILE, LONG, f"联系人 {MOBILE} {EMAIL}", f"身份证{IDENTITY_CARD}的公示"]
    lines = []
    for number in range(120):
        formed = datetime(draw.choice(YEARS), 1, 5, 9) + timedelta(days=draw.randrange(330), hours=draw.randrange(8))
        published = formed + timedelta(days=draw.choice((1, 10, 40)))
        lines.append(
            {
                "ITEM_CODE": f"I{number:03}", "REGION_CODE": "421202", "OFFICE": OFFICES[number % 3], "TITLE": titles[number % len(titles)],
                "CATEGORY": draw.choice(("政策法规", "规范性文件", "业务工作", "政策解读", "=1+1")), "CHANNEL": "；".join(draw.sample(CHANNELS, draw.choice((1, 1, 2, 3)))),
                "OPENNESS": draw.choice(("主动公开",) * 6 + ("依申请公开", "不公开")), "FORMED_TIME": _t14(formed), "REVIEWER": "李四",
                "REVIEWED_TIME": _t14(formed + timedelta(hours=2)), "PUBLISHED_TIME": _t14(published),
            }
        )  # fmt: skip
    # Formed and decided about, and not out: nobody needs to have reviewed it.
    return [
        *lines,
        {**lines[-1], "ITEM_CODE": "I120", "OPENNESS": "不公开", "FORMED_TIME": "20220309100000", "REVIEWED_TIME": "", "PUBLISHED_TIME": ""},
    ]


def _disputes(draw: random.Random) -> Lines:
    return [
        {
            "CASE_CODE": f"D{number:02}", "KIND": kind, "IS_AFTER_REVIEW": draw.choice("01") if kind == "诉讼" else "",
            "FILED_TIME": _t14(datetime(YEARS[number // 2 % 2], 3, 1, 9) + timedelta(days=number)), "DECIDED_TIME": _t14(datetime(2022, 12, 1, 9)),
            "OUTCOME": draw.choice(("结果维持", "结果纠正", "其他结果", "尚未审结")),
        }
        for number, kind in enumerate(("复议", "诉讼") * 12)
    ]  # fmt: skip


def _decisions(draw: random.Random) -> Lines:
    return [
        {
            "DOCUMENT_NUMBER": f"许{number:03}", "REGION_CODE": "421202", "KIND": "处罚" if number % 3 == 0 else "许可", "TITLE": "某事项",
            "AUTHORITY": "行政审批局", "BODY_NAME": "某公司", "DECIDED_TIME": _t14(datetime(YEARS[number % 2], 5, 6, 10) + timedelta(days=draw.randrange(200))),
            "PUBLISHED_TIME": "",
        }
        for number in range(50)
    ]  # fmt: skip


def _notices() -> Lines:
    """Of 2022, numbers 1 to 13 without 7; a body with the name of a person, and one with markup in its name."""
    bodies = ("张三", HOSTILE[1], LONG, "某建设工程有限公司")
    return [
        {
            "NOTICE_NUMBER": f"咸公管量〔2022〕{number}号", "REGION_CODE": "421202", "BODY_NAME": bodies[number % 4], "BODY_CODE": f"9142120200700010{number % 4}X",
            "CLAUSE": "示例-02", "POINTS": "4", "ISSUED_TIME": _t14(datetime(2022, 1, 10, 9) + timedelta(days=20 * number)),
            "APPEAL_STATE": "申诉中" if number == 3 else "未申诉",
        }
        for number in range(1, 14) if number != 7
    ]  # fmt: skip


def _blacklist() -> Lines:
    return [
        {
            "BLACKLIST_CODE": f"HB{number}", "BODY_NAME": name, "BODY_CODE": f"9142120200700010{number}X", "BODY_TYPE": "1", "BODY_ROLE": "2",
            "RECORD_REASON": f"累计达到标准，电话{MOBILE}", "RECORD_DATE": "20220601000000", "GOVERNMENT": "监督管理局", "DOCUMENT_CODE": f"〔2022〕{number}号",
            "REVOCATION_STATUS": "0", "CONFINED_ACTION": "1", "SCOPE": "社会公开",
        }
        for number, name in enumerate(("张三", HOSTILE[0], "某建设工程有限公司"))
    ]  # fmt: skip


def _intermediaries() -> Lines:
    return [
        {
            "INTERMEDIARY_NAME": name, "INTERMEDIARY_CODE": f"9142120200700020{number}X", "CATEGORY": "造价咨询", "REGION_CODE": "421202",
            "GOOD_RECORDS": good, "BAD_RECORDS": bad,
        }
        for number, (name, good, bad) in enumerate((("好中介有限公司", "3", "0"), ("差中介有限公司", "2", "1"), ("=坏名字", "1", "0"), ("无记录中介", "", "")))
    ]  # fmt: skip


def write_delivery(folder: Path) -> None:
    """The office's delivery: all of 2021 and 2022."""
    draw = random.Random(20220501)
    told = {
        "INFORMATION_REQUEST": _requests(draw), "DISCLOSURE_REGISTER": _items(draw), "REVIEW_LITIGATION": _disputes(draw), "PERMIT_PENALTY": _decisions(draw),
        "POINT_NOTICE": _notices(), "BLACK_LIST": _blacklist(), "INTERMEDIARY": _intermediaries(),
    }  # fmt: skip
    folder.mkdir(parents=True)
    (folder / "delivery.toml").write_text(
        f'source_id = "{SOURCE}"\nlabel = "{LABEL}"\nregion_code = "421202"\njurisdiction = "CN"\n'
        f"as_of = {AS_OF}\ncovers_from = 2021-01-01\ncovers_to = {AS_OF}\n",
        encoding="utf-8",
    )
    for name, lines in told.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(dict.fromkeys(heading for line in lines for heading in line)), restval="")
            writer.writeheader()
            writer.writerows(lines)
