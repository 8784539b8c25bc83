"""The clerk's own templates: Word files in the home, written there once with the text of the house, kept from year to year and never overwritten."""

import re
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
from docx.opc.constants import CONTENT_TYPE
from docx.opc.exceptions import PackageNotFoundError
from docx.opc.oxml import serialize_part_xml
from docx.opc.part import Part, XmlPart
from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml
from docx.oxml.xmlchemy import BaseOxmlElement
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import SandboxedEnvironment

from exports.documents.errors import DocumentError
from exports.documents.official_paper import ATTACHMENT, Paper

_MARGINS = {CONTENT_TYPE.WML_HEADER, CONTENT_TYPE.WML_FOOTER}
#: One brace, or braces of a Chinese keyboard: text for the template, but not for who wrote it.
_HALF_PLACEHOLDER = re.compile(r"[{｛]\s*([a-z_]+)\s*[}｝]")
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
    """The names that a template asks for, in its text, headers, footers and footnotes. Raises DocumentError for a file that is no template."""
    with _explained(path):
        template, grammar = DocxTemplate(str(path)), SandboxedEnvironment()
        noted = (grammar.parse(template.patch_xml(part.blob.decode())) for part in docx.Document(str(path)).part.package.parts if _is_footnotes(part))
        return set(template.get_undeclared_template_variables(grammar)).union(*map(find_undeclared_variables, noted))


def written_on(document: Document) -> Iterator[BaseOxmlElement]:
    """All that people write on: the text, then headers, footers and footnotes. What is changed there is kept when the last one is done."""
    yield document.element.body
    for part in (relation.target_part for relation in document.part.rels.values() if not relation.is_external):
        if isinstance(part, XmlPart) and part.content_type in _MARGINS:
            yield part.element
        elif _is_footnotes(part):
            element = parse_xml(part.blob)
            yield element
            part._blob = serialize_part_xml(element)


def _is_footnotes(part: Part) -> bool:
    return part.content_type == CONTENT_TYPE.WML_FOOTNOTES


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
    for element in written_on(template.docx):
        for paragraph in element.iter(qn("w:p")):
            if half := _HALF_PLACEHOLDER.search("".join(text.text or "" for text in paragraph.iter(qn("w:t")))):
                raise DocumentError(f"{path}: {half[0]} is no placeholder; write it with two ordinary braces on each side: {{{{ {half[1]} }}}}")
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
