"""Every document by its name. Adding one is a module that writes it, a line here and its label."""

from exports.documents.document import Document
from exports.documents.errors import DocumentError

DOCUMENTS = (
    Document("statistics", ("year",), "exports.documents.statistics:write_statistics"),
    Document("annual-report", ("year",), "exports.documents.annual_report:write_annual_report"),
    Document("bulletin", ("quarter", "month", "year"), "exports.documents.bulletin:write_bulletin"),
    Document("monthly-report", ("month",), "exports.documents.transaction_report:write_transaction_report"),
    Document("quarterly-report", ("quarter",), "exports.documents.transaction_report:write_transaction_report"),
    Document("disclosure-register", ("year",), "exports.documents.registers:write_disclosure_register"),
    Document("request-register", ("year",), "exports.documents.registers:write_request_register"),
    Document("point-notices", ("year",), "exports.documents.point_notices:write_point_notices"),
    Document("credit-list", ("year",), "exports.documents.credit_list:write_credit_list"),
    Document("ocds", ("year",), "exports.ocds.packages:write_ocds"),
    Document("open-data", ("year",), "exports.open_data.data_package:write_data_package"),
)


def document(name: str) -> Document:
    """The document of that name. Raises DocumentError for one that does not exist."""
    for found in DOCUMENTS:
        if found.name == name:
            return found
    raise DocumentError(f"no document {name!r}; there are {', '.join(found.name for found in DOCUMENTS)} (`gongkai export` lists them)")
