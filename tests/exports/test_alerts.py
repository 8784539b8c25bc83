"""Alerts against a real HTTP and a real SMTP server on loopback: what arrives, what is never in it, and that a failure is only told."""

import email
import email.policy
import http.server
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import pytest

from exports.alerts import AlertSettings, altered_log, failed_checks, new_findings, send

DAY = date(2018, 1, 25)
ALERT = new_findings([("标段(包)：必填项均有值", 12), ("合同：代码取值在代码表内", 1)], run_id="r-1", as_of=DAY)


@contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[int]:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]  # type: ignore[misc]
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def _webhook(status: int = 200) -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    received: list[tuple[str, bytes]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append((self.headers["Content-Type"], self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with _serving(http.server.HTTPServer(("127.0.0.1", 0), Handler)) as port:
        yield f"http://127.0.0.1:{port}/hook?token=geheim", received


@contextmanager
def _mail_server(*, refuses: bool = False) -> Iterator[tuple[str, list[bytes]]]:
    received: list[bytes] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 loopback\r\n")
            while line := self.rfile.readline():
                command = line[:4].upper()
                if command == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    content = b""
                    while (part := self.rfile.readline()) != b".\r\n":
                        content += part
                    received.append(content)
                if command == b"QUIT":
                    self.wfile.write(b"221 bye\r\n")
                    return
                self.wfile.write(b"550 no such user\r\n" if refuses and command == b"RCPT" else b"250 ok\r\n")

    with _serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)) as port:
        yield f"smtp://127.0.0.1:{port}", received


def test_the_webhook_gets_what_was_found() -> None:
    with _webhook() as (address, received):
        assert send(ALERT, AlertSettings(webhook=address)) == []
    ((kind, body),) = received
    assert kind.startswith("application/json")
    assert json.loads(body) == {
        "kind": "blocking_findings", "title": "新增 13 个阻断性质量问题 · new blocking findings",
        "lines": ["标段(包)：必填项均有值：12", "合同：代码取值在代码表内：1"], "run_id": "r-1", "as_of": "2018-01-25",
    }  # fmt: skip


def test_mail_arrives_and_can_be_read() -> None:
    with _mail_server() as (smtp, received):
        settings = AlertSettings(mail_to=("a@example.com", "b@example.com"), smtp=smtp)
        assert send(failed_checks(["conservation"], run_id="r-2", as_of=DAY), settings) == []
    message = email.message_from_bytes(received[0], policy=email.policy.default)
    assert message["To"] == "a@example.com, b@example.com"
    assert "未发布" in message["Subject"]
    assert "conservation" in message.get_content() and "r-2" in message.get_content()


def test_a_failure_is_told_without_secrets_and_raises_nothing() -> None:
    with _webhook(500) as (address, _), _mail_server(refuses=True) as (smtp, _):
        failures = send(ALERT, AlertSettings(webhook=address, mail_to=("a@example.com",), smtp=smtp, smtp_password="geheim2"))
    assert [failure.partition(":")[0] for failure in failures] == ["alert to the webhook at 127.0.0.1", "alert by mail over 127.0.0.1"]
    assert "geheim" not in " ".join(failures)
    # An address that is none is quoted in the complaint about it.
    (complaint,) = send(ALERT, AlertSettings(webhook="http://127.0.0.1:1/ho ok?token=geheim"))
    assert "InvalidURL" in complaint and "geheim" not in complaint
    # Nobody listens there any more; and what is no address is none.
    assert len(send(ALERT, AlertSettings(webhook=address, mail_to=("a@example.com",), smtp=smtp))) == 2
    assert "must begin with http" in send(ALERT, AlertSettings(webhook="file:///etc/passwd"))[0]


def test_nothing_is_sent_where_nothing_is_named() -> None:
    assert send(ALERT, AlertSettings.from_environment({})) == []


def test_the_environment_says_where_alerts_go() -> None:
    named = {"WEBHOOK": " https://h/x ", "MAIL_TO": "a@b.c, d@e.f", "MAIL_FROM": "x@y.z", "SMTP": "smtps://u@h:1465", "SMTP_PASSWORD": "p"}
    settings = AlertSettings.from_environment({f"GONGKAI_ALERT_{name}": value for name, value in named.items()})
    assert settings == AlertSettings("https://h/x", ("a@b.c", "d@e.f"), "x@y.z", "smtps://u@h:1465", "p")


@pytest.mark.parametrize("break_in", ["\nBcc: x@example.com", "\r\n\r\nbody"])
def test_a_title_cannot_break_out_of_the_head_of_a_mail(break_in: str) -> None:
    alert = replace(altered_log("entry 3", run_id="r", as_of=DAY), title=f"x{break_in}")
    with _mail_server() as (smtp, received):
        failures = send(alert, AlertSettings(mail_to=("a@example.com",), smtp=smtp))
    assert len(failures) == 1 and received == []
