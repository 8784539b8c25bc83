"""What a finding is over time: the same violation of the same check, in whichever run it is seen."""

from sources.warehouse import ROWS_PER_DELIVERY

_LENGTH = 32


def finding_id(check_id: str, dataset: str, record_key: str) -> str:
    """A SQL expression over violations ``v`` with the delivery ``d`` of each: 32 hexadecimal digits of SHA-256.

    Of check, data set, record and column; of a finding about a file as a whole (row 0), the file's name takes the place of the record, so that it is the
    same file when it is delivered again. Where several rows of one audit would share an identity, the first bears it and each further one that of its
    file and row: when one of two is mended, the other keeps or takes the plain identity, and one is closed.
    Arguments are SQL expressions; ``record_key`` must be masked, because a digest of a telephone number can be guessed.
    """
    row = f"v.source_row % {ROWS_PER_DELIVERY}"
    file = "concat_ws('/', d.source_id, d.file)"
    record = f"CASE WHEN coalesce({row}, 1) = 0 OR {record_key} IS NULL THEN 'file ' || {file} ELSE 'record ' || {record_key} END"
    further = f"row_number() OVER (PARTITION BY {dataset}, {record}, v.column_name ORDER BY v.source_row, v.value)"
    parts = f"{check_id}, {dataset}, {record}, coalesce(v.column_name, '')"
    return f"""left(sha256(concat_ws(chr(31), {parts}, CASE WHEN {further} > 1
        THEN concat_ws('/', {file}, {row}, row_number() OVER (PARTITION BY {dataset}, {record}, v.column_name, v.source_row ORDER BY v.value)) END)), {_LENGTH})"""
