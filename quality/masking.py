"""Masks personal data over whole columns inside DuckDB: identity cards, mobile numbers, landlines, e-mail addresses, and columns that are personal."""

from functools import cache

from sources.definitions import datasets

HIDDEN = "***"
_LONGEST = 200

#: DuckDB's regular expressions cannot look around: what precedes and follows a number is matched and put back.
_BEFORE, _AFTER = r"(^|[^0-9])", r"([^0-9]|$)"
#: Month and day: without them every deal code and project code of 15 or 18 digits would be taken for an identity number.
_BIRTHDAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_LANDLINE = (rf"{_BEFORE}(0\d{{2,3}}[)）]?[ －-]?)\d{{4,5}}(\d{{3}}){_AFTER}", r"\1\2****\3\4")
_RULES = (
    (rf"{_BEFORE}([1-9]\d)\d{{4}}[ －-]?(?:19|20)\d\d{_BIRTHDAY}[ －-]?\d\d(\d[0-9Xx]){_AFTER}", r"\1\2**************\3\4"),  # identity card
    (rf"{_BEFORE}([1-9]\d)\d{{6}}{_BIRTHDAY}\d(\d\d){_AFTER}", r"\1\2***********\3\4"),  # identity card of before 1999
    (rf"{_BEFORE}((?:86|0086)?[ －-]?1[3-9]\d)[ －-]?\d{{4}}[ －-]?(\d{{4}}){_AFTER}", r"\1\2****\3\4"),  # mobile
    _LANDLINE,
    (r"([^\s@,;:，；：、<>()（）])[^\s@,;:，；：、<>()（）]*@[A-Za-z0-9.-]+", r"\1***@***"),  # e-mail
)
_FULL_WIDTH, _HALF_WIDTH = "０１２３４５６７８９Ｘｘ＠", "0123456789Xx@"


def masked(expression: str, *, landlines: bool = True) -> str:
    """A SQL expression: the text with every identity number, telephone number and e-mail address masked (138****1234).

    Without ``landlines`` their numbers stay: in an official notice they are those of offices.
    """
    rules = _RULES if landlines else tuple(rule for rule in _RULES if rule is not _LANDLINE)
    # Most values hold nothing personal: one look for any of the patterns spares them the replacements.
    suspect = "|".join(pattern for pattern, _ in rules)
    plain = f"translate({expression}, '{_FULL_WIDTH}', '{_HALF_WIDTH}')"
    text = plain
    # Twice: of two numbers with one character between them, the first takes that character with it.
    for pattern, replacement in rules * 2:
        text = f"regexp_replace({text}, '{pattern}', '{replacement}', 'g')"
    return f"CASE WHEN regexp_matches({plain}, '{suspect}') THEN {text} ELSE {expression} END"


@cache
def personal_columns() -> frozenset[str]:
    """What a column may be called whose whole value is personal: our name, the national name, the Chinese field name."""
    columns = [column for dataset in datasets().values() for column in dataset.columns if column.personal]
    return frozenset(name for column in columns for name in (column.name, column.national, column.label))


@cache
def open_columns() -> frozenset[str]:
    """What a column of a data set may be called whose value may be shown."""
    columns = [column for dataset in datasets().values() for column in dataset.columns]
    return frozenset(name for column in columns for name in (column.name, column.national, column.label)) - personal_columns()


def masked_value(dataset: str, column_name: str, value: str) -> str:
    """A SQL expression for a finding's value, at most 200 characters; the arguments are SQL expressions.

    A personal column is hidden. So is, in a data set, whatever is not the value of one of its columns: a torn line, or a heading nobody knows.
    """
    quoted = {name: ", ".join(f"'{item}'" for item in sorted(items)) for name, items in
              (("personal", personal_columns()), ("open", open_columns()), ("datasets", datasets().keys()))}  # fmt: skip
    hidden = f"{column_name} IN ({quoted['personal']}) OR ({dataset} IN ({quoted['datasets']}) AND coalesce({column_name} NOT IN ({quoted['open']}), true))"
    return f"CASE WHEN {value} IS NULL THEN NULL WHEN {hidden} THEN '{HIDDEN}' ELSE left({masked(value)}, {_LONGEST}) END"
