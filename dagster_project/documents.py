"""The documents as assets: a partition is a year, quarter or month, and its materialisation says from which snapshot it was made. `gongkai export` makes the same files."""

from dagster import (
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    AssetSelection,
    Failure,
    MaterializeResult,
    MetadataValue,
    TimeWindowPartitionsDefinition,
    asset,
    define_asset_job,
    in_process_executor,
)

from dagster_project.home import Home
from exports.documents.catalogue import DOCUMENTS
from exports.documents.document import Document

GROUP = "documents"
_FIRST = "2008-01"
_CRON = {"year": "0 0 1 1 *", "quarter": "0 0 1 1,4,7,10 *", "month": "0 0 1 * *"}


def _ended_periods(cron: str) -> TimeWindowPartitionsDefinition:
    # A function of its own: Dagster looks at the variables of whoever makes the first one, and Python 3.13.0 dies where that is a comprehension of a module.
    return TimeWindowPartitionsDefinition(start=_FIRST, fmt="%Y-%m", timezone="Asia/Shanghai", cron_schedule=cron)


partitions = {kind: _ended_periods(cron) for kind, cron in _CRON.items()}
"""Periods that have ended, by kind; a partition is called by its first month."""


def _asset(document: Document) -> AssetsDefinition:
    kind = document.kinds[0]

    @asset(
        key=[GROUP, document.name.replace("-", "_")],
        group_name=GROUP,
        owners=["team:publication"],
        kinds={"python"},
        deps=["snapshot"],
        partitions_def=partitions[kind],
        description=f"{document.label()}。由当前快照生成。\n\n{document.label('en')}, made from the current snapshot: `gongkai export {document.name}` makes the same files.",
    )
    def made(context: AssetExecutionContext) -> MaterializeResult:
        return _materialise(document, context)

    return made


def _materialise(document: Document, context: AssetExecutionContext) -> MaterializeResult:
    """Write the partition's files beside those of the same snapshot. What a person must mend is one line and is not tried again."""
    from exports.answers.asking import AnswerError
    from exports.documents.errors import DocumentError
    from exports.documents.index import PAGE
    from exports.documents.writing import Asked, write_documents
    from exports.publication import current_snapshot

    home, start = Home.at(), context.partition_time_window.start
    kind = document.kinds[0]
    asked = Asked(start.year, (start.month + 2) // 3 if kind == "quarter" else None, start.month if kind == "month" else None)
    snapshot = current_snapshot(home.path)
    if snapshot is None:
        raise Failure(f"{home.path}: nothing published yet; run the whole way first", allow_retries=False)
    out = home.path / "documents" / snapshot.name
    try:
        written = write_documents(home.path, [document], asked, out)
    except (DocumentError, AnswerError) as error:
        raise Failure(str(error), allow_retries=False) from error
    return MaterializeResult(
        metadata={
            "快照 snapshot": snapshot.name,
            "快照网页 page": MetadataValue.url((snapshot / "site" / "index.html").as_uri()),
            "清单 index": MetadataValue.url((out / PAGE).as_uri()),
            "文件 files": MetadataValue.json([str(file.path) for file in written]),
        }
    )


documents = [_asset(document) for document in DOCUMENTS]

documents_of = [
    define_asset_job(
        f"documents_of_{kind}",
        selection=AssetSelection.assets(*(AssetKey([GROUP, document.name.replace("-", "_")]) for document in DOCUMENTS if document.kinds[0] == kind)),
        partitions_def=definition,
        executor_def=in_process_executor,
        description=f"一个期间的全部文件。All documents of a {kind}, from the current snapshot.",
    )
    for kind, definition in partitions.items()
]
