"""What the pages of the published site are called, and the ways between them. Addresses are relative: the site is opened from a folder."""

import re
from urllib.parse import quote

from dashboards.labels import Language


def page_name(name: str, language: Language, year: int | None = None) -> str:
    """File name of a page: of one year, or of all periods together."""
    return f"{name}{'' if year is None else f'-{year}'}{suffix(language)}.html"


def suffix(language: Language) -> str:
    """What the file name of a page in this language ends with before `.html`."""
    return "" if language == "zh" else f".{language}"


def anchor(code: str) -> str:
    """A code as the name of a place in a page."""
    return re.sub(r"[^\w.-]", "_", code)


def rule_page(rule_id: str, language: Language) -> str:
    """File of the page of a duty, seen from the folder of the site."""
    return f"rules/{anchor(rule_id)}{suffix(language)}.html"


def misses_of(rule_id: str, region_code: str, language: Language) -> str:
    """Where the worst misses of a duty in a region are listed."""
    return f"{quote(rule_page(rule_id, language))}#{quote(anchor(region_code))}"


def delivery_place(delivery_number: int, language: Language) -> str:
    """Where a delivered file stands in the ledger, seen from the folder of the site."""
    return f"{page_name('ledger', language)}#delivery-{delivery_number}"
