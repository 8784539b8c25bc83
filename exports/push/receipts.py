"""The province's receipts as a delivery of our own data set PUSH_RECEIPT: they come back into the warehouse with the next run."""

from datetime import datetime
from pathlib import Path

import duckdb

from exports.push.outbox import push_folder
from sources.definitions import datasets

DATASET = "PUSH_RECEIPT"
_STATEMENT = """source_id = "province-receipts"
label = "省平台推送回执"
jurisdiction = "CN"
encoding = "utf-8"
"""
_VALUES = {
    "PUSHED_KEY": "data_key",
    "PUSHED_DATASET": "dataset",
    "OPERATION": "data_type",
    "REGION_CODE": "region_code",
    "PUBLISHED_TIME": "strftime(published_at, '%Y%m%d%H%M%S')",
    "VERIFIED_TIME": "NULL",
    "SENT_TIME": "strftime(sent_at, '%Y%m%d%H%M%S')",
    "ACCEPTED_TIME": "strftime(accepted_at, '%Y%m%d%H%M%S')",
    "STATUS": "CASE WHEN state = 'accepted' THEN '已接收' WHEN state = 'refused' THEN '已退回' ELSE '待回执' END",
    "REFUSAL_CODE": "CASE WHEN state = 'refused' THEN reason_code END",
    "REFUSAL_REASON": "CASE WHEN state = 'refused' THEN reason END",
    "ATTEMPT": "attempt",
}


def receipts_folder(home: Path) -> Path:
    """The delivery folder of the receipts; every run loads it beside its own delivery."""
    return push_folder(home) / "receipts"


def write_receipts(connection: duckdb.DuckDBPyConnection, home: Path, since: datetime, now: datetime) -> Path | None:
    """Write what was answered (or sent without an answer) since then as one CSV file; None when nothing was."""
    national = [column.national for column in datasets()[DATASET].columns]
    assert national == list(_VALUES), "the receipts say every column of their data set"
    folder = receipts_folder(home)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "delivery.toml").write_text(_STATEMENT, encoding="utf-8")
    columns = ", ".join(f"{sql} AS {name}" for name, sql in _VALUES.items())
    selected = f"SELECT {columns} FROM outbox.messages WHERE sent_at IS NOT NULL AND coalesce(answered_at, sent_at) >= $1 ORDER BY message_number"
    found = connection.execute(f"SELECT count(*) FROM ({selected})", [since]).fetchone()
    if not found or not found[0]:
        return None
    path = folder / f"{DATASET}-{now:%Y%m%dT%H%M%S%f}.csv"
    part = path.with_name(f".{path.name}.part")
    connection.execute(f"COPY ({selected}) TO '{str(part).replace(chr(39), chr(39) * 2)}' (FORMAT csv, HEADER)", [since])
    part.replace(path)
    return path
