"""Figures as a report prints them, in words: shares as per cent, months and periods as they are read, and no unit behind what is no number."""

from dashboards.labels import Language, label, section


def published_text(value: str, unit: str, language: Language) -> str:
    """A published value with its unit (dbt/seeds/published_figures_of_reports.csv): `98` and `%` read `98%`, `2017-02` and `month` 2017年2月, `30000` and `条` 30,000 条."""
    year, _, month = value.partition("-")
    if unit == "month" and year.isdecimal() and month.isdecimal():
        return label("period.month", language, year=int(year), month=int(month))
    if unit in section("published"):
        words = section("published_word", language)
        return label(f"published.{unit}", language, value=words.get(value, value.replace("/", words["/"]) if unit == "period" else value))
    number = f"{int(value):,}" if value.isdecimal() else value
    return f"{number} {section('figure_unit', language).get(unit, unit)}"
