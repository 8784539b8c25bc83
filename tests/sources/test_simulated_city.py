"""Simulated cities: the same bytes each time, codes that hold, stages in order, and everything planted where the answers say."""

import csv
import hashlib
import json
import tomllib
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from sources.definitions import datasets
from sources.deliveries import delivered_files, read_statement
from sources.simulated import SimulationSummary, UnknownCity, simulate_city, simulate_sections
from sources.simulated.working_week import backward, day_number, forward, weekday, working_days_later, yyyymmdd

SECTIONS = 3000
Records = dict[str, list[dict[str, str]]]
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
DEAL_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
SUBJECTS = ("BID_SECTION_CODE", "BID_SECTION_CODES", "PURCHASE_SECTION_CODE", "ANNOUNCEMENT_GUID", "DEAL_ANNOUNCEMENT_GUID")
LONGER_THAN_A_CHUNK = 50_001


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> SimulationSummary:
    return simulate_sections(SECTIONS, 7, tmp_path_factory.mktemp("city"))


@pytest.fixture(scope="module")
def xianning(tmp_path_factory: pytest.TempPathFactory) -> SimulationSummary:
    return simulate_city("xianning-2017", tmp_path_factory.mktemp("xianning"))


@pytest.fixture(scope="module")
def records(city: SimulationSummary) -> Records:
    return read(city)


def read(summary: SimulationSummary) -> Records:
    found = {}
    for path in summary.files:
        with path.open(encoding="utf-8", newline="") as stream:
            found[path.stem] = list(csv.DictReader(stream))
    return found


def subject(record: dict[str, str]) -> str:
    return next(record[name] for name in SUBJECTS if name in record)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%d%H%M%S" if len(text) == 14 else "%Y%m%d")


def test_the_same_city_has_the_same_bytes_and_another_seed_has_not(city: SimulationSummary, tmp_path: Path) -> None:
    simulate_sections(SECTIONS, 7, tmp_path / "again")
    simulate_sections(SECTIONS, 8, tmp_path / "other")
    first, other = contents(city.answers.parent), contents(tmp_path / "other")
    assert first == contents(tmp_path / "again")
    assert all(first[path.name] != other[path.name] for path in city.files)


def test_files_are_deliveries_of_their_data_sets(city: SimulationSummary, records: Records) -> None:
    folder = city.answers.parent
    statement = read_statement(folder)
    assert (statement.covers_from, statement.covers_to, statement.as_of) == (date(2017, 1, 1), date(2018, 1, 24), date(2018, 1, 25))
    assert {file.name for file in delivered_files(folder, statement)} == {path.name for path in city.files}
    for path in city.files:
        headings = next(csv.reader([path.read_text(encoding="utf-8").splitlines()[0]]))
        assert headings == [column.national for column in datasets()[path.stem].columns] + ["DATA_TYPE", "DATA_KEY", "DATA_TIMESTAMP"]
        assert len(records[path.stem]) == city.records[path.stem] > 0
    assert city.total == sum(map(len, records.values()))
    assert json.loads(city.answers.read_text(encoding="utf-8"))["records"] == city.records


def test_required_columns_are_filled_but_for_what_was_planted(city: SimulationSummary, records: Records) -> None:
    planted = {(fault["dataset"], fault["row_number"], fault["column"]) for fault in faults(city) if fault["kind"] == "missing_time"}
    empty = {
        (name, row, column.national)
        for name, rows in records.items()
        for column in datasets()[name].columns
        if column.required
        for row, record in enumerate(rows, start=2)
        if not record[column.national]
    }
    assert planted
    assert empty == planted


def faults(summary: SimulationSummary) -> list[dict[str, object]]:
    return list(json.loads(summary.answers.read_text(encoding="utf-8"))["faults"])


def test_unified_deal_codes_have_their_check_character(records: Records) -> None:
    for rows in records.values():
        for record in rows:
            code = record.get("UNIFIED_DEAL_CODE") or record["UNIFIED_DEAL_CODES"]
            plain = code.replace("-", "")
            assert (len(code), len(plain)) == (40, 36)
            total = sum(DEAL_ALPHABET.index(character) * 2**place for place, character in enumerate(reversed(plain[:-1]), start=1))
            assert (total + DEAL_ALPHABET.index(plain[-1])) % 37 == 1


def test_credit_codes_have_both_their_check_characters(records: Records) -> None:
    codes = {record[column] for rows in records.values() for record in rows for column in record if column in CREDIT_COLUMNS and record[column]}
    assert len(codes) > 1000
    for code in codes:
        total = sum(CREDIT_ALPHABET.index(character) * 3**place for place, character in enumerate(code[:17]))
        assert (total + CREDIT_ALPHABET.index(code[17])) % 31 == 0
        organisation = sum(int(character) * weight for character, weight in zip(code[8:16], (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
        assert "0123456789X".index(code[16]) == -organisation % 11


CREDIT_COLUMNS = {
    "WIN_BIDDER_CODE",
    "BIDDER_CODE",
    "WIN_CANDIDATE_CODE",
    "TENDERER_CODE",
    "TENDER_AGENCY_CODE",
    "PURCHASER_CODE",
    "SUPPLIER_CODE",
    "TRA_AGENCY_CODE",
    "LENDING_CODE",
}


def test_codes_have_their_lengths_and_message_keys_are_unique(records: Records) -> None:
    for section in records["SECTION"]:
        project, code = section["TENDER_PROJECT_CODE"], section["BID_SECTION_CODE"]
        assert (len(project), len(code), code[:20], code[1:7]) == (20, 23, project, section["REGION_CODE"])
    keys = Counter(record["DATA_KEY"] for rows in records.values() for record in rows if record["DATA_TYPE"] == "1")
    assert all(len(key) == 22 and key.isdigit() for key in keys)
    again = {record["DATA_KEY"] for record in repeated(records)}
    assert {key for key, times in keys.items() if times > 1} == again


def repeated(records: Records) -> list[dict[str, str]]:
    counts = Counter(tuple(record.values()) for record in records["WIN_RESULT_ANNO"])
    return [record for record in records["WIN_RESULT_ANNO"] if counts[tuple(record.values())] > 1]


def test_titles_are_unique_and_of_natural_length(records: Records) -> None:
    titles = [record["NOTICE_NAME"] for record in records["WIN_RESULT_ANNO"]]
    assert len(set(titles)) == len(titles) - len(repeated(records)) // 2
    for name, rows in records.items():
        definition = datasets()[name]
        for record in rows:
            for column in definition.columns:
                if column.name == "notice_title":
                    assert 25 <= len(record[column.national]) <= 40
                elif column.name == "notice_content":
                    assert 60 <= len(record[column.national]) <= 150


def test_people_are_plainly_invented(records: Records) -> None:
    seen = {record[column.national] for name, rows in records.items() for column in datasets()[name].columns if column.personal for record in rows}
    assert seen <= {"", "责任人甲", "验证人乙", "联系人甲", "0715-0000000", "lianxi@example.invalid", "参与人甲、参与人乙、监督人丙"}


def test_stages_follow_each_other(tmp_path: Path) -> None:
    clean = read(simulate_sections(1500, 3, tmp_path, faults=False))

    def of(name: str, column: str) -> dict[str, datetime]:
        return {subject(record): moment(record[column]) for record in clean[name] if record[column]}

    chains = [
        [
            of("SECTION", "CREATE_TIME"), of("TENDER_ANN_QUA_INQUERY_ANN", "NOTICE_SEND_TIME"), of("TENDER_FILE_CLARI_MODI", "CLARIFY_TIME"),
            of("BID_OPENING_RECORD", "BID_OPENING_TIME"), of("EVALUATION_REPORT", "EVALUATED_TIME"), of("EVALUATION_REPORT", "RECEIVED_TIME"),
            of("TENDER_CANDIDATE_ANNOUNCE", "PUBLICITY_START_TIME"), of("TENDER_CANDIDATE_ANNOUNCE", "PUBLICITY_END_TIME"), of("WIN_RESULT_ANNO", "NOTICE_SEND_TIME"),
            of("EVALUATION_REPORT", "AWARD_LETTER_TIME"), of("CONTRACT_PERFORMANCE", "CONTRACT_SIGN_TIME"),
        ],
        [
            of("PURCHASE_QUALI_INQUERY_ANN", "BULLETIN_START_TIME"), of("PURCHASE_QUALI_INQUERY_ANN", "BID_CLOSING_TIME"), of("EVALUATION_REPORT", "EVALUATED_TIME"),
            of("EVALUATION_REPORT", "RECEIVED_TIME"), of("EVALUATION_REPORT", "SUPPLIER_DETERMINED_TIME"), of("BID_DEAL_ANNOUNCE", "WIN_BID_BULLETIN_START_TIME"),
            of("PURCHASE_CONTRACT", "SIGNING_TIME"), of("PURCHASE_CONTRACT", "PUBLISHED_TIME"),
        ],
        [
            of("DEAL_BEHAVIOR_INFO", "PUBLISHING_TIME"), of("DEAL_BEHAVIOR_INFO", "LISTING_START_TIME"), of("DEAL_BEHAVIOR_INFO", "LISTING_DEADLINE"),
            of("DEAL_LAND_INFO", "PUBLISHING_TIME"),
        ],
    ]  # fmt: skip
    compared = 0
    for chain in chains:
        for code in chain[0] or chain[1]:
            times = [stage[code] for stage in chain if code in stage]
            assert times == sorted(times), code
            compared += len(times) - 1
    assert compared > 8000


def test_land_is_not_sold_below_its_starting_price(records: Records) -> None:
    starting = {subject(record): float(record["START_PRICE"]) for record in records["DEAL_BEHAVIOR_INFO"]}
    assert records["DEAL_LAND_INFO"]
    assert all(float(record["DEAL_PRICE"]) >= starting[subject(record)] for record in records["DEAL_LAND_INFO"])


def test_nothing_is_known_before_it_is_delivered(records: Records) -> None:
    assert max(moment(record["DATA_TIMESTAMP"]) for rows in records.values() for record in rows) < datetime(2018, 1, 25)
    assert len(records["CONTRACT_PERFORMANCE"]) < len(records["SECTION"])


def test_everything_planted_stands_where_the_answers_say(city: SimulationSummary, records: Records) -> None:
    planted = faults(city)
    kinds = Counter(str(fault["kind"]) for fault in planted)
    assert sum(kinds[kind] for kind in FAULT_KINDS) == SECTIONS // 200
    assert set(kinds) == FAULT_KINDS | LAPSE_KINDS
    for fault in planted:
        rows = records[str(fault["dataset"])]
        if fault["row_number"] is None:
            assert fault["kind"] == "award_notice_absent"
            assert fault["subject"] not in {subject(record) for record in rows}
            assert fault["subject"] in {subject(record) for record in records["CONTRACT_PERFORMANCE"]}
            continue
        record = rows[int(str(fault["row_number"])) - 2]
        assert record[str(fault["column"])] == (fault["value"] or "")
        assert subject(record) == ("2.01531E+16" if fault["kind"] == "ruined_code" else fault["subject"])


FAULT_KINDS = {
    "ruined_code", "impossible_time", "missing_time", "duplicate", "correction", "withdrawal", "award_notice_absent", "award_before_publicity", "publicity_before_report",
}  # fmt: skip
LAPSE_KINDS = {
    "clarification_late", "candidate_publicity_late", "publicity_too_short", "contract_late", "result_late", "contract_published_late", "land_notice_late",
    "notice_too_short", "document_provision_too_short", "result_notice_too_short",
}  # fmt: skip


def test_further_rows_are_later_versions_or_repetitions(city: SimulationSummary, records: Records) -> None:
    assert {"duplicate", "correction", "withdrawal"} <= {fault["kind"] for fault in faults(city)}
    for fault in faults(city):
        rows = records[str(fault["dataset"])]
        if fault["kind"] not in ("duplicate", "correction", "withdrawal"):
            continue
        later = rows[int(str(fault["row_number"])) - 2]
        earlier = next(record for record in rows if record["DATA_KEY"] == later["DATA_KEY"])
        if fault["kind"] == "duplicate":
            assert earlier == later and earlier is not later
        else:
            assert (earlier["DATA_TYPE"], later["DATA_TYPE"]) == ("1", "2" if fault["kind"] == "correction" else "3")
            assert earlier["DATA_TIMESTAMP"] < later["DATA_TIMESTAMP"]
        if fault["kind"] == "correction":
            assert earlier["DOC_GET_END_TIME"] < later["DOC_GET_END_TIME"]


def test_xianning_has_its_thirty_thousand_records(xianning: SimulationSummary) -> None:
    not_pushed = ("EVALUATION_REPORT", "INFORMATION_REQUEST", "POINT_NOTICE", "CREDIT_COMMITMENT", "PUSH_RECEIPT")
    # 30,000余 says the report.
    assert 30_000 <= xianning.total - sum(xianning.records[name] for name in not_pushed) < 33_000
    assert (xianning.records["INFORMATION_REQUEST"], xianning.records["VIOLATING_LAWS_RULES_INFO"]) == (135, 17)
    kinds = Counter(str(fault["kind"]) for fault in faults(xianning))
    assert (kinds["correction"], kinds["withdrawal"]) == (20, 3)
    assert set(kinds) == LAPSE_KINDS | {"correction", "withdrawal"}
    assert tomllib.loads((xianning.answers.parent / "delivery.toml").read_text(encoding="utf-8"))["region_code"] == "421200"


def test_xianning_has_the_ledger_that_its_report_counts(xianning: SimulationSummary) -> None:
    counted = {"POINT_NOTICE": 24, "BLACK_LIST": 2, "WITHDRAW_BLACK_LIST": 0, "CREDIT_COMMITMENT": 177}
    assert {name: xianning.records[name] for name in counted} == counted
    written = read(xianning)
    for name in counted:
        headings = (xianning.answers.parent / f"{name}.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
        assert set(headings) <= {column.national for column in datasets()[name].columns}
        assert len(
            {tuple(record[column.national] for column in datasets()[name].columns if column.name in datasets()[name].key) for record in written[name]}
        ) == len(written[name])
    cases = {record["VIOLATING_CODE"]: record["BODY_CODE"] for record in written["VIOLATING_LAWS_RULES_INFO"]}
    notices = written["POINT_NOTICE"]
    assert {record["VIOLATION_CODE"]: record["BODY_CODE"] for record in notices if record["VIOLATION_CODE"]} == cases
    assert {record["BODY_CODE"] for record in written["BLACK_LIST"]} < {record["BODY_CODE"] for record in notices}
    due = {subject(record): record["BID_OPENING_TIME"] for record in written["BID_OPENING_RECORD"]}
    assert all("20170101" < record["SIGNED_TIME"] < due[record["SECTION_CODE"]] < "2018" for record in written["CREDIT_COMMITMENT"])


def test_tenders_that_failed_end_with_their_report(xianning: SimulationSummary) -> None:
    written = read(xianning)
    reports = {record["BID_SECTION_CODE"]: record for record in written["TENDER_ABNORMITY_REPORT"]}
    assert len(reports) == len(written["TENDER_ABNORMITY_REPORT"]) == 60
    assert {record["EXCEPITON_TYPE"] for record in reports.values()} == {"1", "2", "3", "9"}
    last = {record["BID_SECTION_CODE"]: record for record in written["SECTION"]}
    notices = {record["BID_SECTION_CODES"]: record for record in written["TENDER_ANN_QUA_INQUERY_ANN"]}
    for code, report in reports.items():
        assert last[code]["CREATE_TIME"] < notices[code]["NOTICE_SEND_TIME"] < report["APPROVAL_TIME"] < "20180125"
        assert (report["APPROVAL_TIME"] < notices[code]["BID_OPEN_TIME"]) == (report["EXCEPITON_TYPE"] == "3")
    later = ("BID_OPENING_RECORD", "TENDER_LIST", "TENDER_CANDIDATE_ANNOUNCE", "WIN_RESULT_ANNO", "CONTRACT_PERFORMANCE", "EVALUATION_REPORT")
    assert not reports.keys() & {subject(record) for name in later for record in written[name]}


def test_whoever_stands_for_the_award_has_bid(xianning: SimulationSummary) -> None:
    written = read(xianning)
    bidders: dict[str, list[str]] = {}
    for record in written["TENDER_LIST"]:
        bidders.setdefault(record["BID_SECTION_CODE"], []).append(record["BIDDER_ORG_CODE"])
    opened = {subject(record): record["BID_OPENING_TIME"] for record in written["BID_OPENING_RECORD"]}
    assert bidders.keys() == {code for code, time in opened.items() if time >= "20171201"}
    assert all(len(set(found)) == len(found) and 3 <= len(found) <= 8 for found in bidders.values())
    candidates = [record for record in written["TENDER_CANDIDATE"] if record["BID_SECTION_CODE"] in bidders]
    assert candidates and all(record["WIN_CANDIDATE_CODE"] in bidders[record["BID_SECTION_CODE"]] for record in candidates)
    assert all(record["CHECKIN_TIME"] < opened[record["BID_SECTION_CODE"]] for record in written["TENDER_LIST"])
    keys = [record["DATA_KEY"] for record in written["TENDER_LIST"]]
    assert len(set(keys)) == len(keys)


def test_the_ledger_draws_from_nothing_that_others_draw_from(xianning: SimulationSummary) -> None:
    def digest(name: str) -> str:
        # The sections of failed tenders stand behind all others.
        lines = (xianning.answers.parent / f"{name}.csv").read_bytes().splitlines(keepends=True)
        return hashlib.sha256(b"".join(lines[:2541] if name == "SECTION" else lines)).hexdigest()[:16]

    # As they were before there was a ledger.
    assert {name: digest(name) for name in BEFORE_THE_LEDGER} == BEFORE_THE_LEDGER


BEFORE_THE_LEDGER = {
    "INFORMATION_REQUEST": "8e5859b4a9a219b4",
    "VIOLATING_LAWS_RULES_INFO": "90b12cb08ab5ab42",
    "SECTION": "dc34e5304aeed87a",
    "CONTRACT_PERFORMANCE": "dee7165ca0ee5513",
}


@pytest.mark.thorough
def test_a_plain_second_computation_finds_what_was_planted_and_nothing_else(xianning: SimulationSummary, city: SimulationSummary) -> None:
    pytest.importorskip("chinese_calendar")
    from tests.end_to_end.recomputation import judge, read_city

    missed = {"late", "too_short", "absent"}
    for summary in (xianning, city):
        verdicts = judge(read_city(summary.answers.parent, date(2017, 1, 1), date(2018, 1, 24), date(2018, 1, 25), date(2018, 1, 25)))
        found = {(rule, code, outcome) for (rule, code, _), (outcome, _) in verdicts.items() if outcome in missed}
        planted = {
            (rule, fault["subject"], fault["expected"])
            for fault in faults(summary)
            if fault["expected"] in missed
            for rule in (fault["rule_id"], *list(fault["also"]))  # type: ignore[call-overload]
        }
        assert found == planted
        if summary is xianning:
            timely = Counter(
                (code[1:7], outcome == "met")
                for (rule, code, _), (outcome, _) in verdicts.items()
                if rule[0] in "TPL" and outcome in missed | {"met"}
            )
            rate = {region: timely[region, True] / (timely[region, True] + timely[region, False]) for region, _ in timely}
            assert sum(amount for (_, met), amount in timely.items() if met) / timely.total() >= 0.98
            assert {region for region, value in rate.items() if value < 0.98} == {"421224"}


@pytest.fixture(scope="module")
def taian(tmp_path_factory: pytest.TempPathFactory) -> SimulationSummary:
    return simulate_city("taian-2013", tmp_path_factory.mktemp("taian"))


@pytest.fixture(scope="module")
def guian(tmp_path_factory: pytest.TempPathFactory) -> SimulationSummary:
    return simulate_city("guian-2016", tmp_path_factory.mktemp("guian"))


def test_taian_has_what_its_report_counts_and_headings_alone_of_what_there_was_none(taian: SimulationSummary) -> None:
    lines = read(taian)
    categories = Counter(line["CATEGORY"] for line in lines["DISCLOSURE_REGISTER"])
    assert (categories.total(), sorted(categories.values())) == (332, [1, 1, 5, 17, 36, 272])
    assert Counter(line["CHANNEL"] for line in lines["CONSULTATION"]) == {"现场": 80, "电话": 265, "网上": 10}
    assert lines["INFORMATION_REQUEST"] == lines["REVIEW_LITIGATION"] == []
    assert {path.stem for path in taian.files} == set(lines) == {"DISCLOSURE_REGISTER", "CONSULTATION", "INFORMATION_REQUEST", "REVIEW_LITIGATION"}


def test_guian_has_what_its_report_counts(guian: SimulationSummary) -> None:
    lines = read(guian)
    channels = [line["CHANNEL"].split("；") for line in lines["DISCLOSURE_REGISTER"]]
    assert Counter(channel for over in channels for channel in over) == {"政府公报": 32, "门户网站": 7576, "官方微博": 201, "官方微信": 495}
    assert sum(len(over) > 1 for over in channels) == 147
    assert Counter(line["KIND"] for line in lines["PERMIT_PENALTY"] if line["PUBLISHED_TIME"]) == {"许可": 980, "处罚": 1048}
    assert len({line["AUTHORITY"] for line in lines["PERMIT_PENALTY"]}) == 6
    requests = lines["INFORMATION_REQUEST"]
    assert Counter(line["FORM"] for line in requests) == {"网络": 4, "信函": 2}
    assert Counter(line["OUTCOME"] for line in requests) == {"属于已主动公开范围": 3, "同意公开": 3}


@pytest.mark.parametrize("city", ["taian", "guian"])
def test_registers_are_of_the_year_reviewed_first_and_late_only_where_planted(request: pytest.FixtureRequest, city: str) -> None:
    summary: SimulationSummary = request.getfixturevalue(city)
    lines, planted = read(summary), faults(summary)
    late = {str(fault["subject"]) for fault in planted if fault["kind"] == "information_published_late"}
    for line in lines["DISCLOSURE_REGISTER"]:
        formed, reviewed, published = (moment(line[column]) for column in ("FORMED_TIME", "REVIEWED_TIME", "PUBLISHED_TIME"))
        assert formed.year == published.year
        assert formed < reviewed < published
        assert (published - formed > timedelta(days=50)) == (line["ITEM_CODE"] in late)
    for fault in planted:
        record = lines[str(fault["dataset"])][int(str(fault["row_number"])) - 2]
        assert record[str(fault["column"])] == (fault["value"] or "")
        assert fault["subject"] in record.values()
    columns = [column for name in lines for column in datasets()[name].columns if column.personal]
    assert {record.get(column.national, "") for rows in lines.values() for record in rows for column in columns} <= {"", "审查人甲"}


def test_an_unknown_city_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UnknownCity, match=r"atlantis.*xianning-2017"):
        simulate_city("atlantis", tmp_path)


@pytest.mark.thorough
def test_no_sections_and_more_than_one_chunk_are_cities_too(tmp_path: Path) -> None:
    empty = simulate_sections(0, 1, tmp_path / "empty")
    assert empty.total == 0
    assert all(path.read_text(encoding="utf-8").count("\n") == 1 for path in empty.files)
    large = simulate_sections(LONGER_THAN_A_CHUNK, 1, tmp_path / "large")
    with (tmp_path / "large" / "SECTION.csv").open(encoding="utf-8", newline="") as stream:
        codes = [record["BID_SECTION_CODE"] for record in csv.DictReader(stream)]
    assert len(codes) == len(set(codes)) == large.records["SECTION"]
    with (tmp_path / "large" / "WIN_RESULT_ANNO.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    last = [fault for fault in faults(large) if fault["kind"] == "duplicate"][-1]
    assert rows[int(str(last["row_number"])) - 2]["BID_SECTION_CODE"] == last["subject"]


def test_the_plain_week() -> None:
    import numpy as np

    first = date(2016, 2, 20)
    plain = [first + timedelta(days=offset) for offset in range(800)]
    days = np.array([day_number(day) for day in plain])
    assert weekday(days).tolist() == [day.weekday() for day in plain]
    assert yyyymmdd(days).tolist() == [int(day.strftime("%Y%m%d")) for day in plain]
    assert set(weekday(forward(days)).tolist()) | set(weekday(backward(days)).tolist()) == {0, 1, 2, 3, 4}
    working = forward(days)
    for amount in range(10):
        expected = np.busday_offset(working.astype("datetime64[D]"), amount).astype(np.int64)
        assert working_days_later(working, np.full(len(days), amount)).tolist() == expected.tolist()
