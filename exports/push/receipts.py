"""The province's receipts as a delivery of our own data set PUSH_RECEIPT: they come back into the warehouse with the next run."""

from datetime import datetime
from pathlib import Path

import duckdb

from exports.push.outbox import count, push_folder, transaction
from sources.definitions import datasets
from sources.deliveries import STATEMENT

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


def write_receipts(connection: duckdb.DuckDBPyConnection, home: Path, now: datetime) -> Path | None:
    """Write what was sent and is not told yet, or was answered otherwise since, as one CSV file; None when nothing was.

    What was told stands in the outbox, so that a push which ended before it told its answers, however it ended, leaves them to the next. A kill between the
    file and the outbox tells some twice, and the loader takes the second for a duplicate.
    """
    national = [column.national for column in datasets()[DATASET].columns]
    assert national == list(_VALUES), "the receipts say every column of their data set"
    folder = receipts_folder(home)
    folder.mkdir(parents=True, exist_ok=True)
    # Renamed into its place: a run that reads the folder at this moment finds it whole.
    statement = folder / f".{STATEMENT}.part"
    statement.write_text(_STATEMENT, encoding="utf-8")
    statement.replace(folder / STATEMENT)
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE telling AS
        SELECT m.*, {_VALUES["STATUS"]} AS status FROM outbox.messages AS m LEFT JOIN outbox.told_receipts AS t ON m.message_number = t.message_number
        WHERE m.sent_at IS NOT NULL AND {_VALUES["STATUS"]} IS DISTINCT FROM t.status"""
    )
    if not count(connection, "SELECT count(*) FROM telling"):
        return None
    path = folder / f"{DATASET}-{now:%Y%m%dT%H%M%S%f}.csv"
    part = path.with_name(f".{path.name}.part")
    columns = ", ".join(f"{sql} AS {name}" for name, sql in _VALUES.items())
    connection.execute(
        f"COPY (SELECT {columns} FROM telling ORDER BY message_number) TO '{str(part).replace(chr(39), chr(39) * 2)}' (FORMAT csv, HEADER)"
    )
    part.replace(path)
    with transaction(connection):
        connection.execute("DELETE FROM outbox.told_receipts WHERE message_number IN (SELECT message_number FROM telling)")
        connection.execute("INSERT INTO outbox.told_receipts SELECT message_number, status FROM telling")
    return path
