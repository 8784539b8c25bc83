"""The index of a folder of documents: `documents.json` and a page, each file with its period, its digest and the snapshot that it tells of."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import jinja2

from dashboards.labels import label
from exports.answers.period import Period
from exports.documents.document import Document, period_words
from exports.documents.occasion import Occasion
from sources.deliveries import sha256_of

INDEX, PAGE = "documents.json", "documents.html"


def update_index(occasion: Occasion, out: Path, written: Sequence[tuple[Document, Period, Path]]) -> None:
    """Enter the files into the folder's index; what was entered before stays while its file is there."""
    entries = {entry["file"]: entry for entry in _entries(out) if (out / entry["file"]).is_file()}
    for document, period, path in written:
        entries[path.name] = {
            "file": path.name,
            "document": document.name,
            "label": document.label(),
            "period": str(period),
            "bytes": path.stat().st_size,
            "sha256": sha256_of(path),
            "snapshot": occasion.manifest["snapshot"],
            "as_of": occasion.as_of.isoformat(),
            "run_id": occasion.manifest.get("run_id"),
            "code_version": occasion.manifest.get("code_version"),
            "site": os.path.relpath(occasion.snapshot / "site" / "index.html", out.resolve()),
        }
    ordered = sorted(entries.values(), key=lambda entry: (entry["document"], entry["period"], entry["file"]))
    _replace(out / INDEX, json.dumps({"documents": ordered}, ensure_ascii=False, indent=2) + "\n")
    _replace(out / PAGE, _page(ordered))


def entered_digests(out: Path) -> dict[str, str]:
    """What the folder's files were when they were entered, by name."""
    return {entry["file"]: entry.get("sha256", "") for entry in _entries(out)}


def _entries(out: Path) -> list[dict]:
    path = out / INDEX
    if not path.is_file():
        return []
    try:
        return [entry for entry in json.loads(path.read_text(encoding="utf-8"))["documents"] if isinstance(entry.get("file"), str)]
    except (ValueError, KeyError, TypeError, AttributeError):
        # An index that nobody can read is made anew from what is written now.
        return []


def _page(entries: list[dict]) -> str:
    environment = jinja2.Environment(loader=jinja2.PackageLoader("exports.documents", "templates"), autoescape=True, undefined=jinja2.StrictUndefined)
    words = [{**entry, "period_words": period_words(Period.read(entry["period"]))} for entry in entries]
    return environment.get_template("documents.html.j2").render(entries=words, say=label)


def _replace(path: Path, text: str) -> None:
    part = path.with_suffix(path.suffix + ".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
