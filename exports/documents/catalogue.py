"""Every document by its name. Adding one is a module that writes it, a line here and its label."""

from exports.documents.annual_report import write_annual_report
from exports.documents.document import Document
from exports.documents.errors import DocumentError
from exports.documents.statistics import write_statistics

DOCUMENTS = (
    Document("statistics", ("year",), write_statistics),
    Document("annual-report", ("year",), write_annual_report),
)


def document(name: str) -> Document:
    """The document of that name. Raises DocumentError for one that does not exist."""
    for found in DOCUMENTS:
        if found.name == name:
            return found
    raise DocumentError(f"no document {name!r}; there are {', '.join(found.name for found in DOCUMENTS)} (`gongkai export` lists them)")
