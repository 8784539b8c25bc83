"""Alerts: what a run found that somebody must look at, told to a webhook and by mail, as the environment says. Counts and names of checks, never a record.

An alert that cannot be sent never fails a run: ``send`` gives what went wrong, in words without addresses' secrets, to be logged.
"""

import json
import smtplib
import ssl
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from email.message import EmailMessage
from http import HTTPStatus
from typing import Literal
from urllib.parse import unquote, urlsplit

_TIMEOUT_SECONDS = 10
_LINES = 30


@dataclass(frozen=True)
class Alert:
    """What is told. ``kind``: a check that forbids publication failed, findings that block appeared, or the desk's log was altered."""

    kind: Literal["blocking_checks_failed", "blocking_findings", "log_altered"]
    title: str
    lines: Sequence[str]
    run_id: str
    as_of: str


@dataclass(frozen=True)
class AlertSettings:
    """Where alerts go; nothing is sent where nothing is named. ``smtp``: smtp://[user@]host[:port] (STARTTLS where the server offers it) or smtps://…"""

    webhook: str = field(default="", repr=False)
    mail_to: tuple[str, ...] = ()
    mail_from: str = "gongkai@localhost"
    smtp: str = "smtp://localhost:25"
    smtp_password: str = field(default="", repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "AlertSettings":
        """GONGKAI_ALERT_WEBHOOK, GONGKAI_ALERT_MAIL_TO (several separated by commas), GONGKAI_ALERT_MAIL_FROM, GONGKAI_ALERT_SMTP, GONGKAI_ALERT_SMTP_PASSWORD."""
        given = {
            name: environment.get(f"GONGKAI_ALERT_{name.upper()}", "").strip()
            for name in ("webhook", "mail_to", "mail_from", "smtp", "smtp_password")
        }
        to = tuple(part.strip() for part in given.pop("mail_to").split(",") if part.strip())
        return cls(mail_to=to, **{name: value for name, value in given.items() if value})


def failed_checks(names: Sequence[str], *, run_id: str, as_of: date) -> Alert:
    """Checks that forbid publication failed: nothing is published."""
    return Alert("blocking_checks_failed", f"公开数据未发布：{len(names)} 项阻断检查未通过 · not published", list(names), run_id, as_of.isoformat())


def new_findings(counted: Sequence[tuple[str, int]], *, run_id: str, as_of: date) -> Alert:
    """Findings that block the push or the publication appeared, by check."""
    total = sum(count for _, count in counted)
    lines = [f"{label}：{count:,}" for label, count in counted]
    return Alert("blocking_findings", f"新增 {total:,} 个阻断性质量问题 · new blocking findings", lines, run_id, as_of.isoformat())


def altered_log(what: str, *, run_id: str, as_of: date) -> Alert:
    """The desk's log is not as it was written."""
    return Alert("log_altered", "质量台日志被改动 · the desk's log was altered", [what], run_id, as_of.isoformat())


def send(alert: Alert, settings: AlertSettings) -> list[str]:
    """Send an alert wherever the settings say; gives a line for each way on which it failed."""
    failures = []
    if settings.webhook:
        try:
            _post(alert, settings.webhook)
        except Exception as error:
            failures.append(f"alert to the webhook at {urlsplit(settings.webhook).hostname}: {_plain(error, settings)}")
    if settings.mail_to:
        try:
            _mail(alert, settings)
        except Exception as error:
            failures.append(f"alert by mail over {urlsplit(settings.smtp).hostname}: {_plain(error, settings)}")
    return failures


def _plain(error: Exception, settings: AlertSettings) -> str:
    """What went wrong, without the address and the password, which may be secrets."""
    text = f"{type(error).__name__}: {error}".splitlines()[0]
    hook = urlsplit(settings.webhook)
    for secret in (settings.webhook, f"{hook.path}?{hook.query}", hook.query, settings.smtp_password):
        text = text.replace(secret, "…") if secret else text
    return text[:200]


def _post(alert: Alert, address: str) -> None:
    if urlsplit(address).scheme not in ("http", "https"):
        raise ValueError("the address must begin with http:// or https://")
    body = json.dumps(asdict(alert) | {"lines": list(alert.lines[:_LINES])}, ensure_ascii=False).encode()
    request = urllib.request.Request(address, body, {"Content-Type": "application/json; charset=utf-8", "User-Agent": "gongkai"}, method="POST")
    with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:
        if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
            raise OSError(f"answered {answer.status}")


def _mail(alert: Alert, settings: AlertSettings) -> None:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = alert.title, settings.mail_from, ", ".join(settings.mail_to)
    more = len(alert.lines) - _LINES
    lines = [alert.title, "", *alert.lines[:_LINES], *([f"… {more} more"] if more > 0 else []), "", f"截止 as of {alert.as_of} · run {alert.run_id}"]
    message.set_content("\n".join(lines))
    place = urlsplit(settings.smtp)
    host, context = place.hostname or "localhost", ssl.create_default_context()
    server: smtplib.SMTP = (
        smtplib.SMTP_SSL(host, place.port or 465, timeout=_TIMEOUT_SECONDS, context=context)
        if place.scheme == "smtps"
        else smtplib.SMTP(host, place.port or 25, timeout=_TIMEOUT_SECONDS)
    )
    with server:
        server.ehlo_or_helo_if_needed()
        if place.scheme != "smtps" and server.has_extn("starttls"):
            server.starttls(context=context)
        if place.username:
            server.login(unquote(place.username), settings.smtp_password)
        server.send_message(message)
