"""The HTTP channel repeats what may pass, gives up in time, and says nothing of what it sends."""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from exports.push.errors import PackageRefused, ProvinceForbids, ProvinceUnreachable, PushUsageError
from exports.push.http_channel import HttpChannel
from exports.push.packages import Package
from exports.push.settings import PushSettings

SETTINGS = PushSettings(url="https://province.invalid/api/", patience_seconds=1, first_pause_seconds=0.001, token="geheim-42")
RECEIPT = {"package": "p", "records": 1, "answers": [{"MESSAGE_ID": "a-1", "DATA_KEY": "k", "STATUS": "accepted"}]}
Replies = Callable[[list[httpx.Response | Exception]], tuple[HttpChannel, list[httpx.Request]]]


@pytest.fixture
def package(tmp_path: Path) -> Package:
    file = tmp_path / "p.zip"
    file.write_bytes("13812345678 身份证".encode())
    return Package("p", "SECTION", file, "00" * 32, 1)


@pytest.fixture
def replying() -> Replies:
    """A channel whose province gives these replies one after the other, the last one for ever."""

    def channel(replies: list[httpx.Response | Exception]) -> tuple[HttpChannel, list[httpx.Request]]:
        seen: list[httpx.Request] = []

        def answer(request: httpx.Request) -> httpx.Response:
            seen.append(request)
            reply = replies[min(len(seen), len(replies)) - 1]
            if isinstance(reply, Exception):
                raise reply
            return reply

        return HttpChannel(SETTINGS, httpx.MockTransport(answer)), seen

    return channel


def test_a_call_is_repeated_with_the_same_key_until_it_succeeds(replying: Replies, package: Package, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    failures = [httpx.Response(500), httpx.ReadTimeout("slow"), httpx.Response(503), httpx.ConnectError("gone")]
    channel, seen = replying([*failures, httpx.Response(200, json=RECEIPT)])
    assert channel.deliver(package).records == RECEIPT["answers"]
    assert {request.headers["Idempotency-Key"] for request in seen} == {"p"}
    assert len(seen) == 5
    assert str(seen[0].url) == "https://province.invalid/api/packages"
    assert seen[0].headers["Authorization"] == "Bearer geheim-42"
    assert seen[0].headers["Content-Digest"].startswith("sha-256=:AAAA")
    # Four failures were told, without what was sent and by whom.
    told = [record.getMessage() for record in caplog.records if record.name == "exports.push.patience"]
    assert len(told) == 4
    assert not any(secret in caplog.text for secret in ("13812345678", "身份证", "geheim-42", "p.zip"))


def test_the_pause_that_the_province_asks_for_is_kept(replying: Replies, package: Package, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    channel, _ = replying([httpx.Response(429, headers={"Retry-After": "0"}), httpx.Response(200, json=RECEIPT)])
    channel.deliver(package)
    assert "next in 0.0 s" in caplog.text
    impatient, seen = replying([httpx.Response(429, headers={"Retry-After": "30"})])
    with pytest.raises(ProvinceUnreachable):
        impatient.deliver(package)
    # What the province asks for is longer than the patience: what is left of that is waited, once.
    assert len(seen) == 2


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (httpx.ConnectError("gone"), ProvinceUnreachable),
        (httpx.Response(503), ProvinceUnreachable),
        (httpx.Response(500), PackageRefused),
        (httpx.Response(400, json={"reason": "torn"}), PackageRefused),
        (httpx.Response(413), PackageRefused),
        (httpx.Response(200, text="<html>"), PackageRefused),
        (httpx.Response(200, json={"answers": [1]}), PackageRefused),
        (httpx.Response(200, content=b'{"answers": [{"REASON": "\xd6\xd8\xb8\xb4"}]}'), PackageRefused),
        (httpx.Response(400, content=b'{"reason": "\xd6\xd8\xb8\xb4"}'), PackageRefused),
        (httpx.Response(401), ProvinceForbids),
        (httpx.Response(302, headers={"Location": "https://elsewhere.invalid"}), PushUsageError),
    ],
)
def test_what_does_not_pass_is_told_in_one_line(
    reply: httpx.Response | Exception, error: type[Exception], replying: Replies, package: Package
) -> None:
    channel, _ = replying([reply])
    with pytest.raises(error) as caught:
        channel.deliver(package)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("reply", [httpx.Response(200, text="<html>"), httpx.Response(200, content=b"\xd6\xd8"), httpx.Response(200, json=[])])
def test_a_list_of_records_that_is_none_is_told_in_one_line(reply: httpx.Response, replying: Replies) -> None:
    channel, _ = replying([reply])
    with pytest.raises(PackageRefused, match="no list of records"):
        list(channel.records("SECTION"))
    with pytest.raises(PackageRefused, match="no record"):
        channel.record("SECTION", "k")


def test_no_address_is_told() -> None:
    with pytest.raises(PushUsageError, match="no address"):
        HttpChannel(replace(SETTINGS, url="ftp://province"))
