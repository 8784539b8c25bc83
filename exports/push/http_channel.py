"""Delivery over HTTP: one POST a package with an idempotency key, repeated with growing, jittered pauses up to a ceiling. The only file that knows httpx."""

import base64
import logging
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from exports.push.answers import Answer
from exports.push.errors import PackageRefused, ProvinceForbids, ProvinceUnreachable, PushUsageError
from exports.push.packages import Package
from exports.push.patience import LONGEST_PAUSE_SECONDS, attempts
from exports.push.settings import PushSettings

_FORBIDDEN, _BUSY, _TOO_LARGE = (401, 403), (408, 425, 429, 502, 503, 504), 413
#: Server errors of one package in a row after which it is not the server but the package.
_SERVER_ERRORS = 6


class _TryAgain(Exception):
    """A call that may succeed later; ``pause`` is what the province asked for, in seconds."""

    def __init__(self, reason: str, pause: float | None = None, *, is_server_error: bool = False) -> None:
        super().__init__(reason)
        self.pause = pause
        self.is_server_error = is_server_error


class HttpChannel:
    """Packages to ``URL/packages``, receipts from ``URL/packages/NAME/receipt``, what the province has from ``URL/records``."""

    def __init__(self, settings: PushSettings, transport: httpx.BaseTransport | None = None) -> None:
        if not settings.url or not settings.url.startswith(("http://", "https://")):
            raise PushUsageError(f"{settings.url!r} is no address of a province; write http://… or https://…")
        # httpx says every request at level INFO, with addresses that hold keys of records.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        headers = {"User-Agent": "gongkai-push"} | ({"Authorization": f"Bearer {settings.token}"} if settings.token else {})
        self._settings = settings
        self._client = httpx.Client(
            base_url=settings.url.rstrip("/"), headers=headers, timeout=settings.timeout_seconds, transport=transport, trust_env=False
        )

    def deliver(self, package: Package) -> Answer:
        """POST the package; the receipt is in the reply."""
        content = package.file.read_bytes()
        digest = base64.b64encode(bytes.fromhex(package.sha256)).decode()
        headers = {"Content-Type": "application/zip", "Idempotency-Key": package.name, "Content-Digest": f"sha-256=:{digest}:"}
        return _answer(self._call("POST", "/packages", content=content, headers=headers))

    def receipt(self, package: Package) -> Answer | None:
        """The receipt that the province keeps."""
        response = self._call("GET", f"/packages/{package.name}/receipt", missing_is_fine=True)
        return None if response.status_code == 404 else _answer(response)

    def records(self, dataset: str) -> Iterator[dict[str, Any]]:
        """What the province has of a data set, page by page: DATA_KEY, DIGEST, ACCEPTED_TIME."""
        after = ""
        while page := _part(self._call("GET", "/records", params={"dataset": dataset, "after": after}), "records", "list of records"):
            yield from page
            after = page[-1]["DATA_KEY"]

    def record(self, dataset: str, data_key: str) -> dict[str, str]:
        """The content of one record as the province has it."""
        content: dict[str, str] = _part(self._call("GET", "/record", params={"dataset": dataset, "data_key": data_key}), "content", "record")
        return content

    def is_well(self) -> bool:
        """Whether ``URL/health`` answers."""
        try:
            self._call("GET", "/health", missing_is_fine=True)
        except (PackageRefused, ProvinceUnreachable):
            return False
        return True

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _call(self, method: str, path: str, *, missing_is_fine: bool = False, **arguments: Any) -> httpx.Response:
        server_errors = 0

        def may_try_again(error: Exception) -> bool | float:
            nonlocal server_errors
            if not isinstance(error, _TryAgain):
                return False
            server_errors = server_errors + 1 if error.is_server_error else 0
            pause = True if error.pause is None else min(error.pause, self._settings.patience_seconds)
            return False if server_errors >= _SERVER_ERRORS else pause

        return self._retrying(may_try_again, lambda: self._once(method, path, missing_is_fine, arguments))

    def _retrying(self, may_try_again: Callable[[Exception], bool | float], once: Callable[[], httpx.Response]) -> httpx.Response:
        try:
            for attempt in attempts(may_try_again, self._settings):
                with attempt:
                    return once()
        except _TryAgain as failure:
            if failure.is_server_error:
                raise PackageRefused(str(failure)) from None
            raise ProvinceUnreachable(
                f"{self._settings.url}: {failure}; gave up after {self._settings.patience_seconds:g} s. "
                "Nothing is lost: push again when the province answers"
            ) from None
        raise AssertionError("stamina ends with a result or an exception")

    def _once(self, method: str, path: str, missing_is_fine: bool, arguments: dict[str, Any]) -> httpx.Response:
        try:
            response = self._client.request(method, path, **arguments)
        except httpx.TransportError as error:
            raise _TryAgain(f"no answer ({type(error).__name__})") from None
        status = response.status_code
        if status in _FORBIDDEN:
            raise ProvinceForbids(f"{self._settings.url}: the province does not let us in ({status}); check GONGKAI_PUSH_TOKEN")
        if status in _BUSY:
            raise _TryAgain(f"the province is busy ({status})", _pause(response))
        if status >= 500:
            raise _TryAgain(f"server error {status}", is_server_error=True)
        if 300 <= status < 400:
            raise PushUsageError(f"{self._settings.url}: the province moved ({status}); name its new address with --to")
        if status >= 400 and not (status == 404 and missing_is_fine):
            raise PackageRefused(f"the province refused the call ({status}): {_reason(response)}")
        return response


def _pause(response: httpx.Response) -> float | None:
    """``Retry-After`` in seconds, at most the longest pause; a date is read against the reply's own ``Date``."""
    said = response.headers.get("Retry-After")
    if not said:
        return None
    if said.isdigit():
        return min(float(said), LONGEST_PAUSE_SECONDS)
    try:
        seconds = (parsedate_to_datetime(said) - parsedate_to_datetime(response.headers["Date"])).total_seconds()
    except (ValueError, KeyError, TypeError):
        return None
    return min(max(seconds, 0.0), LONGEST_PAUSE_SECONDS)


def _answer(response: httpx.Response) -> Answer:
    """A reply that is cut off or no receipt is like a lost one: the package is sent again."""
    try:
        return Answer([{str(name): value for name, value in record.items()} for record in _part(response, "answers", "receipt")])
    except (TypeError, AttributeError):
        raise PackageRefused("the reply is no receipt") from None


def _part(response: httpx.Response, name: str, what: str) -> Any:
    """A part of a JSON reply. Raises PackageRefused, with ``what`` the reply should have been, where it is no JSON (in whatever encoding) or lacks the part."""
    try:
        return response.json()[name]
    except (ValueError, KeyError, TypeError):
        raise PackageRefused(f"the reply is no {what}") from None


def _reason(response: httpx.Response) -> str:
    """The reason that the province gives, at most 200 characters."""
    try:
        return str(response.json()["reason"])[:200]
    except (ValueError, KeyError, TypeError):
        return "without a reason"
