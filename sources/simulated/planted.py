"""What is planted in a city on purpose, and where it shows: the answers against which a warehouse is judged."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Planted:
    """Something planted: rows with ``mark`` (a rule's column that is true, or a value of ``fault``) show it in ``column`` of ``dataset``.

    ``expected`` is what a warehouse must make of it: ``late``, ``too_short`` or ``absent`` (the duty is missed), ``undecidable``, ``met`` (by the later version),
    ``quarantined``, ``duplicate`` or ``withdrawn``. ``rules`` are the duties concerned, the one aimed at first.
    """

    mark: str
    kind: str
    dataset: str
    column: str
    expected: str
    rules: tuple[str, ...] = ()

    def marked(self, rows: pl.DataFrame) -> pl.Expr:
        """Whether a row shows it."""
        if self.mark in rows.columns:
            return pl.col(self.mark)
        return (pl.col("fault") == self.mark).fill_null(False) if "fault" in rows.columns else pl.lit(False)


PLANTED = (
    Planted("T-04", "clarification_late", "TENDER_FILE_CLARI_MODI", "CLARIFY_TIME", "late", ("T-04",)),
    Planted("T-07", "candidate_publicity_late", "TENDER_CANDIDATE_ANNOUNCE", "PUBLICITY_START_TIME", "late", ("T-07",)),
    Planted("T-08", "publicity_too_short", "TENDER_CANDIDATE_ANNOUNCE", "PUBLICITY_END_TIME", "too_short", ("T-08",)),
    Planted("T-10", "contract_late", "CONTRACT_PERFORMANCE", "CONTRACT_SIGN_TIME", "late", ("T-10", "E-04")),
    Planted("P-08", "result_late", "BID_DEAL_ANNOUNCE", "WIN_BID_BULLETIN_START_TIME", "late", ("P-08",)),
    Planted("P-11", "contract_published_late", "PURCHASE_CONTRACT", "PUBLISHED_TIME", "late", ("P-11", "E-13")),
    Planted("P-01", "notice_too_short", "PURCHASE_QUALI_INQUERY_ANN", "BULLETIN_END_TIME", "too_short", ("P-01",)),
    Planted("P-02", "document_provision_too_short", "PURCHASE_QUALI_INQUERY_ANN", "DOC_GET_END_TIME", "too_short", ("P-02",)),
    Planted("P-09", "result_notice_too_short", "BID_DEAL_ANNOUNCE", "WIN_BID_BULLETIN_END_TIME", "too_short", ("P-09",)),
    Planted("L-01", "land_notice_late", "DEAL_BEHAVIOR_INFO", "PUBLISHING_TIME", "late", ("L-01",)),
    Planted("published_late", "information_published_late", "DISCLOSURE_REGISTER", "PUBLISHED_TIME", "late", ("G-01", "E-41")),
    Planted("publicised_late", "decision_publicised_late", "PERMIT_PENALTY", "PUBLISHED_TIME", "late", ("G-06",)),
    Planted("never_publicised", "decision_never_publicised", "PERMIT_PENALTY", "PUBLISHED_TIME", "absent", ("G-06",)),
    Planted("ruined_code", "ruined_code", "BID_OPENING_RECORD", "BID_SECTION_CODES", "quarantined"),
    Planted("impossible_time", "impossible_time", "TENDER_CANDIDATE_ANNOUNCE", "PUBLICITY_START_TIME", "undecidable", ("T-08", "T-07", "E-02")),
    Planted("missing_time", "missing_time", "TENDER_CANDIDATE_ANNOUNCE", "PUBLICITY_END_TIME", "undecidable", ("T-08",)),
    Planted("award_before_publicity", "award_before_publicity", "WIN_RESULT_ANNO", "NOTICE_SEND_TIME", "late", ("E-02",)),
    Planted("publicity_before_report", "publicity_before_report", "EVALUATION_REPORT", "RECEIVED_TIME", "undecidable", ("T-07",)),
    Planted("award_notice_absent", "award_notice_absent", "WIN_RESULT_ANNO", "NOTICE_SEND_TIME", "absent", ("E-03",)),
    Planted("repeated", "duplicate", "WIN_RESULT_ANNO", "NOTICE_SEND_TIME", "duplicate"),
    Planted("corrected", "correction", "TENDER_ANN_QUA_INQUERY_ANN", "DOC_GET_END_TIME", "met", ("T-01",)),
    Planted("withdrawn", "withdrawal", "TENDER_FILE_CLARI_MODI", "CLARIFY_TIME", "withdrawn", ("T-04",)),
)

#: Faults that show in a further row at the end of a file: the data set and what the fault is called in that row.
FURTHER_ROWS = {
    "duplicate": ("WIN_RESULT_ANNO", "repeated"),
    "correction": ("TENDER_ANN_QUA_INQUERY_ANN", "corrected"),
    "withdrawal": ("TENDER_FILE_CLARI_MODI", "withdrawn"),
}

#: The fault that shows in a row that is not there.
ABSENT = "award_notice_absent"


def planted_in(
    dataset: str, rows: pl.DataFrame, records: pl.DataFrame | None, first_row: int, subject: str = "section_code"
) -> Iterator[dict[str, object]]:
    """The answers for rows of one data set, whose column ``subject`` names what they are about.

    ``records`` are what was delivered of them from ``first_row`` on; None when nothing was.
    """
    for planted in PLANTED:
        if planted.dataset != dataset:
            continue
        positions = rows.select(planted.marked(rows).arg_true()).to_series().to_list()
        for position in positions:
            yield {
                "kind": planted.kind,
                "dataset": dataset,
                "file": f"{dataset}.csv",
                "row_number": None if records is None else first_row + position,
                "subject": rows[subject][position],
                "column": planted.column,
                "value": None if records is None else records[planted.column][position],
                "expected": planted.expected,
                "rule_id": planted.rules[0] if planted.rules else None,
                "also": list(planted.rules[1:]),
            }
