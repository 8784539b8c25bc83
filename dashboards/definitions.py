"""What the numbers of the pages are: `definitions.toml` with the descriptions of the models behind it, and where each chart, card and listing leads."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import yaml

from dashboards.addresses import Addresses
from dashboards.labels import Language, label, section
from dashboards.parts import Listing, Section, Table, View

_MODELS = Path(__file__).resolve().parents[1] / "dbt" / "models"


@dataclass(frozen=True)
class Definition:
    """What one number is: its title, meaning and formula by language, the tables it comes from, the query that gives it, the parts of pages that show it
    (a * at the end stands for any ending), and whether it is defined here and tested (A) or a proposal (R)."""

    key: str
    title: Mapping[str, str]
    meaning: Mapping[str, str]
    formula: Mapping[str, str]
    marts: tuple[str, ...]
    query: str
    shown_in: tuple[str, ...]
    status: str


@cache
def definitions() -> tuple[Definition, ...]:
    """Every definition, as the file orders them."""
    told = tomllib.loads(Path(__file__).with_name("definitions.toml").read_text(encoding="utf-8"))
    return tuple(Definition(key, **{**one, "marts": tuple(one["marts"]), "shown_in": tuple(one["shown_in"])}) for key, one in told.items())


@cache
def definition_of(part: str) -> str:
    """The key of the definition of a card, chart or listing, by its id; empty where there is none. Of several, the one that names it most closely."""
    found = [(len(pattern), one.key) for one in definitions() for pattern in one.shown_in if fnmatchcase(part, pattern)]
    return max(found)[1] if found else ""


def places_of(parts: Iterable[str], addresses: Addresses) -> dict[str, str]:
    """By id of a part, the address of its definition."""
    page = addresses.page("definitions")
    return {part: f"{page}#{key}" for part in parts if (key := definition_of(part))}


@cache
def model_descriptions() -> dict[str, dict[Language, str]]:
    """The description of every model by language, its grain first, as dbt's files give it (in Chinese: its `meta.description_zh`, which the shown ones have);
    nothing where the checkout is not there."""
    found: dict[str, dict[Language, str]] = {}
    for file in sorted(_MODELS.rglob("*.yml")):
        for model in (yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader) or {}).get("models", []):
            told = {"en": model.get("description", ""), "zh": model.get("config", {}).get("meta", {}).get("description_zh", "")}
            found[model["name"]] = {"zh": " ".join(told["zh"].split()), "en": " ".join(told["en"].split())}
    return found


def all_definitions(view: View) -> list[Section]:
    """One section a definition: what the number means, its formula, its tables with what a row of them is, its query, and how far it is verified."""
    language = view.language
    words = {name: label(f"definition.{name}", language) for name in ("meaning", "formula", "marts", "query", "status", "part", "text")}
    models = model_descriptions()
    sections = []
    for one in definitions():
        sources = "\n".join(
            label("definition.mart", language, table=_table_name(mart), description=models[mart][language]) if mart in models else _table_name(mart)
            for mart in one.marts
        )
        rows = [
            (words["meaning"], one.meaning[language]),
            (words["formula"], one.formula[language]),
            (words["marts"], sources),
            (words["query"], one.query),
            (words["status"], label(f"definition.status_{one.status}", language)),
        ]
        sections.append(
            Section(
                one.key,
                one.title[language],
                listings=[Listing(f"{one.key}-definition", "", "", Table([words["part"], words["text"]], rows, unbroken=frozenset({0})))],
            )
        )
    return sections


def _table_name(mart: str) -> str:
    return mart if "." in mart else f"marts.{mart}"


def data_dictionary(view: View) -> list[Section]:
    """One section a data set that may be delivered: its columns with what they are called, their type, and whether they are required."""
    from sources.definitions import datasets

    language = view.language
    headings = [label(f"column.{name}", language) for name in ("national_name", "name", "label", "type", "is_required", "personal")]
    yes, no, types = label("yes_no.yes", language), label("yes_no.no", language), section("column_type", language)
    sections = []
    for dataset in datasets().values():
        rows = [
            (column.national, column.name, column.label, types[column.type], yes if column.required else no, yes if column.personal else no)
            for column in dataset.columns
        ]
        note = f"{dataset.name} · raw.{dataset.table} · {dataset.grain}"
        sections.append(
            Section(
                dataset.name,
                f"{dataset.number or ''} {dataset.label}".strip(),
                listings=[Listing(f"{dataset.name}-columns", "", note, Table(headings, rows, unbroken=frozenset({0, 1, 2})))],
            )
        )
    return sections
