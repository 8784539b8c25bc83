"""Serving the live app: one process, many threads, the WSGI server waitress."""

import ipaddress
import logging
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import waitress

if TYPE_CHECKING:
    from dashboards.live.app import Settings

THREADS = 16
_LARGEST_REQUEST = 26 * 1024 * 1024


class PortTakenError(Exception):
    """The port cannot be listened to; the message is one line that says what to do."""


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def ask_for_port(host: str, port: int) -> None:
    """Raises PortTakenError when nobody could listen there."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            raise PortTakenError(f"port {port} cannot be used on {host} ({error}); choose another with --port") from error


def serve(settings: "Settings", host: str, port: int, log: Path) -> None:
    """Answers until interrupted. What happens, never what is asked for, goes to the file `log`. Raises PortTakenError."""
    # Dash takes seconds to import, which who only asks for a port need not wait for.
    from dashboards.live.app import create_app

    ask_for_port(host, port)
    _log_to(log)
    app = create_app(settings)
    # Everything is imported and the first snapshot is open before anybody waits for it.
    app.extensions["gongkai_snapshots"].prepare()
    sys.stdout.write(f"http://{f'[{host}]' if ':' in host else host}:{port}  (Ctrl-C ends it)\n")
    sys.stdout.flush()
    waitress.serve(
        app, host=host, port=port, threads=THREADS, ident="gongkai", clear_untrusted_proxy_headers=not settings.behind_tls,
        max_request_body_size=_LARGEST_REQUEST, connection_limit=200, channel_timeout=60,
    )  # fmt: skip


def _log_to(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger("gongkai.dashboard")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
