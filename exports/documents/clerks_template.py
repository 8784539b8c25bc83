"""The clerk's own templates: Word files in the home, written there once with the text of the house, kept from year to year and never overwritten."""

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import docx
from docx.document import Document
from docx.opc.exceptions import PackageNotFoundError
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from exports.documents.errors import DocumentError
from exports.documents.official_paper import ATTACHMENT, Paper

_EVER = datetime(2000, 1, 1)


@dataclass(frozen=True)
class Draft:
    """What a template says before the clerk changes it, and the report years for which it holds."""

    file: str
    valid_from: int
    valid_to: int | None
    parts: tuple[dict[str, Any], ...]


@cache
def drafts() -> tuple[Draft, ...]:
    """Every draft, the oldest first."""
    contents = [
        tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted((Path(__file__).parent / "templates").glob("annual_report_*.toml"))
    ]
    return tuple(Draft(told["file"], told["valid_from"], told.get("valid_to"), tuple(told["part"])) for told in contents)


def template_of(folder: Path, year: int) -> Path:
    """The template of a report year, written into the folder where it is not there yet. Raises DocumentError for a year without one."""
    for draft in drafts():
        if draft.valid_from <= year and (draft.valid_to is None or year <= draft.valid_to):
            path = folder / draft.file
            if not path.exists():
                folder.mkdir(parents=True, exist_ok=True)
                _write(draft, path)
            return path
    raise DocumentError(f"{year}: no annual report is known; there are forms since {min(draft.valid_from for draft in drafts())}")


def _write(draft: Draft, path: Path) -> None:
    paper = Paper("{{ unit_name }}{{ year }}年政府信息公开工作年度报告")
    paper.title("{{ unit_name }}", "{{ year }}年政府信息公开工作年度报告")
    for part in draft.parts:
        if part.get("new_page"):
            paper.new_page()
        if "heading" in part:
            paper.heading(part["heading"])
        if "attachment" in part:
            paper.attachment(part["mark"], part["attachment"])
        for text in part["text"]:
            paper.text(text)
        if part.get("sign"):
            paper.attachments("{{ attachments }}")
            paper.sign("{{ unit_name }}", "{{ date_words }}")
    paper.save(path, _EVER)


def placeholders(path: Path) -> set[str]:
    """The names that a template asks for. Raises DocumentError for a file that is no template."""
    with _explained(path):
        template = DocxTemplate(str(path))
        return set(template.get_undeclared_template_variables(SandboxedEnvironment()))


def own_attachments(path: Path) -> list[str]:
    """The titles of the attachments that a template has itself. Raises DocumentError for a file that is no template."""
    with _explained(path):
        return [paragraph.text for paragraph in docx.Document(str(path)).paragraphs if paragraph.style and paragraph.style.name == ATTACHMENT]


def render(path: Path, values: Mapping[str, str]) -> Document:
    """The template with its figures filled in, every value as text. Raises DocumentError that names what the template asks for and nobody knows,
    or what is wrong with the file."""
    if unknown := placeholders(path) - set(values):
        raise DocumentError(f"{path}: unknown figure {', '.join(sorted(unknown))}; correct the name in the template (docs/documents.md lists them)")
    with _explained(path):
        template = DocxTemplate(str(path))
        template.render(dict(values), jinja_env=SandboxedEnvironment(autoescape=True, undefined=StrictUndefined))
        return template.docx


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except TemplateError as error:
        raise DocumentError(f"{path}: {_first_line(error)}; correct the placeholder in the template, or remove the file to begin anew") from error
    except (OSError, KeyError, ValueError, BadZipFile, PackageNotFoundError) as error:
        raise DocumentError(f"{path}: not a Word template ({_first_line(error)}); remove the file to begin anew") from error


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
