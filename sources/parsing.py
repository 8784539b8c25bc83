"""SQL expressions that read Chinese dates, times, amounts and codes, over whole columns inside DuckDB.

Every function takes a SQL expression of type VARCHAR and returns a SQL expression; nothing is guessed: what has two readings has none.
The canonical forms of the data specification are tried first, so that millions of well-formed rows never meet a regular expression.
"""

from sources.definitions import ColumnType

_FULL_WIDTH = "'０１２３４５６７８９：／．－％，　', '0123456789:/.-%, '"
_FULL_WIDTH_CODE = f"'{''.join(chr(point) for point in range(0xFF01, 0xFF5F))}', '{''.join(chr(point - 0xFEE0) for point in range(0xFF01, 0xFF5F)).replace(chr(39), chr(39) * 2)}'"
_EARLIEST, _LATEST = "'1949'", "'2100'"
_DATE = r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?"
_DATE_AND_TIME = _DATE + r"(?:\s*(?:上午|下午)?\s*\d{1,2}[:：时点]\d{0,2}(?:[:：]\d{1,2})?分?)?"
#: Forms that remain after 年, 月, 日, 时 and 分 have been replaced.
_LOCAL_FORMS = "['%Y-%m-%d %H:%M:%S', '%Y-%m-%d %H:%M', '%Y-%m-%d']"
#: Day and hour run together. Of two digits only with a minute that is no hour: 2023/2/19:15 may also be the 19th, 15 o'clock.
_GLUED = r"^\s*\d{4}[-/.]\d{1,2}[-/.](?:\d{3,4}:\d\d|\d\d:(?:2[4-9]|[3-5]\d))(?::\d\d)?\s*$"
#: Spaces of every kind that surround delivered values.
_SPACE_KINDS = ("' '", "chr(9)", "chr(10)", "chr(13)", "chr(160)", "chr(12288)")
_SPACES = " || ".join(_SPACE_KINDS)
#: What a spreadsheet shows where a formula failed.
_FORMULA_ERROR = r"'^#([A-Z0-9/]+[!?]|N/A|GETTING_DATA)$'"
#: Codes that need no care: no space, no small letter, no beginning of a number in scientific notation.
_PLAIN_CODE = "'[0-9A-Z()_-]([0-9A-DF-Z()_-][0-9A-Z()_-]*)?'"
_SCIENTIFIC = r"'^\s*\d(\.\d+)?[Ee]\+?\d+\s*$'"


def typed(column_type: ColumnType, expression: str) -> str:
    """The typed value of a delivered text, NULL when it is empty or cannot be read.

    text and code → VARCHAR, flag → BOOLEAN, date → DATE, instant → TIMESTAMPTZ (local times are Asia/Shanghai), integer → BIGINT, decimal → DECIMAL(20, 6).
    """
    return {
        "text": _text,
        "code": _code,
        "flag": _flag,
        "date": _date,
        "instant": _instant,
        "integer": _integer,
        "decimal": _decimal,
    }[column_type](expression)


def only_if(first: str, then: str) -> str:
    """Both conditions, the second asked only where the first holds: of an AND in a projection DuckDB computes every part for every row."""
    return f"CASE WHEN {first} THEN {then} ELSE false END"


def folded(expression: str) -> str:
    """Full-width digits and punctuation as their ordinary forms."""
    return f"translate({expression}, {_FULL_WIDTH})"


def is_formula_error(expression: str) -> str:
    """Whether the text is what a spreadsheet shows where a formula failed; looked at closely only where it begins like one."""
    return only_if(f"starts_with({expression}, '#')", f"regexp_matches({expression}, {_FORMULA_ERROR})")


def _text(expression: str) -> str:
    # Comparing bytes costs a third of looking for a space by a pattern, which costs a seventh of trimming every kind of space.
    ends = " OR ".join(f"ends_with({expression}, {space})" for space in _SPACE_KINDS)
    return f"""CASE WHEN ({expression} >= chr(12289) OR ({expression} >= '$' AND {expression} < chr(128))) AND NOT ({ends}) THEN {expression}
        WHEN regexp_matches({expression}, '^[#\\s\\x{{a0}}\\x{{3000}}]|[\\s\\x{{a0}}\\x{{3000}}]$')
            THEN CASE WHEN NOT {is_formula_error(expression)} THEN nullif(trim({expression}, {_SPACES}), '') END
        ELSE nullif({expression}, '') END"""


def _code(expression: str) -> str:
    # A spreadsheet turns long codes into 2.01531E+16: the digits are lost, so there is no code.
    # One code has one spelling: full-width letters and brackets are folded, but only where there is something beyond ASCII.
    return f"""CASE
        WHEN regexp_full_match({expression}, {_PLAIN_CODE}) THEN {expression}
        WHEN {is_formula_error(expression)} THEN NULL
        WHEN substring(trim({expression}), 2, 1) IN ('.', 'E', 'e') AND regexp_matches({expression}, {_SCIENTIFIC}) THEN NULL
        WHEN strlen({expression}) = length({expression}) AND NOT regexp_matches({expression}, '\\s') THEN nullif(upper({expression}), '')
        ELSE nullif(upper(trim(translate({expression}, {_FULL_WIDTH_CODE}), {_SPACES})), '') END"""


def _flag(expression: str) -> str:
    return f"CASE WHEN upper(trim({expression})) IN ('1', 'T', 'TRUE', 'Y', '是') THEN true WHEN upper(trim({expression})) IN ('0', 'F', 'FALSE', 'N', '否') THEN false END"


def _integer(expression: str) -> str:
    return f"CASE WHEN regexp_full_match(trim({expression}), '[+-]?\\d+') THEN try_cast(trim({expression}) AS BIGINT) END"


def _decimal(expression: str) -> str:
    plain = folded(expression)
    return f"""CASE
        WHEN regexp_full_match({expression}, '[+-]?\\d+(\\.\\d+)?') THEN try_cast({expression} AS DECIMAL(20, 6))
        WHEN regexp_full_match(trim({plain}), '[+-]?\\d{{1,3}}([, ]\\d{{3}})+(\\.\\d+)?|[+-]?\\d+(\\.\\d+)?')
            THEN try_cast(regexp_replace({plain}, '[, ]', '', 'g') AS DECIMAL(20, 6)) END"""


def _between(expression: str) -> str:
    return f"left({expression}, 4) BETWEEN {_EARLIEST} AND {_LATEST}"


def _is_digits(expression: str, length: int) -> str:
    return f"length({expression}) = {length} AND {_between(expression)} AND try_cast({expression} AS UBIGINT) IS NOT NULL"


def _date(expression: str) -> str:
    return f"""CASE
        WHEN {_is_digits(expression, 8)} THEN CAST(try_strptime({expression}, '%Y%m%d') AS DATE)
        ELSE CAST(({_instant(expression)}) AT TIME ZONE 'Asia/Shanghai' AS DATE) END"""


def _instant(expression: str) -> str:
    return f"""CASE
        WHEN {_is_digits(expression, 14)} AND right({expression}, 6) <> '240000' THEN try_strptime({expression}, '%Y%m%d%H%M%S') AT TIME ZONE 'Asia/Shanghai'
        WHEN {_is_digits(expression, 8)} THEN try_strptime({expression}, '%Y%m%d') AT TIME ZONE 'Asia/Shanghai'
        WHEN length({expression}) = 19 AND {_between(expression)} AND try_strptime({expression}, '%Y-%m-%d %H:%M:%S') IS NOT NULL
            THEN try_strptime({expression}, '%Y-%m-%d %H:%M:%S') AT TIME ZONE 'Asia/Shanghai'
        WHEN length({expression}) = 10 AND {_between(expression)} AND try_strptime({expression}, '%Y-%m-%d') IS NOT NULL
            THEN try_strptime({expression}, '%Y-%m-%d') AT TIME ZONE 'Asia/Shanghai'
        WHEN {expression} IS NULL OR NOT regexp_matches({expression}, '[0-9０-９]') THEN NULL
        WHEN regexp_matches({expression}, '^\\d{{4}}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d(:\\d\\d(\\.\\d+)?)?(Z|[+-]\\d\\d:?\\d\\d)$')
            THEN CASE WHEN {_between(expression)} THEN try_cast({expression} AS TIMESTAMPTZ) END
        WHEN regexp_matches({expression}, '{_GLUED}') THEN {_glued_instant(expression)}
        ELSE {_local_instant(expression)} END"""


def _local_instant(expression: str) -> str:
    """Times as people write them, the day set off from the hour."""
    text = f"trim({folded(expression)}, {_SPACES})"
    day_set_off = f"regexp_replace({text}, '^(\\d{{4}})[-/.年](\\d{{1,2}})[-/.月](\\d{{1,2}})(?:日\\s*|[T\\s]+|$)', '\\1-\\2-\\3 ')"
    half_day = f"regexp_replace({day_set_off}, ' (上午|下午)\\s*', ' ')"
    hours = f"regexp_replace(regexp_replace({half_day}, ' (\\d{{1,2}})[时点]$', ' \\1:00'), ' (\\d{{1,2}})[时点](\\d{{1,2}})分?$', ' \\1:\\2')"
    seconds = f"regexp_replace({hours}, '(:\\d{{1,2}}:\\d{{1,2}})\\.\\d+$', '\\1')"
    midnight = f"regexp_replace({seconds}, ' 24:00(:00)?$', ' 00:00')"
    written = f"try_strptime(trim({midnight}), {_LOCAL_FORMS})"
    shift = f"""CASE WHEN regexp_matches({seconds}, ' 24:00(:00)?$') THEN INTERVAL 1 DAY
        WHEN contains({text}, '下午') AND hour({written}) < 12 THEN INTERVAL 12 HOUR ELSE INTERVAL 0 HOUR END"""
    return f"CASE WHEN {_between(text)} THEN ({written} + {shift}) AT TIME ZONE 'Asia/Shanghai' END"


def _glued_instant(expression: str) -> str:
    """Day and hour run together, where the calendar and the clock leave one reading: 2023/8/259:30 is the 25th, 9:30, but 2023/11/219:30 also the 2nd, 19:30."""
    text = f"regexp_replace(trim({expression}), '[/.]', '-', 'g')"

    def reading(day: str) -> str:
        return f"try_strptime(nullif(regexp_replace({text}, '^(\\d+-\\d+-{day})(\\d{{1,2}}:)', '\\1 \\2'), {text}), {_LOCAL_FORMS})"

    short, long = reading("\\d"), reading("\\d\\d")
    only = f"CASE WHEN {short} IS NULL THEN {long} WHEN {long} IS NULL THEN {short} END"
    # 24:00 would be the midnight after the day, a reading that the forms do not know.
    return f"CASE WHEN {_between(text)} AND NOT regexp_matches({text}, '\\d24:00') THEN ({only}) AT TIME ZONE 'Asia/Shanghai' END"


def range_start(expression: str) -> str:
    """The first time of "2025年06月13日 18时00分至2025年06月16日 18时00分", as text; the whole text when it is no range, so that it stays visible."""
    return _range_part(expression, f"^\\s*({_DATE_AND_TIME})\\s*起?\\s*(?:至|到|—)")


def range_end(expression: str) -> str:
    """The second time of a range, as text; the whole text when it is no range."""
    return _range_part(expression, f"(?:至|到|—)\\s*({_DATE_AND_TIME})")


def _range_part(expression: str, pattern: str) -> str:
    found = f"regexp_extract({expression}, '{pattern}', 1)"
    return f"CASE WHEN {found} <> '' THEN {found} ELSE {expression} END"


def amount_yuan(expression: str, unit: str = "元", least: int = 0) -> str:
    """An amount with its unit in the text ("1600万元", "2 280万元", "90031980.52元(其中…)") in yuan, DECIMAL(20, 6).

    ``unit`` holds where the text names none. A number without a unit below ``least`` is more likely a rate: it is no amount. Rates and sentences are NULL.
    """
    text = f"regexp_replace({folded(expression)}, '[\\s,]', '', 'g')"
    pattern = "^(?:人民币|[￥¥])?(\\d+(?:\\.\\d+)?)(亿元|万元|元)?(?:[(（].*)?$"
    number = f"try_cast(nullif(regexp_extract({text}, '{pattern}', 1), '') AS DECIMAL(20, 6))"
    named = f"regexp_extract({text}, '{pattern}', 2)"
    factor = f"CASE coalesce(nullif({named}, ''), '{unit}') WHEN '亿元' THEN 100000000 WHEN '万元' THEN 10000 ELSE 1 END"
    return f"CASE WHEN {named} <> '' OR {number} >= {least} THEN try_cast({number} * {factor} AS DECIMAL(20, 6)) END"


def price_form(expression: str, unit: str = "元", least: int = 0) -> str:
    """PRICE_FORM_CODE: 1 an amount, 2 a rate, 9 anything else that is written there; NULL when nothing is."""
    return f"""CASE WHEN {amount_yuan(expression, unit, least)} IS NOT NULL THEN '1'
        WHEN regexp_matches({folded(expression)}, '\\d\\s*[%‰]|费率|下浮|系数|折扣') THEN '2'
        WHEN trim({expression}) <> '' THEN '9' END"""
