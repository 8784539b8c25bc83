"""The checks of what could not be read: a row in quarantine, a held value. Each is a finding until it is delivered again and can be read."""

from quality.checks import Check
from sources.definitions import Dataset, datasets
from sources.warehouse import ROWS_PER_DELIVERY


def unread_checks() -> list[Check]:
    """Both checks."""
    return [_rows(), _values()]


def mending_file(dataset: str, delivery_id: str, row_number: int) -> str:
    """The name of a delivery that has nothing but the corrected record of one quarantined row: so it is known for that row even where the key was ruined."""
    return f"{dataset}-mends-{delivery_id}-{row_number}.csv"


def _rows() -> Check:
    """A quarantined row is mended when its file is loaded again under the same name, or its record from another file, as far as its key can be read,
    or from one that is named for it."""
    mended = " UNION ALL ".join(_loaded_since(dataset) for dataset in datasets().values())
    return Check(
        "no_row_is_quarantined", "meta.quarantine", "accuracy", "warn",
        f"""WITH quarantined AS MATERIALIZED (
            SELECT q.*, d.delivery_number::BIGINT AS delivery_number FROM meta.quarantine AS q JOIN meta.deliveries AS d ON q.delivery_id = d.delivery_id
            WHERE d.status <> 'refused' AND NOT EXISTS (
                SELECT 1 FROM meta.deliveries AS later WHERE later.status = 'loaded' AND later.dataset = d.dataset
                    AND later.source_id = d.source_id AND later.file = d.file AND later.delivery_number > d.delivery_number))
        SELECT delivery_id || ':' || coalesce(row_number::VARCHAR, '?') AS record_key, dataset, column_name, value, concat_ws(': ', rule, reason) AS reason,
            delivery_number * {ROWS_PER_DELIVERY} + coalesce(row_number, 0) AS source_row
        FROM quarantined AS q WHERE row_number IS NULL OR ((delivery_id, row_number) NOT IN ({mended}) AND NOT EXISTS (
            SELECT 1 FROM meta.deliveries AS later WHERE later.rows_loaded > 0 AND later.delivery_number > q.delivery_number
                AND later.file = concat(q.dataset, '-mends-', q.delivery_id, '-', q.row_number, '.csv')))""",
        "SELECT coalesce(sum(rows_received), 0)::BIGINT FROM meta.deliveries",
    )  # fmt: skip


def _loaded_since(dataset: Dataset) -> str:
    """Delivery and row of the quarantined rows of a data set whose record was loaded from a later file."""
    return f"""SELECT q.delivery_id, q.row_number FROM quarantined AS q JOIN raw.{dataset.table} AS r
        ON q.dataset = '{dataset.name}' AND q.record_key = r.record_key AND r.source_row // {ROWS_PER_DELIVERY} > q.delivery_number"""


def _values() -> Check:
    """A held value is mended when its record is delivered again: its row is no longer the current one."""
    replaced = " UNION ALL ".join(
        f"""SELECT source_row FROM raw.{dataset.table} WHERE source_row IN (SELECT source_row FROM held WHERE dataset = '{dataset.name}')
            AND (is_withdrawn OR row_hash IN (SELECT row_hash FROM staging.superseded_rows WHERE table_name = '{dataset.table}'))"""
        for dataset in datasets().values()
    )
    return Check(
        "no_value_is_held", "meta.held_values", "accuracy", "blocks_push",
        f"""WITH held AS MATERIALIZED (
            SELECT h.*, d.delivery_number::BIGINT * {ROWS_PER_DELIVERY} + h.row_number AS source_row
            FROM meta.held_values AS h JOIN meta.deliveries AS d ON h.delivery_id = d.delivery_id)
        SELECT delivery_id || ':' || row_number AS record_key, dataset, column_name, value, concat_ws(': ', rule, reason) AS reason, source_row
        FROM held WHERE source_row NOT IN ({replaced})""",
        "SELECT coalesce(sum(rows_loaded), 0)::BIGINT FROM meta.deliveries",
    )  # fmt: skip
