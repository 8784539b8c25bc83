"""The obligations of a simulated city, computed a second time in plain Python from the delivered files.

Written from the text of the rules (docs/rules.md and the clauses it names), not from the models: no SQL, no seed of the project is read.
The calendar comes from the package chinesecalendar. Only canonical CSV in UTF-8 is understood, which is what a simulated city writes.
"""

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import chinese_calendar

Record = dict[str, str]

FILES = {
    "503": "TENDER_ANN_QUA_INQUERY_ANN",
    "504": "TENDER_FILE_CLARI_MODI",
    "506": "BID_OPENING_RECORD",
    "511": "TENDER_CANDIDATE_ANNOUNCE",
    "512": "CONTRACT_PERFORMANCE",
    "513": "WIN_RESULT_ANNO",
    "report": "EVALUATION_REPORT",
    "551": "PURCHASE_QUALI_INQUERY_ANN",
    "553": "BID_DEAL_ANNOUNCE",
    "554": "PURCHASE_CONTRACT",
    "600": "DEAL_BEHAVIOR_INFO",
    "601": "DEAL_LAND_INFO",
    "502": "SECTION",
    "request": "INFORMATION_REQUEST",
    "300": "VIOLATING_LAWS_RULES_INFO",
    "700": "LISTING_PUB_INFO",
    "701": "TRADE_RESULT_INFO",
    "750": "STOCK_LISTING_PUB_INFO",
    "753": "STOCK_TRADE_RESULT_INFO",
    "item": "DISCLOSURE_REGISTER",
    "decision": "PERMIT_PENALTY",
}
SUBJECT = {
    "503": "BID_SECTION_CODES",
    "504": "BID_SECTION_CODE",
    "506": "BID_SECTION_CODES",
    "511": "BID_SECTION_CODES",
    "512": "BID_SECTION_CODE",
    "513": "BID_SECTION_CODE",
    "report": "BID_SECTION_CODE",
    "551": "PURCHASE_SECTION_CODE",
    "553": "PURCHASE_SECTION_CODE",
    "554": "PURCHASE_SECTION_CODE",
    "600": "ANNOUNCEMENT_GUID",
    "601": "DEAL_ANNOUNCEMENT_GUID",
    "502": "BID_SECTION_CODE",
    "request": "REQUEST_NUMBER",
    "300": "VIOLATING_CODE",
    "item": "ITEM_CODE",
    "decision": "DOCUMENT_NUMBER",
    **dict.fromkeys(("700", "701", "750", "753"), "PROJECT_CODE"),
}
#: Times without which the standard does not take a record: present and unreadable, the record is set aside.
REQUIRED_TIMES = {
    "503": ["NOTICE_SEND_TIME", "DOC_GET_START_TIME", "DOC_GET_END_TIME", "BID_DOC_REFER_END_TIME", "BID_OPEN_TIME"],
    "504": ["BID_DOC_REFER_END_TIME", "BID_OPEN_TIME", "CLARIFY_TIME", "SUBMIT_TIME"],
    "506": ["BID_OPENING_TIME"],
    "511": ["PUBLICITY_REFER_TIME", "PUBLICITY_START_TIME", "PUBLICITY_END_TIME"],
    "512": ["CONTRACT_SIGN_TIME"],
    "513": ["NOTICE_SEND_TIME"],
    "report": ["RECEIVED_TIME"],
    "551": ["BULLETIN_START_TIME", "BID_CLOSING_TIME"],
    "553": ["WIN_BID_BULLETIN_START_TIME"],
    "554": [],
    "600": ["PUBLISHING_TIME", "END_DATE", "CREATE_TIME", "ANNOUNCEMENT_START_TIME", "ANNOUNCEMENT_DEADLINE"],
    "601": ["PUBLISHING_TIME"],
    "502": ["CREATE_TIME"],
    "request": ["RECEIVED_TIME"],
    "300": ["VIOLATING_TIME", "OPERATE_DATE"],
    "700": ["PUBLISH_DATE"],
    "701": ["TRADE_DATE"],
    "750": ["PUBLISH_DATE"],
    "753": ["TRADE_DATE"],
    "item": ["FORMED_TIME", "REVIEWED_TIME"],
    "decision": ["DECIDED_TIME"],
}
CONSTRUCTION, PROCUREMENT, LAND = {"502", "503", "504", "506", "511", "512", "513"}, {"551", "553", "554"}, {"600", "601"}


def when(text: str | None) -> datetime | None:
    """A time of the standard (yyyyMMddHHmmss or yyyyMMdd); None when it is missing, impossible or absurd."""
    text = (text or "").strip()
    for form in ("%Y%m%d%H%M%S", "%Y%m%d"):
        if len(text) == (14 if "H" in form else 8) and text.isdigit():
            try:
                moment = datetime.strptime(text, form)
            except ValueError:
                return None
            return moment if 1949 <= moment.year <= 2100 else None
    return None


def is_ruined(code: str) -> bool:
    """Whether a spreadsheet turned a code into a number."""
    return "E+" in code.upper() and code.upper().replace("E+", "").replace(".", "").isdigit()


@dataclass
class City:
    """Current records by data set, and the subjects of records that had to be set aside."""

    records: dict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))
    set_aside: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    covers_from: date = date.min
    covers_to: date = date.max
    as_of: date = date.max


def read_city(folder: Path, covers_from: date, covers_to: date, as_of: date, known_at: date) -> City:
    """Read every delivered file: exact repetitions once, of each record the latest version made by ``known_at``, withdrawn ones not at all."""
    city = City(covers_from=covers_from, covers_to=covers_to, as_of=as_of)
    for number, name in FILES.items():
        path = folder / f"{name}.csv"
        if not path.exists():
            continue
        latest: dict[tuple[str, ...], tuple[tuple[datetime, int], Record]] = {}
        seen: set[tuple[str, ...]] = set()
        with path.open(encoding="utf-8-sig", newline="") as stream:
            for position, record in enumerate(csv.DictReader(stream)):
                content = tuple(record.values())
                if content in seen:
                    continue
                seen.add(content)
                subject = record[SUBJECT[number]]
                broken = any((record[column] or "").strip() and when(record[column]) is None for column in REQUIRED_TIMES[number])
                if is_ruined(subject) or is_ruined(record.get("TENDER_PROJECT_CODE") or record.get("PURCHASE_PROJECT_CODE") or ""):
                    if not is_ruined(subject):
                        city.set_aside[number].add(subject)
                    continue
                if broken:
                    city.set_aside[number].add(subject)
                    continue
                made = when(record.get("DATA_TIMESTAMP"))
                if made and made.date() > known_at:
                    continue
                order = (made or datetime.min, position)
                key = (record.get("DATA_KEY") or str(position),)
                if key not in latest or order > latest[key][0]:
                    latest[key] = (order, record)
        city.records[number] = [record for _, record in latest.values() if record.get("DATA_TYPE", "").strip() != "3"]
    return city


def working_days_after(start: date, amount: int) -> date:
    """The last of ``amount`` working days; the day of the event is not counted."""
    day = start
    while amount:
        day += timedelta(days=1)
        amount -= chinese_calendar.is_workday(day)
    return day


def rolled(day: date) -> date:
    """The day itself, or the first working day after it (民法典 §203)."""
    while not chinese_calendar.is_workday(day):
        day += timedelta(days=1)
    return day


def _still_unknown(city: City, told: datetime | None) -> bool:
    """What is told only after the day asked about does not exist on that day."""
    return told is not None and told.date() > city.as_of


Verdicts = dict[tuple[str, str, str], tuple[str, date | None]]  # (rule, subject, record mark) → (outcome, due date)


def judge(city: City) -> Verdicts:
    """Every duty of the spine's rules with its outcome and due date."""
    verdicts: Verdicts = {}
    subjects_of = _subjects(city)
    for rule, kinds, pairs in _lasting_rules(city):
        for subject, mark, start, end, days in pairs:
            if subject not in subjects_of[kinds]:
                continue
            due = start.date() + timedelta(days=days) if start else None
            if start is None:
                outcome = "trigger_time_missing"
            elif end is None:
                outcome = "duty_time_missing"
            elif end.date() < start.date():
                outcome = "duty_before_trigger"
            else:
                outcome = "met" if end.date() >= due else "too_short"
            verdicts[rule, subject, mark] = (outcome, due)
    _judge_advance_notices(city, subjects_of, verdicts)
    _judge_answers(city, subjects_of, verdicts)
    _judge_existence(city, subjects_of, verdicts)
    _judge_office(city, verdicts)
    _judge_information(city, verdicts)
    _judge_procurement(city, subjects_of["procurement"], verdicts)
    _judge_property(city, verdicts)
    return verdicts


ORDER_87 = date(2017, 10, 1)


def _judge_procurement(city: City, subjects: set[str], verdicts: Verdicts) -> None:
    """How long notices stay and documents are given out, and the steps from the evaluation to the contract (令87号, 采购法实施条例 §31 §43)."""
    for rule, number, start, end, days, since in (
        ("P-01", "551", "BULLETIN_START_TIME", "BULLETIN_END_TIME", 5, ORDER_87),
        ("P-02", "551", "BULLETIN_START_TIME", "DOC_GET_END_TIME", 5, date(2015, 3, 1)),
        ("P-09", "553", "WIN_BID_BULLETIN_START_TIME", "WIN_BID_BULLETIN_END_TIME", 1, ORDER_87),
    ):
        for code, mark, record in _each(city, number):
            begun, ended = when(record[start]), when(record[end])
            if code not in subjects or begun is None or begun.date() < since or _still_unknown(city, begun):
                continue
            due = working_days_after(begun.date(), days)
            # Longer than set takes nothing from the public.
            verdicts[rule, code, mark] = ("duty_time_missing" if ended is None else "met" if ended.date() >= due else "too_short"), due
    for code, mark, record in _each(city, "report"):
        ended, received, determined = (when(record[column]) for column in ("EVALUATED_TIME", "RECEIVED_TIME", "SUPPLIER_DETERMINED_TIME"))
        if code not in subjects:
            continue
        # A report that says nothing of the supplier tells of a step not reached yet.
        for rule, trigger, duty, days in (
            ("P-06", ended, First(received), 2),
            ("P-07", received, First(determined) if determined else None, 5),
        ):
            if not _still_unknown(city, trigger):
                verdicts[rule, code, mark] = _answered(city, trigger, duty, lambda day, days=days: working_days_after(day, days), False)
    signed = _firsts(city, "554", "SIGNING_TIME")
    for code, letter in _firsts(city, "report", "AWARD_LETTER_TIME", may_lack=True).items():
        if code in subjects:
            verdicts["P-10", code, ""] = _answered(city, letter.at, signed.get(code), lambda day: rolled(day + timedelta(days=30)), False)


ORDER_32 = date(2016, 6, 24)


def _judge_property(city: City, verdicts: Verdicts) -> None:
    """How long the result of a stake is announced (令32号), and that listing and result of stakes and assets were announced at all."""
    _judge_listings(city, verdicts)
    announced = _firsts(city, "753", "RESULT_PUBLISH_DATE")
    until = _firsts(city, "753", "RESULT_PUBLISH_END_DATE", known="RESULT_PUBLISH_DATE")
    for code, first in announced.items():
        if first.at is None:
            verdicts["C-05", code, ""] = ("trigger_time_missing", None)
        elif first.at.date() >= ORDER_32:
            verdicts["C-05", code, ""] = _lasting(first.at, until[code].at, working_days_after(first.at.date(), 5))
    for listing, announcing, listings, results, since in (("E-31", "E-33", "750", "753", date(2009, 7, 1)), ("E-32", "E-34", "700", "701", ORDER_32)):
        listed, published = _firsts(city, listings, "PUBLISH_DATE"), _firsts(city, results, "RESULT_PUBLISH_DATE")
        for code, traded in _firsts(city, results, "TRADE_DATE").items():
            if traded.at is None or traded.at.date() >= since:
                verdicts[listing, code, ""] = _announced(city, traded, listed.get(code))
            if traded.at is None or traded.at.date() >= ORDER_32:
                verdicts[announcing, code, ""] = _answered(city, traded.at, published.get(code), lambda day: working_days_after(day, 20), True)


def _judge_listings(city: City, verdicts: Verdicts) -> None:
    """How long stakes are listed (操作规则 §17), and assets by their price (令32号)."""
    for code, mark, record in _each(city, "750"):
        listed = when(record["PUBLISH_DATE"])
        if listed is None:
            verdicts["C-01", code, mark] = ("trigger_time_missing", None)
        elif not _still_unknown(city, listed):
            verdicts["C-01", code, mark] = _lasting(listed, when(record["PUBLISH_END_DATE"]), working_days_after(listed.date(), 20))
    for code, mark, record in _each(city, "700"):
        listed = when(record["PUBLISH_DATE"])
        price = float(record["PROJECT_PRICE"]) * {"0": 1, "1": 10_000}[record["PRICE_UNIT"]]
        # At ten million exactly neither rule asks for anything, nor up to one million.
        rule, days = ("C-03", 10) if price < 10_000_000 else ("C-04", 20)
        if listed is None or listed.date() < ORDER_32 or _still_unknown(city, listed) or price <= 1_000_000 or price == 10_000_000:
            continue
        verdicts[rule, code, mark] = _lasting(listed, when(record["PUBLISH_END_DATE"]), working_days_after(listed.date(), days))


def _lasting(begun: datetime, ended: datetime | None, due: date) -> tuple[str, date]:
    if ended is None:
        return "duty_time_missing", due
    if ended.date() < begun.date():
        return "duty_before_trigger", due
    return ("met" if ended.date() >= due else "too_short"), due


def _judge_office(city: City, verdicts: Verdicts) -> None:
    """A request is answered within 15 working days (条例 2007 §24), a penalty reported within 2."""
    for number, rule, asked, answered, days in (
        ("request", "G-02", "RECEIVED_TIME", "ANSWERED_TIME", 15),
        ("300", "B-01", "DECISION_TIME", "REPORT_TIME", 2),
    ):
        for subject, mark, record in _each(city, number):
            start, end = when(record[asked]), when(record[answered])
            if start is None:
                verdicts[rule, subject, mark] = ("trigger_time_missing", None)
                continue
            if _still_unknown(city, start):
                continue
            due = working_days_after(start.date(), days)
            if end is not None and not _still_unknown(city, end):
                outcome = "duty_before_trigger" if end.date() < start.date() else "met" if end.date() <= due else "late"
            else:
                outcome = "pending" if due >= city.as_of else "absent"
            verdicts[rule, subject, mark] = (outcome, due)


DOUBLE_PUBLICITY = date(2016, 1, 1)


def _judge_information(city: City, verdicts: Verdicts) -> None:
    """What is to be disclosed is published within 20 working days of forming (条例 2007 §18) and reviewed before; decisions within 7 (双公示)."""

    def within(days: int) -> Callable[[date], date]:
        return lambda day: working_days_after(day, days)

    for item, mark, record in _each(city, "item"):
        formed, reviewed, published = (when(record[column]) for column in ("FORMED_TIME", "REVIEWED_TIME", "PUBLISHED_TIME"))
        if record["OPENNESS"] == "主动公开" and formed and not _still_unknown(city, formed):
            told = First(published) if published else None
            verdicts["G-01", item, mark] = _answered(city, formed, told, within(20), False)
            verdicts["E-41", item, mark] = _answered(city, formed, told, within(20), True)
        if published and not _still_unknown(city, published):
            verdicts["G-11", item, mark] = _reviewed(city, published, reviewed), published.date()
    for decision, mark, record in _each(city, "decision"):
        decided, published = when(record["DECIDED_TIME"]), when(record["PUBLISHED_TIME"])
        if decided is None or (decided.date() >= DOUBLE_PUBLICITY and not _still_unknown(city, decided)):
            verdicts["G-06", decision, mark] = _answered(city, decided, First(published) if published else None, within(7), False)
    for decision in city.set_aside["decision"]:
        verdicts["G-06", decision, ""] = ("trigger_time_missing", None)


def _reviewed(city: City, published: datetime, reviewed: datetime | None) -> str:
    """A review is looked for on the day of publication or before; that there was none is known only where the register covers the time before."""
    if reviewed and not _still_unknown(city, reviewed):
        return "met" if reviewed.date() <= published.date() else "late"
    if published.date() - timedelta(days=60) < city.covers_from or published.date() > city.covers_to:
        return "outside_coverage"
    return "absent"


def _codes(record: Record, number: str) -> list[str]:
    text = record[SUBJECT[number]]
    for separator in ";,，；、|":
        text = text.replace(separator, " ")
    return sorted({code.strip().upper() for code in text.split()})


def _subjects(city: City) -> dict[str, set[str]]:
    named = {
        kind: {code for number in numbers for record in city.records[number] for code in _codes(record, number)}
        for kind, numbers in (("construction", CONSTRUCTION), ("procurement", PROCUREMENT), ("land", LAND))
    }
    # A report tells nothing of the kind; what no other record names is taken for a construction section.
    reported = {code for record in city.records["report"] for code in _codes(record, "report")}
    named["construction"] |= reported - named["procurement"] - named["land"]
    return named


def _each(city: City, number: str) -> Iterator[tuple[str, str, Record]]:
    for record in city.records[number]:
        for code in _codes(record, number):
            yield code, record.get("DATA_KEY") or "", record


def _lasting_rules(city: City) -> Iterable[tuple[str, str, list[tuple[str, str, datetime | None, datetime | None, int]]]]:
    def spans(number: str, start: str, end: str, days: int) -> list[tuple[str, str, datetime | None, datetime | None, int]]:
        known = {"503": "NOTICE_SEND_TIME", "511": "PUBLICITY_START_TIME", "551": "BULLETIN_START_TIME", "600": "PUBLISHING_TIME"}[number]
        rows = []
        for code, mark, record in _each(city, number):
            if _still_unknown(city, when(record[known])):
                continue
            rows.append((code, mark, when(record[start]), when(record[end]), days))
        # What was set aside happened, but nobody knows when.
        return rows + [(code, "", None, None, days) for code in city.set_aside[number]]

    yield "T-01", "construction", spans("503", "DOC_GET_START_TIME", "DOC_GET_END_TIME", 5)
    yield "T-03", "construction", spans("503", "DOC_GET_START_TIME", "BID_DOC_REFER_END_TIME", 20)
    yield "T-08", "construction", spans("511", "PUBLICITY_START_TIME", "PUBLICITY_END_TIME", 3)
    yield "P-03", "procurement", spans("551", "BULLETIN_START_TIME", "BID_CLOSING_TIME", 20)
    yield "L-02", "land", spans("600", "LISTING_START_TIME", "LISTING_DEADLINE", 10)


def _judge_advance_notices(city: City, subjects_of: dict[str, set[str]], verdicts: Verdicts) -> None:
    for code, mark, record in _each(city, "504"):
        postponed = record.get("IS_POSTPONE", "").strip() == "1"
        deadline = when(record.get("POST_OPEN_TIME")) if postponed else None
        deadline = deadline or when(record["BID_DOC_REFER_END_TIME"])
        issued = when(record["CLARIFY_TIME"]) or when(record["SUBMIT_TIME"])
        if code in subjects_of["construction"] and not _still_unknown(city, issued):
            verdicts["T-04", code, mark] = _in_advance(deadline, issued, 15)
    for code, mark, record in _each(city, "600"):
        if code in subjects_of["land"] and not _still_unknown(city, when(record["PUBLISHING_TIME"])):
            verdicts["L-01", code, mark] = _in_advance(when(record["LISTING_START_TIME"]), when(record["PUBLISHING_TIME"]), 20)
    for rule, number, kind in (("T-04", "504", "construction"), ("L-01", "600", "land")):
        for code in city.set_aside[number]:
            if code in subjects_of[kind]:
                verdicts[rule, code, ""] = ("trigger_time_missing", None)


def _in_advance(event: datetime | None, notice: datetime | None, days: int) -> tuple[str, date | None]:
    if event is None:
        return "trigger_time_missing", None
    due = event.date() - timedelta(days=days)
    if notice is None:
        return "duty_time_missing", due
    return ("met" if notice.date() <= due else "late"), due


@dataclass
class First:
    """The first dated occurrence of something for a subject; ``at`` is None when it only is known to have happened."""

    at: datetime | None


def _firsts(city: City, number: str, column: str, *, may_lack: bool = False, known: str | None = None) -> dict[str, First]:
    found: dict[str, First] = {}
    for code, _, record in _each(city, number):
        at = when(record[column])
        if may_lack and at is None:
            continue
        if _still_unknown(city, when(record[known]) if known else at):
            continue
        if code not in found or (at is not None and (found[code].at is None or at < found[code].at)):
            found[code] = First(at)
    if not may_lack:
        for code in city.set_aside[number]:
            found.setdefault(code, First(None))
    return found


def _judge_answers(city: City, subjects_of: dict[str, set[str]], verdicts: Verdicts) -> None:
    """Duties to do B within n days of A."""
    publicity = _firsts(city, "511", "PUBLICITY_START_TIME")
    contract = _firsts(city, "512", "CONTRACT_SIGN_TIME")
    award = _firsts(city, "513", "NOTICE_SEND_TIME")
    result = _firsts(city, "553", "WIN_BID_BULLETIN_START_TIME")
    land_result = _firsts(city, "601", "PUBLISHING_TIME")
    listing_end = _firsts(city, "600", "LISTING_DEADLINE", known="PUBLISHING_TIME")

    def calendar(days: int) -> Callable[[date], date]:
        return lambda day: rolled(day + timedelta(days=days))

    def working(days: int) -> Callable[[date], date]:
        return lambda day: working_days_after(day, days)

    table = [
        ("T-07", "construction", _firsts(city, "report", "RECEIVED_TIME"), publicity, calendar(3), False),
        ("T-10", "construction", _firsts(city, "report", "AWARD_LETTER_TIME", may_lack=True), contract, calendar(30), False),
        ("P-08", "procurement", _firsts(city, "report", "SUPPLIER_DETERMINED_TIME", may_lack=True), result, working(2), False),
        ("L-03", "land", listing_end, land_result, working(10), False),
        ("E-04", "construction", award, contract, calendar(30), True),
        ("E-22", "land", listing_end, land_result, working(10), True),
    ]
    for rule, kind, triggers, duties, due_after, earlier_is_met in table:
        for code, trigger in triggers.items():
            if code in subjects_of[kind]:
                verdicts[rule, code, ""] = _answered(city, trigger.at, duties.get(code), due_after, earlier_is_met)
    for rule, earlier_is_met in (("P-11", False), ("E-13", True)):
        for code, mark, record in _each(city, "554"):
            if code in subjects_of["procurement"] and not _still_unknown(city, when(record["SIGNING_TIME"])):
                verdicts[rule, code, mark] = _answered(
                    city, when(record["SIGNING_TIME"]), First(when(record["PUBLISHED_TIME"])), working(2), earlier_is_met
                )


def _answered(  # noqa: PLR0911
    city: City, trigger: datetime | None, duty: First | None, due_after: Callable[[date], date], earlier_is_met: bool
) -> tuple[str, date | None]:
    if trigger is None:
        return "trigger_time_missing", None
    due = due_after(trigger.date())
    done = duty.at if duty and duty.at and duty.at.date() <= city.as_of else None
    if done is not None:
        if done.date() < trigger.date():
            return ("met" if earlier_is_met else "duty_before_trigger"), due
        return ("met" if done.date() <= due else "late"), due
    if duty is not None and duty.at is None:
        return "duty_time_missing", due
    if city.as_of <= due:
        return "pending", due
    if trigger.date() < city.covers_from or due > city.covers_to:
        return "outside_coverage", due
    return "absent", due


def _judge_existence(city: City, subjects_of: dict[str, set[str]], verdicts: Verdicts) -> None:
    """What must have been published by the time a later stage is reached."""
    table = [
        ("E-01", "construction", _firsts(city, "506", "BID_OPENING_TIME"), _firsts(city, "503", "NOTICE_SEND_TIME")),
        ("E-02", "construction", _firsts(city, "513", "NOTICE_SEND_TIME"), _firsts(city, "511", "PUBLICITY_START_TIME")),
        ("E-03", "construction", _firsts(city, "512", "CONTRACT_SIGN_TIME"), _firsts(city, "513", "NOTICE_SEND_TIME")),
        ("E-11", "procurement", _firsts(city, "553", "WIN_BID_BULLETIN_START_TIME"), _firsts(city, "551", "BULLETIN_START_TIME")),
        ("E-12", "procurement", _firsts(city, "554", "SIGNING_TIME"), _firsts(city, "553", "WIN_BID_BULLETIN_START_TIME")),
        ("E-21", "land", _firsts(city, "601", "PUBLISHING_TIME"), _firsts(city, "600", "PUBLISHING_TIME")),
    ]
    for rule, kind, stages, notices in table:
        for code, stage in stages.items():
            if code in subjects_of[kind]:
                verdicts[rule, code, ""] = _announced(city, stage, notices.get(code))


def _announced(city: City, stage: First, notice: First | None) -> tuple[str, date | None]:
    """Whether a notice was there when a stage was reached."""
    if stage.at is None:
        return "trigger_time_missing", None
    due = stage.at.date()
    if notice is not None and notice.at is not None and notice.at.date() <= city.as_of:
        return ("met" if notice.at.date() <= due else "late"), due
    if notice is not None and notice.at is None:
        return "duty_time_missing", due
    if due > city.as_of:
        return "pending", due
    if due - timedelta(days=60) < city.covers_from or due > city.covers_to:
        return "outside_coverage", due
    return "absent", due
