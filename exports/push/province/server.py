"""The province as an HTTP server on loopback.

| call | answer |
|---|---|
| `POST /packages` | the receipt of a package (ZIP), a record at a time |
| `GET /packages/NAME/receipt` | the receipt that was kept |
| `GET /records?dataset=&after=` | DATA_KEY, DIGEST and ACCEPTED_TIME of the next records |
| `GET /record?dataset=&data_key=` | the content of one |
| `GET /health` | how many records there are |
"""

import json
import socket
import threading
import time
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from exports.push.province.faults import Faults
from exports.push.province.intake import Intake, Unacceptable, open_package
from exports.push.province.store import Store
from sources.clock import BEIJING

_PAGE = 5000
_LARGEST_PACKAGE = 50_000_000


def _now() -> str:
    return f"{datetime.now(BEIJING):%Y%m%d%H%M%S}"


class Province(ThreadingHTTPServer):
    """A province listening on loopback, with its store in a file that outlives it. ``token`` is the bearer token asked for; None lets everybody in."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(
        self, store: Path, *, port: int = 0, faults: Faults | None = None, token: str | None = None, platforms: tuple[str, ...] = ()
    ) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.store = Store(store)
        self.faults = faults or Faults()
        self.token = token
        self.intake = Intake(self.store, _now, platforms)
        self.one_at_a_time = threading.Lock()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"

    def start(self) -> "Province":
        """Serve in the background."""
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def stop(self) -> None:
        """Stop serving and close the store."""
        self.shutdown()
        self.server_close()
        with self.one_at_a_time:
            self.store.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Province
    timeout = 60
    # Without it the reply's head waits 40 ms for the acknowledgement of the packet before it.
    wbufsize = -1

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing: addresses hold keys of records."""

    def do_POST(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        if size > _LARGEST_PACKAGE:
            self.close_connection = True
            return self._say(413, {"reason": "the package is too large"})
        content = self.rfile.read(size)
        if self._is_turned_away():
            return None
        if urlsplit(self.path).path != "/packages":
            return self._say(404, {"reason": "unknown path"})
        return self._take(content)

    def _take(self, content: bytes) -> None:
        faults = self.server.faults
        try:
            opened = open_package(content)
        except Unacceptable as unacceptable:
            return self._say(400, {"reason": str(unacceptable)})
        if faults.strikes(faults.failing) or faults.is_poisoned(opened.records):
            return self._say(500, {"reason": "the server fell over"})
        at_most = len(opened.records) // 2 if faults.strikes(faults.partial) else None
        with self.server.one_at_a_time:
            receipt = self.server.intake.judge(opened, at_most=at_most, refused=faults.refuses)
        return self._hang_up() if faults.strikes(faults.losing) else self._say(200, receipt)

    def do_GET(self) -> None:
        if self._is_turned_away():
            return None
        address = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        store, steps = self.server.store, address.path.strip("/").split("/")
        faults = self.server.faults
        if faults.strikes(faults.failing):
            return self._say(500, {"reason": "told to fail"})
        with self.server.one_at_a_time:
            if steps == ["health"]:
                answer: dict[str, object] | None = {"records": store.count()}
            elif steps == ["records"]:
                answer = {"records": store.page(asked.get("dataset", ""), asked.get("after", ""), _PAGE)}
            elif steps == ["record"] and store.owner(asked.get("dataset", ""), asked.get("data_key", "")) is not None:
                answer = {"content": store.content(asked["dataset"], asked["data_key"])}
            elif len(steps) == 3 and (steps[0], steps[2]) == ("packages", "receipt") and (kept := store.receipt(steps[1])):
                answer = json.loads(kept)
            else:
                answer = None
        return self._say(200, answer) if answer is not None else self._say(404, {"reason": "not here"})

    def _is_turned_away(self) -> bool:
        faults = self.server.faults
        if faults.slow_seconds:
            time.sleep(faults.slow_seconds)
        if faults.down:
            self._say(503, {"reason": "down"})
        elif self.server.token and self.headers.get("Authorization") != f"Bearer {self.server.token}":
            self._say(401, {"reason": "the token is missing or wrong"})
        else:
            return False
        return True

    def _say(self, status: int, content: dict[str, object]) -> None:
        body = json.dumps(content, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _hang_up(self) -> None:
        """The reply is lost on the way."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)
