"""Why something was found or could not be read, in the reader's language: the loader names a rule and says what it met in English, the checks speak Chinese."""

import re

from dashboards.labels import Language, label, section
from quality.desk.texts import check_kind, check_title, explanation

_CHINESE = re.compile("[\u4e00-\u9fff]")
_PLACE = re.compile(r"^[^:;]*\.\w+(?:, (?:row|member) [^:]*)?: ")


def unread_text(rule: str, said: str, language: Language) -> str:
    """Why a row, a value or a file could not be read: the catalogue's words for the rule, with what the loader said where that tells more; of an unknown rule what it said."""
    if language == "zh" and rule in section("unread"):
        return label(f"unread.{rule}", language, detail=_PLACE.sub("", said))
    return said


def check_name(check_id: str, dataset: str, language: Language, known: str | None = None) -> str:
    """What a check is called; of one that is no longer asked, what the snapshot calls it (`known`, in Chinese), else its id."""
    return check_title(check_id, dataset, language) or (known if language == "zh" else None) or check_id


def check_meaning(check_id: str, dataset: str, language: Language) -> str:
    """What a failed check says of the data; empty of one that has no texts."""
    texts = explanation(check_kind(check_id, dataset))
    return texts.meaning[language] if texts else ""


def reason_text(reason: str | None, kind: str | None, language: Language) -> str:
    """The reason of a finding of a kind of check; empty where it has none. In English, a reason that speaks Chinese stands behind what the kind means."""
    rule, parted, said = (reason or "").partition(": ")
    if parted and rule in section("unread"):
        return unread_text(rule, said, language)
    texts = explanation(kind or "")
    if language == "en" and texts and reason and _CHINESE.search(reason):
        return label("reason.in_chinese", language, reason=reason, meaning=texts.meaning["en"])
    return reason or ""
