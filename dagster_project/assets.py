"""The assets: deliveries come in, dbt makes facts of them, a snapshot is published. The audit between the last two is in ``checks``."""

import importlib.metadata
import json
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster import AssetExecutionContext, AssetKey, AssetObservation, MaterializeResult, MetadataValue, asset

from dagster_project.alerting import telling_of_an_altered_log
from dagster_project.edition import Edition
from dagster_project.errors import UsageError
from dagster_project.models import mart_keys
from dagster_project.prepared_warehouse import begin_with_prepared
from dagster_project.project import fingerprint
from dagster_project.steps import RETRIES, plain_failures
from exports.publication import WAREHOUSE, PublicationError, PublicationForbidden, current_manifest, publish, published_log_heads, read_manifest
from exports.push.receipts import receipts_folder
from quality.audit import refusal
from quality.desk.log import DeskLog, desk_folder
from quality.desk.tracking import followed_entries, verify_log
from sources.clock import BEIJING

if TYPE_CHECKING:
    from sources.loader import FileReport, LoadSummary


@asset(
    group_name="sources",
    owners=["team:data-engineering"],
    kinds={"python", "duckdb", "file"},
    retry_policy=RETRIES,
    output_required=False,
    description=(
        "交付入库：读取交付文件，逐值定型，去除完全重复的行，隔离不能保留的行，台账平衡。与当前快照相比没有变化时，后续步骤跳过。\n\n"
        "Delivered files, read and typed into `raw.*` with a balanced ledger in `meta.*`. "
        "When neither data, day nor code differ from the current snapshot, the steps after this one are skipped."
    ),
)
def deliveries(context: AssetExecutionContext, edition: Edition) -> Iterator[MaterializeResult | AssetObservation]:
    """Load the delivery; materialised only when the current snapshot does not already tell the same."""
    from sources.issued_statements import load_issued
    from sources.loader import load_deliveries

    def report(line: "FileReport") -> None:
        refused = f"refused: {line.message}" if line.dataset is None else f"{line.rows_loaded:,} / {line.rows_received:,} rows"
        context.log.info(f"{line.file} · {refused}")

    started = time.monotonic()
    with plain_failures():
        context.log.info(f"{edition.folder} · {edition.day}")
        begin_with_prepared(edition.home.warehouse)
        loaded = load_deliveries(edition.home.warehouse, edition.folder, home=edition.home.path, received_at=edition.started_at, report=report)
        # What the province answered comes back beside the delivery.
        if (receipts := receipts_folder(edition.home.path)).is_dir():
            answered = load_deliveries(edition.home.warehouse, receipts, home=edition.home.path, received_at=edition.started_at, report=report)
            loaded = loaded.then(answered)
        # A statement that was issued since is news too: the snapshot compares with it.
        issued = load_issued(edition.home.warehouse, edition.home.path)
        # So is what was done at the desk. A log that is not as it was written stops the run before anything is made from it.
        log = DeskLog(desk_folder(edition.home.path))
        with telling_of_an_altered_log(run_id=context.run.run_id, as_of=edition.day, log=context.log.warning):
            verify_log(log, published_log_heads(edition.home.path, only_current=True))
        done = log.last_of_people()
        state = "-".join(part for part in (loaded.state, issued, done.digest[:16] if done.number else "") if part)
        metadata = _loaded_metadata(loaded, edition, time.monotonic() - started)
        current = current_manifest(edition.home.path)
        if {name: current.get(name) for name in ("state", "as_of", "known_at", "fingerprint")} == _content(state, edition):
            context.log.info(f"unchanged (无变化): {current['snapshot']} already tells this")
            yield AssetObservation(context.asset_key, metadata={**metadata, "unchanged": current["snapshot"]})
            return
        yield MaterializeResult(metadata={**metadata, "state": state})


def _content(state: str, edition: Edition) -> dict[str, str]:
    """What decides the content of a snapshot."""
    return {"state": state, "as_of": edition.day.isoformat(), "known_at": edition.known_day.isoformat(), "fingerprint": fingerprint()}


def _loaded_metadata(loaded: "LoadSummary", edition: Edition, seconds: float) -> dict[str, Any]:
    return {
        "dagster/row_count": loaded.rows_loaded,
        "交付 delivery": MetadataValue.path(edition.folder),
        "截止日 as of": edition.day.isoformat(),
        "文件 files": loaded.files,
        "新文件 new files": loaded.new_files,
        "拒收文件 files refused": loaded.files_refused,
        "收到行 rows received": loaded.rows_received,
        "入库行 rows loaded": loaded.rows_loaded,
        "隔离行 rows quarantined": loaded.rows_quarantined,
        "重复行 rows duplicate": loaded.rows_duplicate,
        "秒 seconds": round(seconds, 2),
    }


@asset(
    group_name="published",
    owners=["team:publication"],
    kinds={"duckdb", "plotly", "excel"},
    deps=["deliveries", *mart_keys()],
    retry_policy=RETRIES,
    description=(
        "发布快照：复制审核通过的数仓，生成网页和工作簿，一次改名切换为当前快照；审核未通过则保留原快照。\n\n"
        "The audited warehouse with its pages and workbooks, immutable, switched in by one rename. A failed audit leaves the last one in place."
    ),
)
def snapshot(context: AssetExecutionContext, edition: Edition) -> MaterializeResult:
    """Publish what was audited."""
    started = time.monotonic()

    def build(folder: Path) -> None:
        from dashboards.desk.papers import build_papers
        from dashboards.site import build_site
        from exports.rates_workbook import write_rates_workbook

        manifest = read_manifest(folder)
        context.log.info("site · 网页")
        build_site(folder / WAREHOUSE, folder / "site", manifest=manifest)
        build_papers(folder / WAREHOUSE, folder / "site" / "quality", manifest=manifest)
        context.log.info("exports · 工作簿")
        write_rates_workbook(folder / WAREHOUSE, folder / "exports")

    with plain_failures():
        entries = followed_entries(edition.home.warehouse)
        if entries is None:
            raise PublicationError("not published: there is no audit of these tables whose findings were followed; run the audit again")
        # Blocking checks stop this step; a step that was skipped or left out stops nothing.
        if reason := refusal(edition.home.warehouse):
            raise PublicationForbidden(reason)
        manifest = {
            **_content(_loaded_state(context), edition),
            "desk": {"entries": entries, "head": DeskLog(desk_folder(edition.home.path)).digest_of(entries)},
            "run_id": context.run.run_id,
            "started_at": edition.started_at.isoformat(timespec="seconds"),
            "published_at": datetime.now(BEIJING).isoformat(timespec="seconds"),
            "code_version": f"{importlib.metadata.version('gongkai')}+{fingerprint()[:8]}",
            "delivery": edition.folder.name,
        }
        folder = publish(edition.home.path, edition.home.warehouse, manifest=manifest, build=build)
    published = read_manifest(folder)
    return MaterializeResult(
        metadata={
            "dagster/row_count": sum(published["tables"].values()),
            "快照 snapshot": folder.name,
            "网页 page": MetadataValue.url((folder / "site" / "index.html").as_uri()),
            "工作簿 workbooks": MetadataValue.path(folder / "exports"),
            "判定 verdicts": MetadataValue.md(_as_table(published.get("verdicts", {}))),
            "清单 manifest": MetadataValue.json(json.loads(json.dumps(published))),
            "字节 bytes": published["warehouse_bytes"],
            "秒 seconds": round(time.monotonic() - started, 2),
        }
    )


def _loaded_state(context: AssetExecutionContext) -> str:
    """The ledger's state as the last materialisation of the deliveries gave it: also right when a run is repeated from this step."""
    loaded = context.instance.get_latest_materialization_event(AssetKey("deliveries"))
    if loaded is None or loaded.asset_materialization is None:
        raise UsageError("no delivery was loaded yet; materialise deliveries first")
    return str(loaded.asset_materialization.metadata["state"].value)


def _as_table(counts: dict[str, int]) -> str:
    return "\n".join(["| verdict | count |", "|---|---:|", *(f"| {name} | {count:,} |" for name, count in counts.items())])
