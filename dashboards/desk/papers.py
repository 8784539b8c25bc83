"""Writes the papers of the desk into the site: `quality/index.html` (the bulletin) and `quality/<region>.html` (a sheet each), in both languages."""

from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from math import ceil, floor
from pathlib import Path
from typing import Any, get_args

from dashboards.addresses import page_name
from dashboards.desk.standings import LISTED, Report, Standing, delivered_rows, open_findings, read_report
from dashboards.labels import LANGUAGES, Language, label, other_language
from dashboards.pages import ways
from dashboards.periods import minute
from dashboards.reasons import check_name, reason_text
from dashboards.regions import UNKNOWN_REGION
from dashboards.rendering import environment
from dashboards.snapshot import reading
from quality.checks import Dimension
from quality.desk.lifecycle import states
from quality.desk.naming import column_label, dataset_label, place
from quality.desk.texts import explanation

_NAMED = 3


def build_papers(warehouse: Path, out: Path, *, manifest: Mapping[str, object]) -> list[Path]:
    """Write the papers of a published snapshot into the folder `out` (`site/quality`, beside which `site.css` lies); none when it has no desk.

    The same snapshot and manifest give the same bytes. Everything delivered is escaped, and no page loads what does not lie in the site.
    """
    with reading(warehouse) as connection:
        report = read_report(connection)
        if report is None:
            return []
        out.mkdir(parents=True, exist_ok=True)
        (out / "copy.js").write_bytes((files("dashboards") / "assets" / "copy.js").read_bytes())
        findings = {standing.region_code: open_findings(connection, standing.region_code) for standing in report.standings}
        rows = delivered_rows(connection, [finding for listed in findings.values() for finding in listed])
    templates = environment()
    templates.filters |= {"score": score, "percent": percent}
    written = []
    for language in LANGUAGES:
        shared = _shared(report, manifest, language)
        path = out / paper_name(None, language)
        html = templates.get_template("quality_bulletin.html.j2").render(
            **shared,
            here="quality",
            report=report,
            other=_other(None, language),
            text=bulletin_text(report, language),
            points=points(report),
            ranks=ranks(report),
            samples=[_sample(rows, language) for rows in report.samples],
        )
        path.write_text(html, encoding="utf-8")
        written.append(path)
        for standing in report.standings:
            sheet = out / paper_name(standing.region_code, language)
            shown = [_finding(finding, rows, language) for finding in findings[standing.region_code]]
            html = templates.get_template("quality_sheet.html.j2").render(
                **shared,
                here="",
                standing=standing,
                other=_other(standing.region_code, language),
                findings=shown,
                more=max(0, standing.open - LISTED),
                bulletin=paper_name(None, language),
            )
            sheet.write_text(html, encoding="utf-8")
            written.append(sheet)
    return written


def paper_name(region_code: str | None, language: Language) -> str:
    """File name of a region's sheet, or of the bulletin."""
    return page_name(region_code or "index", language)


def ranks(report: Report) -> dict[str, int]:
    """The place of each region with a score: one more than the regions with a better one."""
    scores = {one.region_code: one.score for one in report.standings if one.score is not None and one.region_code != UNKNOWN_REGION}
    return {code: 1 + sum(other > score for other in scores.values()) for code, score in scores.items()}


def bulletin_text(report: Report, language: Language) -> str:
    """The bulletin in words, to be pasted: the whole, what moved, who leads and trails, what is overdue."""
    placed = [one for one in report.standings if one.score is not None and one.region_code != UNKNOWN_REGION]
    total = {
        name: sum(getattr(one, name) for one in report.standings)
        for name in ("open", "blocking", "overdue", "accepted", "opened", "closed", "open_before")
    }
    lines = [
        label("quality.text_total", language, as_of=report.as_of, **total),
        label(
            "quality.text_moved",
            language,
            month=f"{report.month:%Y-%m}",
            rate=percent(total["closed"], total["open_before"] + total["opened"]),
            **total,
        ),
    ]
    join = label("punctuation.between", language)
    leading = placed[:_NAMED]
    trailing = [one for one in reversed(placed) if one not in leading and one.score != leading[0].score][:_NAMED]
    if trailing:
        lines.append(label("quality.text_leading", language, regions=join.join(_with_score(one) for one in leading)))
        lines.append(label("quality.text_trailing", language, regions=join.join(_with_score(one) for one in trailing)))
    elif leading:
        lines.append(label("quality.text_equal", language, score=score(leading[0])))
    late = [f"{one.region} {one.overdue}" for one in report.standings if one.overdue]
    if late:
        lines.append(label("quality.text_overdue", language, regions=join.join(late)))
    return "\n".join(lines)


def percent(part: int, whole: int) -> str:
    """A share in per cent with two decimals, cut off; a dash of nothing."""
    return f"{10_000 * part // whole / 100:.2f}%" if whole else "—"


def score(standing: Standing) -> str:
    """The score with four decimals, cut off."""
    return "—" if standing.score is None else f"{standing.score / 10_000:.4f}"


def _with_score(standing: Standing) -> str:
    return f"{standing.region} {score(standing)}"


def points(report: Report) -> dict[str, list[str]]:
    """By region what each dimension takes from the hundred points, with four decimals."""
    return {one.region_code: [f"{one.lost_points(dimension):.4f}" for dimension in get_args(Dimension)] for one in report.standings}


def _sample(rows: Sequence[Mapping[str, Any]], language: Language) -> dict[str, Any]:
    """What the bulletin prints of a sample: how it was drawn, and a line a region and the whole."""
    whole = rows[-1]
    said = {name: whole[name] for name in ("drawn_on", "population", "drawn", "seed")}
    verdict = {True: "reached", False: "missed", None: "not_shown"}
    lines = []
    for row in rows:
        region = label("sample.whole", language) if row is whole else row["region"] or row["region_code"] or label("desk.no_region", language)
        known = row["accuracy"] is not None
        accuracy, interval = (
            (_share(row["accuracy"], floor), f"{_share(row['accuracy_low'], floor)}～{_share(row['accuracy_high'], ceil)}") if known else ("—", "—")
        )
        counts = [f"{row[name]:,}" for name in ("population", "drawn", "checked")]
        lines.append([region, *counts, accuracy, interval, label(f"sample.{verdict[row['meets']]}", language)])
    return {
        "id": whole["sample_id"],
        "note": label("sample.note", language, dataset=dataset_label(whole["dataset"], language), **said),
        "lines": lines,
    }


def _share(share: float, to_whole: Callable[[float], int]) -> str:
    """A share in per cent with two decimals, cut off, or the upper end of an interval rounded up: never better than it is."""
    return f"{to_whole(10_000 * share) / 100:.2f}%"


def _finding(finding: Mapping[str, Any], rows: Mapping[int, list[tuple[str, str, str]]], language: Language) -> dict[str, Any]:
    """What a sheet prints of a finding."""
    texts, stands = explanation(finding["kind"]), place(finding["source_file"], finding["source_row"])
    return {
        "id": finding["finding_id"],
        "severity": label(f"quality.{finding['severity']}", language),
        "state": states()[finding["state"]][language],
        "dataset": dataset_label(finding["dataset"], language),
        "column": column_label(finding["dataset"], finding["column_name"], language),
        "check": check_name(finding["check_id"], finding["dataset"], language, finding["label"]),
        "check_id": finding["check_id"],
        "reason": reason_text(finding["reason"], finding["kind"], language),
        "value": finding["value"] or "",
        "source": finding["rule_source"] or (texts.source[language] if texts else ""),
        "explained": [(label(f"quality.{name}", language), getattr(texts, name)[language]) for name in ("meaning", "effect", "mend")]
        if texts
        else [],
        "place": label("desk.place_of" if stands[1] else "desk.whole_file", language, file=stands[0], row=stands[1]) if stands else "",
        "assignee": finding["assignee"] or "",
        "due_on": finding["due_on"] or "",
        "opened_on": finding["opened_on"],
        "age_days": finding["age_days"],
        "cells": [(text, value, name == finding["column_name"]) for name, text, value in rows.get(finding["source_row"], [])],
    }


def _shared(report: Report, manifest: Mapping[str, object], language: Language) -> dict[str, Any]:
    facts = [(label("page.as_of", language), str(report.as_of))]
    facts += [
        (label("page.snapshot", language), str(manifest.get("snapshot", "—"))),
        (label("page.published_at", language), minute(manifest.get("published_at"))),
    ]
    return {
        "language": language,
        "facts": facts,
        "dimensions": [label(f"quality.{dimension}", language) for dimension in get_args(Dimension)],
        "say": lambda key, **values: label(key, language, **values),
        "ways": ways(language, "../", has_papers=True),
        "screen": f"../{page_name('screen', language)}",
        "page_of": lambda region_code: paper_name(region_code, language),
    }


def _other(region_code: str | None, language: Language) -> tuple[str, str, Language]:
    other = other_language(language)
    return label("page.other_language", language), paper_name(region_code, other), other
