"""The desk through whole runs: found, alerted, sent out, corrected by the workbook that comes back, closed by the data; and a log that was altered stops the next run."""

import http.server
import json
import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import openpyxl
import pytest

from exports.desk.workbook import FILLED, SHOWN
from quality.desk.log import FILE
from tests import forked

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
#: The corrections carry the time of their making, so the runs must speak of today.
TODAY = datetime.now(UTC).astimezone().date().isoformat()
SECTIONS = """BID_SECTION_CODE,TENDER_PROJECT_CODE,BID_SECTION_NAME,REGION_CODE
S1,P1,一标段,421202
S2,P1,,421202
S3,P1,三标段,421221
"""


@pytest.fixture
def alerts() -> Callable[[], list[dict[str, object]]]:
    received: list[dict[str, object]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def taken() -> list[dict[str, object]]:
        found = list(received)
        received.clear()
        return found

    taken.port = server.server_address[1]  # type: ignore[attr-defined]
    yield taken  # type: ignore[misc]
    server.shutdown()


def test_from_the_finding_to_its_closing_and_an_altered_log_stops_a_run(
    tmp_path: Path, gongkai_environment: dict[str, str], alerts: Callable[[], list[dict[str, object]]]
) -> None:
    home, delivery = tmp_path / "home", tmp_path / "delivery"
    delivery.mkdir()
    (delivery / "delivery.toml").write_text('source_id = "city"\nlabel = "市"\nregion_code = "421200"\n', encoding="utf-8")
    (delivery / "SECTION.csv").write_text(SECTIONS, encoding="utf-8")
    environment = gongkai_environment | {"GONGKAI_HOME": str(home), "GONGKAI_ALERT_WEBHOOK": f"http://127.0.0.1:{alerts.port}/"}  # type: ignore[attr-defined]

    def gongkai(*arguments: str | Path) -> tuple[int, str]:
        done = forked.gongkai(arguments, folder=tmp_path, environment=environment)
        return done.returncode, done.stdout + done.stderr

    def names() -> dict[str, str]:
        with duckdb.connect(str(home / "published" / "current" / "warehouse.duckdb"), read_only=True) as connection:
            return dict(connection.execute("SELECT record_key, state FROM quality.tracked_findings WHERE column_name = 'section_name'").fetchall())

    code, told = gongkai("run", "--deliveries", delivery, "--as-of", TODAY)
    assert code == 0, told
    assert list(names().values()) == ["open"]
    (alert,) = alerts()
    assert alert["kind"] == "blocking_findings"
    assert any(str(line).startswith("标段(包)：必填项均有值：") for line in alert["lines"])  # type: ignore[attr-defined]

    code, told = gongkai("desk", "--export", tmp_path / "out", "--region", "421202")
    assert code == 0, told
    (path,) = (tmp_path / "out").glob("*421202*.xlsx")
    workbook = openpyxl.load_workbook(path)
    columns = {name: place for place, name in enumerate((*SHOWN, *FILLED), start=1)}
    (row,) = [row for row in workbook.worksheets[0].iter_rows(min_row=2) if row[columns["column"] - 1].value == "标段（包）名称"]
    row[columns["corrected"] - 1].value = "二标段"
    workbook.save(path)
    code, told = gongkai("desk", "--import", path, "--actor", "王主任")
    assert (code, "1 entered · 1 corrected values · 0 refused" in told) == (0, True), told

    # The inbox is the default delivery of the next run, of the same source.
    code, told = gongkai("run", "--as-of", TODAY)
    assert code == 0, told
    assert list(names().values()) == ["closed"]
    code, told = gongkai("desk", "--state", "closed")
    assert code == 0 and "数据已通过" in told
    assert [alert["kind"] for alert in alerts()] in ([], ["blocking_findings"])
    assert gongkai("desk", "--verify")[0] == 0

    with sqlite3.connect(home / "desk" / FILE) as connection:
        connection.execute("DROP TRIGGER entries_stay")
        connection.execute("UPDATE entries SET content = replace(content, '王主任', '李主任') WHERE content LIKE '%王主任%'")
    connection.close()
    published = (home / "published" / "current").resolve()
    (home / "inbox" / "TENDER_PROJECT.csv").write_text("TENDER_PROJECT_CODE,TENDER_PROJECT_NAME\nP1,某项目\n", encoding="utf-8")
    code, told = gongkai("run", "--as-of", TODAY)
    assert code == 1 and "desk log, entry 2: was changed" in told, told
    assert (home / "published" / "current").resolve() == published
    assert [alert["kind"] for alert in alerts()] == ["log_altered"]
    code, told = gongkai("desk", "--verify")
    assert code == 1 and "entry 2" in told
