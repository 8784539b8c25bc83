"""The regions: one consistent tree of codes with its history, and every code that the real records use."""

import json
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[2]
PORTAL_INDEX = ROOT / "../shared/data/yichang-2025/portal_index.json"

XIANNING = {"421202": "咸安区", "421221": "嘉鱼县", "421222": "通城县", "421223": "崇阳县", "421224": "通山县", "421281": "赤壁市"}
YICHANG = {
    "420502": "西陵区", "420503": "伍家岗区", "420504": "点军区", "420505": "猇亭区", "420506": "夷陵区",
    "420525": "远安县", "420526": "兴山县", "420527": "秭归县", "420528": "长阳土家族自治县", "420529": "五峰土家族自治县",
    "420581": "宜都市", "420582": "当阳市", "420583": "枝江市",
}  # fmt: skip


def test_codes_are_six_characters_and_lie_under_their_parents(reference: duckdb.DuckDBPyConnection) -> None:
    assert (
        reference.execute(
            "select region_code from reference.regions where not regexp_matches(region_code, '^[0-9]{2}([0-9]{4}|P[0-9]{3})$')"
        ).fetchall()
        == []
    )
    orphans = reference.execute(
        "select region_code from reference.regions where parent_code not in (select region_code from reference.regions)"
    ).fetchall()
    assert orphans == []
    strays = reference.execute(
        """select region_code from reference.regions
           where parent_code is distinct from case
               when region_code like '__0000' then null
               when region_code like '____00' or region_code like '__P___' then substr(region_code, 1, 2) || '0000'
               else substr(region_code, 1, 4) || '00' end"""
    ).fetchall()
    assert strays == []


def test_a_code_has_one_name_at_a_time(reference: duckdb.DuckDBPyConnection) -> None:
    overlaps = reference.execute(
        """select a.region_code, a.name, b.name
           from reference.region_codes as a
           inner join reference.region_codes as b on a.region_code = b.region_code and a.rowid < b.rowid
           where coalesce(a.valid_from, '1949-10-01') <= coalesce(b.valid_to, '9999-12-31')
             and coalesce(b.valid_from, '1949-10-01') <= coalesce(a.valid_to, '9999-12-31')"""
    ).fetchall()
    assert overlaps == []
    assert reference.execute("select region_code from reference.regions where valid_from > valid_to").fetchall() == []


def test_every_province_and_prefecture_is_there(reference: duckdb.DuckDBPyConnection) -> None:
    current = "select count(*) from reference.regions where is_current and level = ?"
    assert reference.execute(current, ["province"]).fetchone() == (34,)
    assert reference.execute(current, ["city"]).fetchone() == (333,)


@pytest.mark.parametrize(("city", "counties"), [("421200", XIANNING), ("420500", YICHANG)])
def test_counties_of_a_city(reference: duckdb.DuckDBPyConnection, city: str, counties: dict[str, str]) -> None:
    found = reference.execute(
        "select region_code, name from reference.regions where is_current and level = 'county' and city_code = ?", [city]
    ).fetchall()
    assert dict(found) == counties


@pytest.mark.parametrize(
    ("code", "full_name", "label"),
    [
        ("421281", "湖北省咸宁市赤壁市", "赤壁市"),
        ("420501", "湖北省宜昌市市辖区", "宜昌市本级"),
        ("429004", "湖北省仙桃市", "仙桃市"),
        ("120101", "天津市和平区", "和平区"),
        ("371202", "山东省莱芜市莱城区", "莱城区"),
        ("420000", "湖北省", "湖北省"),
        ("52P001", "贵州省贵安新区", "贵安新区"),
    ],
)
def test_names(reference: duckdb.DuckDBPyConnection, code: str, full_name: str, label: str) -> None:
    assert reference.execute("select full_name, label from reference.regions where region_code = ?", [code]).fetchall() == [(full_name, label)]


@pytest.mark.parametrize(
    ("code", "day", "valid"),
    [
        ("330103", "2021-04-08", True), ("330103", "2021-04-09", False),
        ("330104", "2021-04-08", True), ("330104", "2021-04-09", False),
        ("330113", "2021-04-08", False), ("330113", "2021-04-09", True),
        ("330114", "2021-04-08", False), ("330114", "2021-04-09", True),
        ("330102", "2021-04-08", True), ("330102", "2021-04-09", True),
        ("371200", "2019-01-08", True), ("371200", "2019-01-09", False),
        ("370116", "2019-01-08", False), ("370116", "2019-01-09", True),
    ],
)  # fmt: skip
def test_abolished_and_new_codes_have_their_days(reference: duckdb.DuckDBPyConnection, code: str, day: str, valid: bool) -> None:
    found = reference.execute(
        "select count(*) from reference.regions where region_code = ? and cast(? as date) between coalesce(valid_from, '1949-10-01') and coalesce(valid_to, '9999-12-31')",
        [code, day],
    ).fetchone()
    assert found == (int(valid),)


def test_successors_are_known_and_take_over_without_a_gap(reference: duckdb.DuckDBPyConnection) -> None:
    successors = dict(
        reference.execute("select region_code, replaced_by from reference.regions where region_code in ('330103', '330104', '371200')").fetchall()
    )
    assert successors == {"330103": "330105", "330104": "330102;330114", "371200": "370116;370117"}
    gaps = reference.execute(
        """with successions as (
               select region_code, valid_to as ended_on, unnest(string_split(replaced_by, ';')) as successor from reference.regions where replaced_by is not null)
           select successions.region_code, successor
           from successions
           left join reference.regions as heir
               on successor = heir.region_code and ended_on + 1 between coalesce(heir.valid_from, '1949-10-01') and coalesce(heir.valid_to, '9999-12-31')
           where heir.region_code is null"""
    ).fetchall()
    assert gaps == []


def test_codes_outside_the_standard_are_marked(reference: duckdb.DuckDBPyConnection) -> None:
    pseudo = reference.execute(
        "select count(*) filter (where level = 'pseudo'), count(*) from reference.regions where region_code similar to '....7.|..P...'"
    ).fetchone()
    assert pseudo is not None and pseudo[0] == pseudo[1] > 0
    assert reference.execute("select city_code, province_code from reference.regions where name = '贵安新区'").fetchall() == [("52P001", "520000")]


def test_codes_of_the_real_portal_are_known_by_their_names(reference: duckdb.DuckDBPyConnection) -> None:
    if not PORTAL_INDEX.exists():
        pytest.skip("../shared/data is not here")
    used = {(entry["xiaqucode"], entry["xiaquname"]) for entry in json.loads(PORTAL_INDEX.read_text(encoding="utf-8"))}
    known = dict(reference.execute("select region_code, label from reference.regions where is_current").fetchall())
    assert used and {(code, name) for code, name in used if not known.get(code, "").endswith(name.removeprefix("市"))} == set()
