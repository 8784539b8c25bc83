"""The records of each data set, as they are delivered: text columns under their national names."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import polars as pl

from sources.definitions import datasets
from sources.simulated.city import City
from sources.simulated.codes import data_keys
from sources.simulated.parties import Parties
from sources.simulated.planted import ABSENT
from sources.simulated.sections import Chunk
from sources.simulated.working_week import DAY, day_number

Value = pl.Expr | str
#: A data set's values by national name, made from the columns of the sections.
Values = Mapping[str, Value]

_YUAN, _AMOUNT, _PUBLIC, _YES, _NO = "156", "1", "1", "1", "0"
_DUTY, _EXAMINER, _CONTACT, _EMAIL = "责任人甲", "验证人乙", "联系人甲", "lianxi@example.invalid"
_ADDRESS = "模拟市示范路1号"
_WITHDRAWN, _CORRECTED = "withdrawn", "corrected"
_IMPOSSIBLE_TIME, _RUINED_CODE = "2223/7/7 8:", "2.01531E+16"
_EXCEPTIONS = {1: "投标截止时投标人少于三个", 2: "开标现场系统故障，终止开标", 3: "项目调整，撤销招标公告", 9: "其他原因"}
#: The most records of a section where these are more than the three of candidates: no record has the key of another.
_MOST_OF_A_SECTION = {"TENDER_LIST": 10}
_FEWEST_BIDDERS, _MOST_BIDDERS = 3, 8
#: The data set number in the message key where the standard has none: 509 is the evaluation report.
_KEY_NUMBERS = {"EVALUATION_REPORT": 509}

c = pl.col


def records_of(dataset: str, rows: pl.DataFrame, city: City, parties: Parties) -> pl.DataFrame:
    """The delivered records of ``rows`` (see ``rows_of``), in the order of the definition, with the message columns at the end.

    Raises KeyError when a column that the standard requires was forgotten here, or one is given that it does not have.
    """
    rows = rows.with_columns(medium=pl.lit(city.medium), phone=pl.lit(city.phone))
    values, published = _VALUES[dataset](parties, rows)
    definition = datasets()[dataset]
    national = [column.national for column in definition.columns]
    required = {column.national for column in definition.columns if column.required}
    if odd := (required - set(values)) | (set(values) - set(national)):
        raise KeyError(f"{dataset}: {', '.join(sorted(odd))} forgotten or unknown")
    ranks = rows["rank"].to_numpy() if "rank" in rows.columns else 0
    serials = rows["serial"].to_numpy() * _MOST_OF_A_SECTION.get(dataset, 3) + ranks
    later = _fault(_CORRECTED, _WITHDRAWN)
    message: dict[str, Value] = {
        "DATA_TYPE": pl.when(_fault(_CORRECTED)).then(pl.lit("2")).when(_fault(_WITHDRAWN)).then(pl.lit("3")).otherwise(pl.lit("1")),
        "DATA_TIMESTAMP": t14(published + pl.when(later).then(DAY).otherwise(0)),
    }
    columns = [_text(values.get(name)).alias(name) for name in national]
    records = rows.select(*columns, _text(message["DATA_TYPE"]).alias("DATA_TYPE"), _text(message["DATA_TIMESTAMP"]).alias("DATA_TIMESTAMP"))
    key = data_keys(city.system, definition.number or _KEY_NUMBERS[dataset], city.year, serials)
    return records.insert_column(len(national) + 1, key.alias("DATA_KEY"))


def delivered_datasets(city: City) -> tuple[str, ...]:
    """The data sets of transactions that a city delivers, in the order of the files."""
    further = {"TENDER_LIST": city.opening_details_from is not None, "TENDER_ABNORMITY_REPORT": city.failed_tenders > 0}
    return tuple(dataset for dataset in _VALUES if further.get(dataset, True))


def rows_of(dataset: str, chunk: Chunk, city: City) -> Iterator[pl.DataFrame]:
    """The sections of which this data set has records, with what is planted in them; candidates three times each, by rank, and bidders as often as there are any."""
    for kind, happened in _HAPPENED[dataset].items():
        rows: pl.DataFrame = getattr(chunk, kind)
        if dataset == "TENDER_ABNORMITY_REPORT" and "exception_at" not in rows.columns:
            continue
        rows = rows.filter(happened)
        if "fault" not in rows.columns:
            rows = rows.with_columns(fault=pl.lit(None, dtype=pl.String))
        if dataset == "TENDER_CANDIDATE":
            order = np.arange(rows.height * 3)
            rows = rows[order // 3].with_columns(rank=pl.Series(order % 3, dtype=pl.Int64))
        if dataset == "TENDER_LIST" and city.opening_details_from:
            rows = _one_row_a_bidder(rows.filter(c("opened_at") >= day_number(city.opening_details_from) * DAY))
        yield rows


def _one_row_a_bidder(rows: pl.DataFrame) -> pl.DataFrame:
    """Three to eight of each section, in their order (``rank``): the candidates first."""
    bidders = _FEWEST_BIDDERS + (c("serial") * 7 + c("runner_up")) % (_MOST_BIDDERS - _FEWEST_BIDDERS + 1)
    return rows.with_columns(rank=pl.int_ranges(bidders)).explode("rank")


def t14(seconds: pl.Expr) -> pl.Expr:
    """yyyyMMddHHmmss of an instant in seconds."""
    return pl.from_epoch(seconds, "s").dt.strftime("%Y%m%d%H%M%S")


def d8(seconds: pl.Expr) -> pl.Expr:
    """yyyyMMdd of an instant in seconds."""
    return pl.from_epoch(seconds, "s").dt.strftime("%Y%m%d")


def amount(yuan: pl.Expr) -> pl.Expr:
    """An amount of whole yuan in the unit of the record: 元 with two decimals, 万元 with four."""
    in_ten_thousands = pl.format("{}.{}", yuan // 10_000, (yuan % 10_000).cast(pl.String).str.zfill(4))
    return pl.when(c("price_unit") == "1").then(in_ten_thousands).otherwise(pl.format("{}.00", yuan))


def _text(value: Value | None) -> pl.Expr:
    if value is None:
        return pl.lit(None, dtype=pl.String)
    return pl.lit(value) if isinstance(value, str) else value


def _fault(*kinds: str) -> pl.Expr:
    return c("fault").is_in(kinds).fill_null(False)


def _unless(kind: str, planted: str | None, value: pl.Expr) -> pl.Expr:
    return pl.when(_fault(kind)).then(_text(planted)).otherwise(value)


def _url(part: str) -> pl.Expr:
    return pl.format(f"https://ggzy.example.invalid/{part}/{{}}.html", c("section_code"))


def _titled(word: str) -> pl.Expr:
    return c("name") + word


def _codes(deal: str = "UNIFIED_DEAL_CODE", section: str = "BID_SECTION_CODE", project: str = "TENDER_PROJECT_CODE") -> dict[str, Value]:
    return {project: c("project_code"), section: c("section_code"), deal: c("deal_code")}


def _supplier(parties: Parties, rows: pl.DataFrame) -> tuple[pl.Expr, pl.Expr]:
    """Name and code of the supplier of each row; the runners-up of a section are others, and so are those who bid behind them."""
    ranks = rows["rank"].to_numpy() if "rank" in rows.columns else 0
    runner_up, half = rows["runner_up"].to_numpy(), parties.suppliers.height // 2
    # A runner-up is less than half of all away: no two of these steps are the same.
    steps = np.where(np.asarray(ranks) <= 2, runner_up * ranks, half + (runner_up + ranks) % half)
    chosen = (rows["supplier"].to_numpy() + steps) % parties.suppliers.height
    suppliers = parties.suppliers[chosen]
    return pl.lit(suppliers["name"]), pl.lit(suppliers["code"])


Made = tuple[Values, pl.Expr]


def _tender_project(_: Parties, __: pl.DataFrame) -> Made:
    return {
        "PROJECT_CODE": c("project_code").str.head(17),
        "TENDER_PROJECT_CODE": c("project_code"),
        "UNIFIED_DEAL_CODE": c("deal_code"),
        "IS_TO_LAW": _YES,
        "TENDER_PROJECT_NAME": c("name"),
        "TENDER_PROJECT_TYPE": "A01",
        "REGION_CODE": c("region_code"),
        "TENDER_CONTENT": pl.format(
            "本项目为{}，建设内容为{}及配套附属设施，资金来源为财政资金，已落实，由{}组织实施，计划工期{}日历天，质量要求达到国家现行施工验收规范合格标准。",
            c("name"), c("thing"), c("buyer_name"), c("days"),
        ),
        "TENDERER_NAME": c("buyer_name"),
        "TENDERER_CODE_TYPE": "1",
        "TENDERER_CODE": c("buyer_code"),
        "ISUNION": _NO,
        "TENDERER_ROLE": "01",
        "TENDER_AGENCY_NAME": c("agency_name"),
        "TENDER_AGENCY_CODE_TYPE": "1",
        "TENDER_AGENCY_CODE": c("agency_code"),
        "TENDER_AGENCY_ROLE": "02",
        "TENDER_MODE": _PUBLIC,
        "TENDER_ORGANIZE_FORM": "2",
        "CREATE_TIME": t14(c("created_at")),
        "SUPERVISE_DEPT_NAME": c("region_name") + "公共资源交易监督管理局",
        "APPROVE_DEPT_NAME": c("region_name") + "发展和改革局",
        "REPORT_DUTY": _DUTY,
    }, c("created_at")  # fmt: skip


def _section(_: Parties, __: pl.DataFrame) -> Made:
    return {
        **_codes(),
        "BID_SECTION_NAME": _titled("施工标段"),
        "BID_ECTION_NUM": "1",
        "BID_TENDER_MODE": _PUBLIC,
        "REGION_CODE": c("region_code"),
        "TRA_PLACE_CODE": c("region_code"),
        "BID_SECTION_CONTENT": pl.format(
            "本标段为{}的全部施工内容，包括{}的土建、安装及附属工程，具体以招标文件、施工图纸和工程量清单所列范围为准，工期为{}日历天，缺陷责任期为二十四个月。",
            c("name"), c("thing"), c("days"),
        ),
        "TENDER_PROJECT_CLASSIFY_CODE": "A08",
        "CONTRACT_RECKON_PRICE": amount(c("estimate")),
        "CURRENCY_CODE": _YUAN,
        "PRICE_UNIT": c("price_unit"),
        "BID_QUALIFICATION": "投标人须具备相应专业施工总承包三级及以上资质，具有有效的安全生产许可证，项目负责人具备相应专业二级及以上注册建造师资格，近三年无重大质量安全事故。",
        "BEGIN_DATE": c("year_day").cast(pl.String),
        "LIMITE_TIME": c("days").cast(pl.String),
        "CREATE_TIME": t14(c("created_at")),
    }, c("created_at")  # fmt: skip


def _tender_notice(_: Parties, __: pl.DataFrame) -> Made:
    # What is corrected later was first published with a sale of two days.
    sale_ended = (
        pl.when(_fault("correction"))
        .then(c("sale_ended_at") - (c("sale_ended_at") // DAY - c("notice_at") // DAY - 2) * DAY)
        .otherwise(c("sale_ended_at"))
    )
    return {
        **_codes("UNIFIED_DEAL_CODES", "BID_SECTION_CODES"),
        "NOTICE_BID_NUM": "1",
        "TRAD_CENTER_NAME": c("platform_name"),
        "TENDER_SELF_CODE": c("project_code"),
        "NOTICE_NAME": _titled("招标公告"),
        "NOTICE_CONTENT": pl.format(
            "{}已批准建设，招标人为{}，招标条件已具备，现对该项目施工进行公开招标。建设规模：{}，计划工期{}日历天。凡有意参加投标者，请在规定时间内登录交易平台获取招标文件。",
            c("name"), c("buyer_name"), c("thing"), c("days"),
        ),
        "NOTICE_SEND_TIME": t14(c("notice_at")),
        "NOTICE_MEDIA": c("medium"),
        "URL": _url("tender-notice"),
        "NOTICE_NATURE": "1",
        "BULLETIN_TYPE": "1",
        "DOC_GET_START_TIME": t14(c("notice_at")),
        "DOC_GET_END_TIME": t14(sale_ended),
        "TENDER_DOC_GET_METHOD": "登录交易平台网上下载",
        "BID_DOC_REFER_END_TIME": t14(c("deadline_at")),
        "IS_POSTPONE": _NO,
        "BID_OPEN_TIME": t14(c("deadline_at")),
        "BID_DOC_REFER_METHOD": "通过交易平台网上递交",
        "SYNDICATED_FLAG": _NO,
        "TENDERER_CODE": c("buyer_code"),
        "TENDERER_NAME": c("buyer_name"),
        "TENDERER_ADDRESS": _ADDRESS,
        "TENDERER_CONTACTOR": _CONTACT,
        "TENDERER_PHONE_NUMBER": c("phone"),
        "TENDERER_EMAIL": _EMAIL,
        "TENDER_AGENCY_CODE": c("agency_code"),
        "TENDER_AGENCY_NAME": c("agency_name"),
        "BULLETIN_DUTY": _DUTY,
        "BULLETIN_DUTY_CODE_TYPE": _EXAMINER,
    }, c("notice_at")  # fmt: skip


def _clarification(_: Parties, __: pl.DataFrame) -> Made:
    return {
        **_codes("UNIFIED_DEAL_CODES"),
        "DOC_NAME": _titled("答疑澄清"),
        "BID_QUALIFICATION": "与招标公告一致",
        "BID_DOC_REFER_END_TIME": t14(c("deadline_at")),
        "VALID_PERIOD": "90",
        "BID_DOC_REFER_METHOD": "通过交易平台网上递交",
        "MARGIN_PAY_TYPE": "银行转账或保函",
        "PRICE_FORM_CODE": _AMOUNT,
        "EVALUATING_METHOD": "综合评估法",
        "BID_OPEN_TIME": t14(c("deadline_at")),
        "BID_OPEN_PLACE": c("platform_name") + "第一开标室",
        "BID_OPEN_TYPE": "网上开标",
        "QUAL_TYPE": "资格后审",
        "CLARIFY_TIME": t14(c("clarified_at")),
        "IS_POSTPONE": _NO,
        "CLARIFY_CONTENT": pl.format(
            "针对投标人就{}招标文件提出的问题统一答复：一、工程量清单以本次发布的版本为准；二、{}的主要材料品牌要求调整为不低于推荐档次；三、其余内容不变，投标截止时间不变。",
            c("name"), c("thing"),
        ),
        "SUBMIT_TIME": t14(c("clarified_at")),
        "URL": _url("clarification"),
    }, c("clarified_at")  # fmt: skip


def _bid_opening(_: Parties, __: pl.DataFrame) -> Made:
    return {
        **_codes("UNIFIED_DEAL_CODES", "BID_SECTION_CODES"),
        "BID_SECTION_CODES": _unless("ruined_code", _RUINED_CODE, c("section_code")),
        "NOTICE_NAME": _titled("开标记录"),
        "BID_OPENING_ACTOR": "参与人甲、参与人乙、监督人丙",
        "BID_OPENING_CONTENT": pl.format(
            "{}开标会在{}举行，投标文件递交截止后按时开标，投标人均在规定时间内完成解密，招标人代表、代理机构和监督人员到场，唱标结果经各投标人确认无异议。",
            c("name"), c("platform_name"),
        ),
        "BID_OPENING_ADDRESS": c("platform_name") + "第一开标室",
        "BID_OPENING_TIME": t14(c("opened_at")),
        "URL": _url("bid-opening"),
    }, c("opened_at")  # fmt: skip


def _bid(parties: Parties, rows: pl.DataFrame) -> Made:
    name, code = _supplier(parties, rows)
    return {
        **_codes(),
        "BIDDER_NAME": name,
        "IS_LOST": _NO,
        "BIDDER_CODE_TYPE": "1",
        "BIDDER_ORG_CODE": code,
        "BIDDER_ROLE": "03",
        "BID_MANAGER": "项目经理甲",
        "PM_CODE": pl.format("模拟证件{}", c("serial") * 10 + c("rank")),
        "PM_CERTIFICATES": pl.format("二级建造师（模拟）第{}号", c("serial") * 10 + c("rank")),
        "IS_COMMIT_MARGIN": _YES,
        "MARGIN_PAY_FORM": "银行保函",
        "PRICE_FORM_CODE": _AMOUNT,
        "MARGIN_RECEIVE_TIME": t14(c("opened_at") - DAY),
        "BID_PRICE": amount(c("award") + c("estimate") * c("rank") // 200),
        "PRICE_CURRENCY": _YUAN,
        "PRICE_UNIT": c("price_unit"),
        "TIME_LIMIT": c("days").cast(pl.String),
        "CHECKIN_TIME": t14(c("opened_at") - 3600 * (c("rank") + 1)),
    }, c("opened_at")


def _tender_exception(_: Parties, __: pl.DataFrame) -> Made:
    return {
        **_codes(),
        "EXCEPITON_NAME": _titled("招标异常情况报告"),
        "EXCEPITON_INFOR": c("exception_type").replace_strict(_EXCEPTIONS),
        "APPROVAL_RESULT": "同意",
        "APPROVAL_TIME": t14(c("exception_at")),
        "EXCEPITON_TYPE": c("exception_type").cast(pl.String),
    }, c("exception_at")


def _candidate(parties: Parties, rows: pl.DataFrame) -> Made:
    name, code = _supplier(parties, rows)
    score = c("score") - c("rank") * 137
    return {
        **_codes(),
        "WIN_CANDIDATE_NAME": name,
        "BIDDER_CODE_TYPE": "1",
        "WIN_CANDIDATE_CODE": code,
        "BIDDER_ROLE": "03",
        "WIN_CANDIDATE_ORDER": (c("rank") + 1).cast(pl.String),
        "IS_FLOAT_RATE": _NO,
        "EVALUATION_RESULT": pl.format("{}.{}", score // 100, (score % 100).cast(pl.String).str.zfill(2)),
        "PRICE_FORM_CODE": _AMOUNT,
        "BID_PRICE": amount(c("award") + c("estimate") * c("rank") // 200),
        "PRICE_CURRENCY": _YUAN,
        "PRICE_UINT": c("price_unit"),
        "QUALITY": "合格",
        "EVALUATION_STATUS": "经评标委员会评审，符合招标文件的实质性要求",
        "WIN_CANDIDATE_QUALIFICATION": "具备招标文件要求的施工总承包资质、安全生产许可证和项目负责人资格，业绩满足要求",
    }, c("publicity_at")


def _candidate_publicity(parties: Parties, rows: pl.DataFrame) -> Made:
    name, _ = _supplier(parties, rows)
    return {
        **_codes(section="BID_SECTION_CODES"),
        "PUBLICITY_NAME": _titled("中标候选人公示"),
        "PUBLICITY_CONTENT": pl.format(
            "{}评标工作已经结束，经评标委员会评审推荐，第一中标候选人为{}，现予以公示。投标人或者其他利害关系人对评标结果有异议的，应当在公示期间以书面形式向招标人提出。",
            c("name"), name,
        ),
        "PUBLICITY_REFER_TIME": t14(c("publicity_at")),
        "NOTICE_MEDIA": c("medium"),
        "URL": _url("candidate-publicity"),
        "PUBLICITY_TYPE": "1",
        "PUBLICITY_START_TIME": _unless("impossible_time", _IMPOSSIBLE_TIME, t14(c("publicity_at"))),
        "PUBLICITY_END_TIME": _unless("missing_time", None, t14(c("publicity_ended_at"))),
        "OBJECTION_METHOD": f"书面递交至{_ADDRESS}，电话" + c("phone"),
        "BULLETIN_DUTY": _DUTY,
        "EXAMINER_NAME": _EXAMINER,
    }, c("publicity_at")  # fmt: skip


def _contract(parties: Parties, rows: pl.DataFrame) -> Made:
    name, code = _supplier(parties, rows)
    return {
        **_codes(),
        "CONTRACT_NAME": _titled("施工合同"),
        "TENDERER_NAME": c("buyer_name"),
        "TENDER_CODE": c("buyer_code"),
        "BIDDER_NAME": name,
        "BIDDER_CODE": code,
        "CONTRACT_PRICE": amount(c("award")),
        "PRICE_CURRENCY": _YUAN,
        "PRICE_UNIT": c("price_unit"),
        "PRICE_FORM_CODE": _AMOUNT,
        "CONTRACT_CONTENT": pl.format(
            "发包人{}与承包人{}就{}订立施工合同，承包范围为招标文件所列全部内容，合同工期{}日历天，工程款按形象进度支付，质量保证金为结算价款的百分之三。",
            c("buyer_name"), name, c("name"), c("days"),
        ),
        "LIMITE_TIME": c("days").cast(pl.String),
        "QUALITY_REQUIRE": "合格",
        "SUBMIT_TIME": t14(c("submitted_at")),
        "CONTRACT_SIGN_TIME": t14(c("signed_at")),
    }, c("submitted_at")  # fmt: skip


def _award_notice(parties: Parties, rows: pl.DataFrame) -> Made:
    name, code = _supplier(parties, rows)
    return {
        **_codes(),
        "REGION_CODE": c("region_code"),
        "TRA_PLACE_CODE": c("region_code"),
        "TENDER_AGENCY_NAME": c("agency_name"),
        "TENDER_AGENCY_CODE": c("agency_code"),
        "NOTICE_NAME": _titled("中标结果公告"),
        "NOTICE_CONTENT": pl.format(
            "{}中标候选人公示期已满，公示期间无异议，招标人{}依法确定中标人为{}，现将中标结果予以公告。中标人应当自中标通知书发出之日起三十日内与招标人订立书面合同。",
            c("name"), c("buyer_name"), name,
        ),
        "NOTICE_SEND_TIME": t14(c("award_at")),
        "NOTICE_MEDIA": c("medium"),
        "URL": _url("award-notice"),
        "NOTICE_NATURE": "1",
        "BULLETIN_TYPE": "1",
        "WIN_BIDDER_NAME": name,
        "BIDDER_CODE_TYPE": "1",
        "WIN_BIDDER_CODE": code,
        "BIDDER_ROLE": "03",
        "PRICE_FORM_CODE": _AMOUNT,
        "BID_AMOUNT": amount(c("award")),
        "BID_CURRENCY": _YUAN,
        "PRICE_UNIT": c("price_unit"),
        "BULLETIN_DUTY": _DUTY,
        "EXAMINER_NAME": _EXAMINER,
    }, c("award_at")  # fmt: skip


def _evaluation_report(_: Parties, __: pl.DataFrame) -> Made:
    return {
        **_codes(),
        "REPORT_NAME": _titled("评标报告"),
        "EVALUATED_TIME": t14(c("evaluated_at")),
        "RECEIVED_TIME": t14(c("received_at")),
        "SUPPLIER_DETERMINED_TIME": t14(c("determined_at")),
        "AWARD_LETTER_TIME": t14(c("letter_at")),
    }, pl.max_horizontal(c("received_at"), c("determined_at"), c("letter_at"))


def _procurement_notice(_: Parties, __: pl.DataFrame) -> Made:
    return {
        **_codes(section="PURCHASE_SECTION_CODE", project="PURCHASE_PROJECT_CODE"),
        "PURCHASE_PROJECT_NAME": c("name"),
        "BULLETIN_BID_NUM": "1",
        "BULLETIN_TITLE": _titled("采购公告"),
        "BULLETIN_CONTENT": pl.format(
            "{}受{}委托，对{}进行公开招标采购，欢迎符合资格条件的供应商参加。采购需求为{}，详见采购文件；采购文件自公告发布之日起在交易平台免费下载，逾期送达的投标文件不予受理。",
            c("agency_name"), c("buyer_name"), c("name"), c("thing"),
        ),
        "BULLETIN_START_TIME": t14(c("notice_at")),
        "BULLETIN_MEDIA": c("medium"),
        "URL": _url("procurement-notice"),
        "BID_CLOSING_TIME": t14(c("closing_at")),
        "BULLETIN_END_TIME": t14(c("notice_ended_at")),
        "DOC_GET_END_TIME": t14(c("provision_ended_at")),
        "REGION_CODE": c("region_code"),
        "BUDGET_AMOUNT": amount(c("estimate")),
        "PRICE_UNIT": c("price_unit"),
    }, c("notice_at")  # fmt: skip


def _procurement_result(parties: Parties, rows: pl.DataFrame) -> Made:
    name, code = _supplier(parties, rows)
    return {
        **_codes(section="PURCHASE_SECTION_CODE", project="PURCHASE_PROJECT_CODE"),
        "PURCHASE_PROJECT_NAME": c("name"),
        "REGION_CODE": c("region_code"),
        "TRA_PLACE_CODE": c("region_code"),
        "PURCHASER_AGENCY_NAME": c("agency_name"),
        "PURCHASER_AGENCY_CODE": c("agency_code"),
        "WIN_BID_BULLETIN_TITLE": _titled("中标成交结果公告"),
        "WIN_BID_BULLETIN_CONTENT": pl.format(
            "{}采购活动已经结束，经评审委员会评审并由采购人{}确认，中标（成交）供应商为{}，公告期限为一个工作日。供应商对结果有异议的，可以在法定期限内书面提出质疑。",
            c("name"), c("buyer_name"), name,
        ),
        "WIN_BID_BULLETIN_START_TIME": t14(c("result_at")),
        "URL": _url("procurement-result"),
        "WINNINGBIDDER_NAME": name,
        "WINNINGBIDDER_TYPE": "1",
        "WINNINGBIDDER_CODE": code,
        "PRICE_FORM_CODE": _AMOUNT,
        "WIN_BID_PRICE": amount(c("award")),
        "CURRENCY_CODE": _YUAN,
        "PRICE_UNIT": c("price_unit"),
        "CREATOR": _DUTY,
        "WIN_BID_BULLETIN_END_TIME": t14(c("result_notice_ended_at")),
    }, c("result_at")  # fmt: skip


def _procurement_contract(parties: Parties, rows: pl.DataFrame) -> Made:
    name, code = _supplier(parties, rows)
    return {
        **_codes(section="PURCHASE_SECTION_CODE", project="PURCHASE_PROJECT_CODE"),
        "PURCHASE_PROJECT_NAME": c("name"),
        "CONTRACT_NAME": _titled("采购合同"),
        "PURCHASER_NAME": c("buyer_name"),
        "PURCHASER_CODE": c("buyer_code"),
        "LEGAL_ROLE": "01",
        "SUPPLIER_NAME": name,
        "SUPPLIER_CODE": code,
        "PRICE_FORM_CODE": _AMOUNT,
        "CONTRACT_AMOUNT": amount(c("award")),
        "CURRENCY_CODE": _YUAN,
        "PRICE_UNIT": c("price_unit"),
        "CONTRACT_TERM": c("days").cast(pl.String),
        "SIGNING_TIME": t14(c("signed_at")),
        "URL": _url("procurement-contract"),
        "PUBLISHED_TIME": t14(c("published_at")),
    }, c("published_at")


def _land_notice(_: Parties, __: pl.DataFrame) -> Made:
    return {
        "ANNOUNCEMENT_GUID": c("section_code"),
        "LAND_PROJECT_NAME": c("name"),
        "UNIFIED_DEAL_CODE": c("deal_code"),
        "ANNOUNCEMENT_TITLE": _titled("挂牌公告"),
        "ANNOUNCEMENT_CONNECT": pl.format(
            "经{}人民政府批准，现以挂牌方式出让{}，土地用途为{}。中华人民共和国境内外的法人、自然人和其他组织均可申请参加，竞买人须按规定缴纳竞买保证金，按照价高者得的原则确定竞得人。",
            c("region_name"), c("name"), c("thing"),
        ),
        "LAND_DISTRICT": c("region_code"),
        "TRA_PLACE_CODE": c("region_code"),
        "TRA_AGENCY_NAME": c("platform_name"),
        "TRA_AGENCY_CODE": c("platform_code"),
        "URL": _url("land-notice"),
        "END_DATE": d8(c("listing_ended_at")),
        "CREATE_TIME": d8(c("notice_at")),
        "PUBLISHING_TIME": d8(c("notice_at")),
        "SUPPLY_TYPE": "3",
        "ANNOUNCEMENT_UNIT": c("region_name") + "国土资源局",
        "ANNOUNCEMENT_START_TIME": d8(c("notice_at")),
        "ANNOUNCEMENT_DEADLINE": d8(c("listing_ended_at")),
        "FIELD_NUM": "1",
        "LISTING_START_TIME": t14(c("listing_at")),
        "LISTING_DEADLINE": t14(c("listing_ended_at")),
        "LISTING_TYPE": "3",
        "ANNOUNCEMENT_TYPE": "1",
        "LIAISON_UNIT": c("region_name") + "国土资源局",
        "CONTACT_PERSON": _CONTACT,
        "CONTACT_NUMBER": c("phone"),
        "EMAIL": _EMAIL,
        "ANNOUNCEMENT_CODE": c("project_code"),
        "START_PRICE": amount(c("estimate")),
        "PRICE_UNIT": c("price_unit"),
    }, c("notice_at")  # fmt: skip


def _land_result(parties: Parties, rows: pl.DataFrame) -> Made:
    name, code = _supplier(parties, rows)
    return {
        "DEAL_LAND_CODE": c("section_code") + "01",
        "DEAL_ANNOUNCEMENT_GUID": c("section_code"),
        "UNIFIED_DEAL_CODE": c("deal_code"),
        "RELATE_CODE": "1",
        "LAND_PROJECT_NAME": c("name"),
        "REGION_CODE": c("region_code"),
        "TRA_PLACE_CODE": c("region_code"),
        "TRA_AGENCY_NAME": c("platform_name"),
        "TRA_AGENCY_CODE": c("platform_code"),
        "LAND_CODE": c("section_code") + "01",
        "LAND_AREA": pl.format("{}.00", c("score")),
        "LAND_USAGE": c("thing"),
        "LEND_AGE_LIMIT": "50",
        "LAND_POSITION": c("region_name") + _ADDRESS,
        "DEAL_PRICE": amount(c("premium")),
        "CURRENCY_CODE": _YUAN,
        "PRICE_UNIT": c("price_unit"),
        "LENDING_NAME": name,
        "LENDING_TYPE": "1",
        "LENDING_CODE": code,
        "LAND_URL": _url("land-result"),
        "ANNOUNCEMENT_TITLE": _titled("挂牌成交公示"),
        "ANNOUNCEMENT_CONNECT": pl.format(
            "{}挂牌出让活动已经结束，该宗地由{}竞得，土地用途为{}，现将出让结果予以公布。公示期间如有异议，请以书面形式向{}反映，逾期不予受理，竞得人应按期签订出让合同。",
            c("name"), name, c("thing"), c("platform_name"),
        ),
        "PUBLISHING_TIME": t14(c("result_at")),
    }, c("result_at")  # fmt: skip


def _since(column: str) -> pl.Expr:
    return c(column).is_not_null()


#: How the values of each data set are made, in the order of the files.
_VALUES: dict[str, Callable[[Parties, pl.DataFrame], Made]] = {
    "TENDER_PROJECT": _tender_project,
    "SECTION": _section,
    "TENDER_ANN_QUA_INQUERY_ANN": _tender_notice,
    "TENDER_FILE_CLARI_MODI": _clarification,
    "BID_OPENING_RECORD": _bid_opening,
    "TENDER_LIST": _bid,
    "TENDER_CANDIDATE": _candidate,
    "TENDER_CANDIDATE_ANNOUNCE": _candidate_publicity,
    "WIN_RESULT_ANNO": _award_notice,
    "CONTRACT_PERFORMANCE": _contract,
    "TENDER_ABNORMITY_REPORT": _tender_exception,
    "EVALUATION_REPORT": _evaluation_report,
    "PURCHASE_QUALI_INQUERY_ANN": _procurement_notice,
    "BID_DEAL_ANNOUNCE": _procurement_result,
    "PURCHASE_CONTRACT": _procurement_contract,
    "DEAL_BEHAVIOR_INFO": _land_notice,
    "DEAL_LAND_INFO": _land_result,
}
#: Which kinds of transactions have records of a data set, and since when one exists.
_HAPPENED: dict[str, dict[str, pl.Expr]] = {
    "TENDER_PROJECT": {"construction": _since("created_at")},
    "SECTION": {"construction": _since("created_at")},
    "TENDER_ANN_QUA_INQUERY_ANN": {"construction": _since("notice_at")},
    "TENDER_FILE_CLARI_MODI": {"construction": _since("clarified_at")},
    "BID_OPENING_RECORD": {"construction": _since("opened_at")},
    "TENDER_LIST": {"construction": _since("opened_at")},
    "TENDER_CANDIDATE": {"construction": _since("publicity_at")},
    "TENDER_CANDIDATE_ANNOUNCE": {"construction": _since("publicity_at")},
    "WIN_RESULT_ANNO": {"construction": _since("award_at") & ~_fault(ABSENT)},
    "CONTRACT_PERFORMANCE": {"construction": _since("submitted_at")},
    "TENDER_ABNORMITY_REPORT": {"construction": _since("exception_at")},
    "EVALUATION_REPORT": {"construction": _since("received_at"), "procurement": _since("received_at")},
    "PURCHASE_QUALI_INQUERY_ANN": {"procurement": _since("notice_at")},
    "BID_DEAL_ANNOUNCE": {"procurement": _since("result_at")},
    "PURCHASE_CONTRACT": {"procurement": _since("published_at")},
    "DEAL_BEHAVIOR_INFO": {"land": _since("notice_at")},
    "DEAL_LAND_INFO": {"land": _since("result_at")},
}
