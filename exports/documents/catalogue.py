"""Every document by its name. Adding one is a module that writes it, a line here and its label."""

from exports.documents.annual_report import write_annual_report
from exports.documents.bulletin import write_bulletin
from exports.documents.credit_list import write_credit_list
from exports.documents.document import Document
from exports.documents.errors import DocumentError
from exports.documents.point_notices import write_point_notices
from exports.documents.registers import write_disclosure_register, write_request_register
from exports.documents.statistics import write_statistics
from exports.documents.transaction_report import write_transaction_report

DOCUMENTS = (
    Document("statistics", ("year",), write_statistics),
    Document("annual-report", ("year",), write_annual_report),
    Document("bulletin", ("quarter", "month", "year"), write_bulletin),
    Document("monthly-report", ("month",), write_transaction_report),
    Document("quarterly-report", ("quarter",), write_transaction_report),
    Document("disclosure-register", ("year",), write_disclosure_register),
    Document("request-register", ("year",), write_request_register),
    Document("point-notices", ("year",), write_point_notices),
    Document("credit-list", ("year",), write_credit_list),
)


def document(name: str) -> Document:
    """The document of that name. Raises DocumentError for one that does not exist."""
    for found in DOCUMENTS:
        if found.name == name:
            return found
    raise DocumentError(f"no document {name!r}; there are {', '.join(found.name for found in DOCUMENTS)} (`gongkai export` lists them)")
