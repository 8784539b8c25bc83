"""Masks personal data over whole columns inside DuckDB: identity cards, mobile numbers, landlines and e-mail addresses, whatever column they stand in.

The warehouse carries it as the macro ``meta.masked``, which the models use for every text that is shown to readers.
"""

HIDDEN = "***"

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
    # Before that one look at the text as it is: to translate it takes four times as long as to look.
    is_suspect = f"regexp_matches({expression}, '{suspect}|[{_FULL_WIDTH}]') AND regexp_matches({plain}, '{suspect}')"
    return f"CASE WHEN {is_suspect} THEN {text} ELSE {expression} END"
