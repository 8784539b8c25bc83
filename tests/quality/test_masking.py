"""Nothing personal leaves the audit: patterns in any text, and whole columns."""

from datetime import date
from pathlib import Path

import duckdb
import pytest
from audited_warehouse import DEAL_CODE, add_file, add_row, add_sound_city, warehouse
from hypothesis import given
from hypothesis import strategies as st

from quality.audit import run_audit
from quality.checks import all_checks
from quality.masking import masked_value, personal_columns
from sources.definitions import datasets
from sources.masking import masked

CANARIES = ("420106199001011234", "42010619900101123X", "420106900101123", "13812345678", "0717-6221234", "027-87654321", "zhang.san@example.cn")
_connection = duckdb.connect()


def _masked(text: str) -> str:
    row = _connection.execute(f"SELECT {masked('$1::VARCHAR')}", [text]).fetchone()
    assert row is not None
    return str(row[0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("13812345678", "138****5678"),
        ("电话13812345678。", "电话138****5678。"),
        ("+86 138-1234-5678", "+86 138****5678"),
        ("tel:8613812345678", "tel:86138****5678"),
        ("１３８１２３４５６７８", "138****5678"),
        ("13812345678,13912345678;13712345678", "138****5678,139****5678;137****5678"),
        ("0717-6221234", "0717-****234"),
        ("（0717）6221234", "（0717）****234"),
        ("420106199001011234", "42**************34"),
        ("身份证420106 19900101 123x", "身份证42**************3x"),
        ("420106900101123", "42***********23"),
        ("邮箱zhang.san@example.cn", "邮***@***"),
        ("A3301060110508298001211", "A3301060110508298001211"),
        ("13201120230818000", "13201120230818000"),
        (DEAL_CODE, DEAL_CODE),
        ("123100007847653857", "123100007847653857"),
        ("123456789012345", "123456789012345"),
        ("202305020900001", "202305020900001"),
        ("2017-05-02 09:00", "2017-05-02 09:00"),
        ("20170502090000", "20170502090000"),
        ("A02-12310000784765385", "A02-12310000784765385"),
        ("1234567.89", "1234567.89"),
        ("某公司", "某公司"),
    ],
)
def test_patterns(text: str, expected: str) -> None:
    assert _masked(text) == expected


@given(
    st.sampled_from(CANARIES),
    st.text(st.characters(exclude_categories=["Nd", "Cs", "Cc"]), max_size=20),
    st.sampled_from(["", " ", "；", ",", "号", "x"]),
)
def test_no_text_around_it_saves_a_canary(canary: str, text: str, joint: str) -> None:
    shown = _masked(f"{text}{joint}{canary}{joint or ' '}{canary}{joint}{text}")
    assert canary not in shown


_regions = st.integers(110000, 829999).map(str)
_birthdays = st.dates(date(1920, 1, 1), date(2020, 12, 31))
_identities = st.one_of(
    st.builds(
        lambda region, day, serial, check: f"{region}{day:%Y%m%d}{serial:03}{check}",
        _regions,
        _birthdays,
        st.integers(0, 999),
        st.sampled_from("0123456789Xx"),
    ),
    st.builds(lambda region, day, serial: f"{region}{day:%y%m%d}{serial:03}", _regions, _birthdays, st.integers(0, 999)),
)
_mobiles = st.builds(lambda prefix, serial: f"1{prefix}{serial:08}", st.integers(30, 99), st.integers(0, 10**8 - 1))
_landlines = st.builds(
    lambda area, joint, local: f"{area}{joint}{local}",
    st.sampled_from(["010", "027", "0717", "0571"]), st.sampled_from(["-", " ", ""]), st.integers(2_000_000, 89_999_999),
)  # fmt: skip
_mails = st.builds(
    lambda name, host: f"{name}@{host}.cn",
    st.from_regex(r"[a-z][a-z0-9._-]{2,12}", fullmatch=True),
    st.from_regex(r"[a-z0-9-]{2,10}", fullmatch=True),
)


@given(
    st.one_of(_identities, _mobiles, _landlines, _mails),
    st.sampled_from(["", "联系人：", "(", "no. ", "A"]),
    st.sampled_from(["", "。", ")", " 转", ";"]),
)
def test_no_personal_number_survives(personal: str, before: str, after: str) -> None:
    assert personal not in _masked(f"{before}{personal}{after}")


#: Eighteen digits may be a credit code: of a region ending in 19 or 20 it can look like an identity number, and is then masked.
_platforms = st.builds(lambda region, rest: f"12{region}00{rest:08}", st.integers(1100, 6599), st.integers(0, 10**8 - 1))


@given(_platforms, st.dates(date(2000, 1, 1), date(2030, 12, 31)), st.integers(0, 999_999), st.sampled_from("0123456789ABCXYZ*"), st.booleans())
def test_deal_codes_and_the_codes_of_platforms_survive(platform: str, day: date, serial: int, check: str, is_plain: bool) -> None:
    code = f"A02-{platform}-{day:%Y%m%d}-{serial:06}-{check}"
    for text in (code.replace("-", "") if is_plain else code, platform):
        assert _masked(text) == text


def test_personal_and_unknown_columns_are_hidden_whole() -> None:
    def value(dataset: str, column: str | None) -> object:
        row = _connection.execute(f"SELECT {masked_value('$1::VARCHAR', '$2::VARCHAR', '$3::VARCHAR')}", [dataset, column, "张三"]).fetchone()
        assert row is not None
        return row[0]

    assert personal_columns() >= {"examiner_name", "EXAMINER_NAME", "交易平台数据验证责任人姓名"}
    for column in ("examiner_name", "TENDERER_EMAIL", "联系电话", "unknown heading", None):
        assert value("SECTION", column) == "***"
    assert value("SECTION", "section_name") == value("marts.obligations", "verdict") == "张三"


@pytest.mark.thorough
@pytest.mark.usefixtures("watched_home")
def test_no_canary_reaches_the_findings(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    with warehouse(path) as connection:
        add_sound_city(connection)
        add_file(connection, 2, received=0, loaded=0, status="refused", message=f"cannot read: {CANARIES[3]}")
        for number, canary in enumerate(CANARIES, start=50):
            for dataset in datasets().values():
                every = {column.name: canary for column in dataset.columns if column.type in ("text", "code")}
                add_row(connection, dataset, number, every, record=1)
            for table in ("meta.quarantine", "meta.held_values"):
                connection.execute(
                    f"""INSERT INTO {table} (delivery_id, dataset, row_number, column_name, rule, value, reason) VALUES
                    ('f1', 'SECTION', $1, 'section_name', 'r', 'x' || $2, 'because of ' || $2), ('f1', 'SECTION', $1, NULL, 'r', '张三,' || $2, 'torn')""",
                    [number, canary],
                )
            connection.execute("INSERT INTO events.subjects VALUES ('notice', $1, 'construction', '000000')", [f"https://x.cn/?q={canary}"])
            connection.execute("INSERT INTO marts.obligations (obligation_id, verdict, subject_id) VALUES ($1, $1, $1)", [f"T-01:{canary}"])
    tables = ("sections", "tender_notices", "award_notices", "land_notices")
    checks = [check for check in all_checks() if check.dataset not in datasets() or check.check_id.endswith(tables)]
    result = run_audit(path, run_id="r", scratch=tmp_path, checks=checks)
    with duckdb.connect(str(path), read_only=True) as connection:
        texts = connection.execute("SELECT f::VARCHAR FROM quality.findings AS f UNION ALL SELECT c::VARCHAR FROM quality.checks AS c").fetchall()
        shown = connection.execute("SELECT count(*) FROM quality.findings WHERE value LIKE '%138****5678%'").fetchone()
    assert result.findings > 150
    assert shown is not None and shown[0] > 10
    leaks = [(canary, text) for (text,) in texts for canary in (*CANARIES, "张三") if canary in text]
    assert leaks == []
