"""Delivered text as a document may show it: cut to a length, and with every identity number, telephone number and e-mail address masked."""

from dashboards.queries import shown, shown_body
from sources.masking import masked


def shown_text(expression: str) -> str:
    """SQL of a delivered text."""
    return masked(shown(expression))


def shown_name(expression: str) -> str:
    """SQL of the name of a body that may be a person."""
    return masked(shown_body(expression))
