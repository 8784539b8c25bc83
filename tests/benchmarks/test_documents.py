"""How long all documents of a year take over a million records: ``pytest -n 0 -m benchmark -s tests/benchmarks/test_documents.py``.

A made-up city of a million records is delivered and built, and a register of a hundred thousand disclosures and ten thousand requests beside it.
"""

import resource
import time
from pathlib import Path

import duckdb
import pytest

from exports.documents.catalogue import DOCUMENTS
from exports.documents.errors import DocumentError
from exports.documents.writing import Asked, write_documents
from sources.simulated import simulate_sections
from tests.exports.published_home import publish_deliveries

AS_OF = "2018-01-25"
SECTIONS = 122_699
SECONDS, PROCESSOR_SECONDS, MEGABYTES = 60, 40, 2000
"""What users asked; of the processor so much that the clock keeps its bound on a machine that others use too; and the memory at its peak."""

_DELIVERY = 'source_id = "office"\nlabel = "office"\nregion_code = "421202"\njurisdiction = "CN"\nas_of = 2018-01-25\ncovers_from = 2017-01-01\ncovers_to = 2018-01-24\n'
_ITEMS = """
COPY (SELECT 'I' || i AS ITEM_CODE, '科室' || i % 300 AS OFFICE, '关于某事项的公开信息' || i AS TITLE, '业务工作' AS CATEGORY, '门户网站' AS CHANNEL, '主动公开' AS OPENNESS,
             '20170301100000' AS FORMED_TIME, '20170301120000' AS REVIEWED_TIME, '20170302100000' AS PUBLISHED_TIME FROM range(100000) AS items (i)) TO '{}'
"""
_REQUESTS = """
COPY (SELECT 'Q' || i AS REQUEST_NUMBER, '科室' || i % 30 AS OFFICE, '网络' AS FORM, '20170301100000' AS RECEIVED_TIME, '20170310100000' AS ANSWERED_TIME,
             '同意公开' AS OUTCOME FROM range(10000) AS requests (i)) TO '{}'
"""


@pytest.mark.benchmark
@pytest.mark.timeout(3600)
def test_all_documents_of_a_year(tmp_path: Path) -> None:
    home, city, office = tmp_path / "home", tmp_path / "city", tmp_path / "office"
    simulate_sections(SECTIONS, 7, city)
    office.mkdir()
    (office / "delivery.toml").write_text(_DELIVERY, encoding="utf-8")
    duckdb.execute(_ITEMS.format(office / "DISCLOSURE_REGISTER.csv"))
    duckdb.execute(_REQUESTS.format(office / "INFORMATION_REQUEST.csv"))
    publish_deliveries(home, (city, office), AS_OF)
    whole, whole_processor = time.perf_counter(), time.process_time()
    for document in DOCUMENTS:
        started, processor = time.perf_counter(), time.process_time()
        try:
            files = len(write_documents(home, [document], Asked(2017), tmp_path / "out"))
        except DocumentError as error:
            files = 0
            print(f"{document.name}: {error}")
        print(f"{document.name:22} {files:3} files {time.perf_counter() - started:7.2f} s, {time.process_time() - processor:7.2f} s of the processor")
    seconds, processor_seconds = time.perf_counter() - whole, time.process_time() - whole_processor
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"all documents of a year {seconds:.1f} s, bound {SECONDS} s; {processor_seconds:.1f} s of the processor, bound {PROCESSOR_SECONDS} s; peak {peak} MB"
    )
    # The clock is printed: on a machine that nobody else uses it shows no more than the processor.
    assert processor_seconds < PROCESSOR_SECONDS and peak < MEGABYTES
