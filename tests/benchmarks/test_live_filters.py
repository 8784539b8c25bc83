"""Ten viewers of the live app, each changing a filter every second, while a run loads: what they wait for. Prints the 50th and 95th percentiles.

Sections of the city: GONGKAI_BENCHMARK_SECTIONS (4,000 without it, which is Xianning's year twice).
"""

import os
import random
import re
import socket
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.dashboards.live.published import drawing

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(1800)]

VIEWERS, SECONDS, PAUSE_SECONDS = 10, 40.0, 1.0
LONGEST_MS = 300
SECTIONS = int(os.environ.get("GONGKAI_BENCHMARK_SECTIONS", "4000"))
PASSWORD = "correct-horse-9"
CHARTS = ("region", "rule", "heat_map", "month", "days_late")


def _signed_in(address: str, name: str) -> httpx.Client:
    client = httpx.Client(base_url=address, follow_redirects=True, timeout=60)
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").text)
    assert token
    assert client.post("/sign-in", data={"name": name, "password": PASSWORD, "csrf_token": token.group(1)}).status_code == 200
    return client


def _drawn(client: httpx.Client, search: str) -> httpx.Response:
    return client.post(
        "/rates/_dash-update-component",
        json=drawing(search),
    )


def _asks(luck: random.Random, regions: list[str]) -> dict[str, Callable[[httpx.Client], httpx.Response]]:
    """One change of a filter on each page; hardly any is asked twice."""
    first = luck.randint(1, 11)
    months = f"first=2017-{first:02}&last=2017-{luck.randint(first, 12):02}"
    picked = "&".join(f"region={code}" for code in luck.sample(regions, luck.randint(1, len(regions))))
    chart = f"?{picked}&{months}&chart={luck.choice(CHARTS)}&measure={luck.choice(('timeliness', 'disclosure'))}"
    listed = f"/records?{picked}&{months}&verdict={luck.choice(('missed', 'met', 'pending'))}"
    queue = f"/desk?region_code={luck.choice(regions)}&order={luck.choice(('severity', 'age', 'region'))}&text={luck.choice(('', '1', '2', '空'))}"
    return {"charts": lambda client: _drawn(client, chart), "records": lambda client: client.get(listed), "desk": lambda client: client.get(queue)}


@dataclass
class Scene:
    """A published city with the app on it, and runs of the same deliveries into other homes, one after the other."""

    folder: Path
    command: list[str]
    environment: dict[str, str]
    runs: int = 0
    load: "subprocess.Popen[bytes] | None" = None

    def gongkai(self, *arguments: object, given: str | None = None) -> None:
        command = [*self.command, *map(str, arguments)]
        done = subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, text=True, input=given, check=False)
        assert done.returncode in {0, 3}, done.stdout + done.stderr

    def start(self, *arguments: object) -> "subprocess.Popen[bytes]":
        silent = subprocess.DEVNULL
        return subprocess.Popen(
            [*self.command, *map(str, arguments)], cwd=self.folder, env=self.environment, stdin=silent, stdout=silent, stderr=silent
        )

    def keep_loading(self, end: float) -> None:
        while time.monotonic() < end:
            self.load = self.start("run", "--home", f"other-{self.runs}", "--deliveries", "deliveries", "--as-of", "2018-01-25")
            self.runs += 1
            self.load.wait()

    @contextmanager
    def served(self) -> Iterator[str]:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server = self.start("dashboard", "--home", "home", "--port", port)
        try:
            for _ in range(600):
                try:
                    httpx.get(f"http://127.0.0.1:{port}/sign-in", timeout=5)
                    break
                except httpx.TransportError:
                    time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            for process in (server, self.load):
                if process is not None and process.poll() is None:
                    process.terminate()
                    process.wait(60)


def _view(client: httpx.Client, regions: list[str], seed: int, end: float, waited: dict[str, list[float]]) -> None:
    luck = random.Random(seed)
    while time.monotonic() < end:
        time.sleep(luck.uniform(0.5, 1.5) * PAUSE_SECONDS)
        name, ask = luck.choice(list(_asks(luck, regions).items()))
        began = time.perf_counter()
        answer = ask(client)
        waited[name].append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200, (name, answer.status_code)


def test_filters_answer_while_a_run_loads(tmp_path: Path, gongkai_command: list[str], gongkai_environment: dict[str, str]) -> None:
    scene = Scene(tmp_path, gongkai_command, gongkai_environment)
    scene.gongkai("simulate", "--sections", SECTIONS, "--seed", 1, "--out", "deliveries")
    scene.gongkai("run", "--home", "home", "--deliveries", "deliveries", "--as-of", "2018-01-25")
    scene.gongkai("dashboard", "--home", "home", "--add-user", "looker", given=PASSWORD + "\n")
    waited: dict[str, list[float]] = defaultdict(list)
    with scene.served() as address:
        clients = [_signed_in(address, "looker") for _ in range(VIEWERS)]
        regions = sorted(set(re.findall(r'name="region" value="([0-9A-Z]{6})"', clients[0].get("/rates/").text)))
        assert len(regions) > 2
        end = time.monotonic() + SECONDS
        threading.Thread(target=scene.keep_loading, args=(end,), daemon=True).start()
        viewers = [threading.Thread(target=_view, args=(client, regions, seed, end, waited)) for seed, client in enumerate(clients)]
        for viewer in viewers:
            viewer.start()
        for viewer in viewers:
            viewer.join()
    every = sorted(one for times in waited.values() for one in times)
    for name, times in {**waited, "all": every}.items():
        ranked = sorted(times)
        print(f"\n{name:8} {len(ranked):5} answers  p50 {ranked[len(ranked) // 2]:6.0f} ms  p95 {ranked[int(len(ranked) * 0.95)]:6.0f} ms", end="")
    print(f"\n{SECTIONS:,} sections, {VIEWERS} viewers, {scene.runs} runs beside them, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    assert every[int(len(every) * 0.95)] < LONGEST_MS
