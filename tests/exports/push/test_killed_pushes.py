"""Pushers are killed at random moments, against a province that fails, loses replies, does half and restarts: each record is there exactly once.

Ten of them; GONGKAI_KILLS=100 kills a hundred, which takes some ten minutes.
"""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from exports.push.province.faults import Faults
from exports.push.province.server import Province
from exports.push.pushing import compare
from exports.push.settings import PushSettings
from tests.exports.push.city import City

ROOT = Path(__file__).resolve().parents[3]
KILLS = int(os.environ.get("GONGKAI_KILLS", "10"))


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_every_record_is_at_the_province_exactly_once(tmp_path: Path) -> None:
    drawn, city, store = random.Random(20171231), City(tmp_path), tmp_path / "province.sqlite"
    city.simulate(300)
    city.publish()
    faults = Faults(failing=0.15, losing=0.2, partial=0.1, refusing=0.02, slow_seconds=0.05, seed=7)
    province = Province(store, faults=faults).start()
    port, killed, restarts = province.server_port, 0, 0

    def start() -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "tests.exports.push.pusher", str(city.home), f"http://127.0.0.1:{port}"]
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    while killed < KILLS:
        pusher = start()
        assert pusher.stdout is not None
        # However long importing takes, the kill falls after it.
        pusher.stdout.readline()
        try:
            pusher.wait(drawn.uniform(0.05, 3))
        except subprocess.TimeoutExpired:
            pusher.send_signal(signal.SIGKILL)
            pusher.wait()
            killed += 1
        else:
            # It came to its end: give it something new to do.
            rows = city.delivered("SECTION")
            row = {
                **rows[drawn.randrange(len(rows))],
                "DATA_TYPE": "2",
                "DATA_TIMESTAMP": f"20180124{drawn.randrange(10, 24)}{drawn.randrange(10, 60)}00",
            }
            city.deliver("SECTION", [{**row, "BID_SECTION_NAME": f"改{killed}"}], f"change-{killed}-{time.monotonic_ns()}")
            city.publish(known_at="2018-01-25")
        if killed and killed % (KILLS // 5) == 0 and restarts < killed // (KILLS // 5):
            province.stop()
            time.sleep(0.2)
            province = Province(store, port=port, faults=faults).start()
            restarts += 1
    for _ in range(20):
        pusher = start()
        pusher.communicate()
        if pusher.returncode == 0:
            break
    assert compare(city.home, PushSettings(url=province.url, first_pause_seconds=0.001)).is_clean
    province.stop()

    with duckdb.connect(str(city.home / "push" / "push.duckdb")) as connection:
        states = dict(connection.execute("SELECT state, count(*) FROM outbox.messages GROUP BY state").fetchall())
        refused = set(connection.execute("SELECT dataset, data_key FROM outbox.messages WHERE state = 'refused'").fetchall())
        every = connection.execute("SELECT count(*) FROM outbox.records").fetchone()
        ours = set(connection.execute("SELECT dataset, data_key FROM outbox.records WHERE is_at_province").fetchall())
        waiting = set(connection.execute("SELECT dataset, data_key FROM outbox.messages WHERE state = 'queued'").fetchall())
    with sqlite3.connect(store) as arrived:
        theirs = set(arrived.execute("SELECT dataset, data_key FROM records"))
        additions = Counter(arrived.execute("SELECT dataset, data_key FROM arrivals WHERE data_type = '1' AND outcome = 'accepted'").fetchall())
        told = set(arrived.execute("SELECT dataset, data_key FROM arrivals WHERE outcome = 'refused'"))
    assert killed >= KILLS and restarts >= 4
    assert ours == theirs
    assert set(additions.values()) == {1}
    assert refused == told and len(refused) > 5
    # Nothing is lost: a record is there, was refused, or waits for a parent that was refused.
    assert every is not None and len(theirs | refused | waiting) == every[0] > 2000
    assert "sealed" not in states and states.get("parked", 0) == 0
