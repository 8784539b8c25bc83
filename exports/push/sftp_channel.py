"""Delivery over SFTP: a package is uploaded under another name and renamed when it is whole; receipts are read from a folder beside. The only file that knows paramiko."""

import json
from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

import paramiko
from stamina import Attempt

from exports.push.answers import Answer
from exports.push.errors import ProvinceForbids, ProvinceUnreachable, PushUsageError
from exports.push.packages import Package
from exports.push.patience import attempts
from exports.push.settings import PushSettings

_INCOMING, _RECEIPTS = "incoming", "receipts"
_PORT = 22


class SftpChannel:
    """``sftp://user@host[:port]/folder``: packages go to ``folder/incoming``, receipts come from ``folder/receipts/NAME.json``.

    The host must be known (``GONGKAI_PUSH_SFTP_KNOWN_HOSTS``); password or key file come from the environment.
    """

    def __init__(self, settings: PushSettings) -> None:
        address = urlsplit(settings.url or "")
        if not address.hostname or not address.username or address.password:
            raise PushUsageError("write the address as sftp://USER@HOST/FOLDER; the password is GONGKAI_PUSH_SFTP_PASSWORD")
        self._settings, self._address = settings, address
        self._folder = PurePosixPath(unquote(address.path) or "/")
        self._client: paramiko.SSHClient | None = None
        self._sftp: paramiko.SFTPClient | None = None

    def deliver(self, package: Package) -> None:
        """Upload the package; its receipt comes later. One that lies there already is replaced by the same bytes."""
        target = str(self._folder / _INCOMING / package.file.name)
        for attempt in self._attempts():
            with attempt:
                sftp = self._connected()
                sftp.put(str(package.file), f"{target}.part", confirm=True)
                sftp.posix_rename(f"{target}.part", target)

    def receipt(self, package: Package) -> Answer | None:
        """The receipt, None while it is not there."""
        name = str(self._folder / _RECEIPTS / f"{package.name}.json")
        for attempt in self._attempts():
            with attempt:
                try:
                    with self._connected().open(name, "rb") as stream:
                        content = json.loads(stream.read())
                except FileNotFoundError:
                    return None
                except (ValueError, UnicodeDecodeError):
                    # It is still being written.
                    return None
                return Answer(content["answers"])
        return None

    def is_well(self) -> bool:
        """Whether the host lets us in."""
        try:
            self._connected()
        except (OSError, paramiko.SSHException, ProvinceUnreachable):
            return False
        return True

    def close(self) -> None:
        """Close the connection."""
        if self._client is not None:
            self._client.close()
        self._client = self._sftp = None

    def _attempts(self) -> Iterator[Attempt]:
        def may_try_again(error: Exception) -> bool:
            if isinstance(error, (ProvinceForbids, FileNotFoundError)) or not isinstance(error, (OSError, EOFError, paramiko.SSHException)):
                return False
            self.close()
            return True

        return attempts(may_try_again, self._settings)

    def _connected(self) -> paramiko.SFTPClient:
        if self._sftp is not None:
            return self._sftp
        client = paramiko.SSHClient()
        if self._settings.sftp_known_hosts:
            client.load_host_keys(self._settings.sftp_known_hosts)
        else:
            client.load_system_host_keys()
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        try:
            client.connect(
                str(self._address.hostname),
                self._address.port or _PORT,
                username=self._address.username,
                password=self._settings.sftp_password,
                key_filename=self._settings.sftp_key_file,
                timeout=self._settings.timeout_seconds,
                allow_agent=False,
                look_for_keys=False,
            )
        except paramiko.AuthenticationException:
            raise ProvinceForbids(
                f"{self._address.hostname} does not let {self._address.username} in; check GONGKAI_PUSH_SFTP_PASSWORD or _KEY_FILE"
            ) from None
        except paramiko.SSHException as error:
            if "not found in known_hosts" in str(error) or "does not match" in str(error):
                raise ProvinceForbids(f"{self._address.hostname} is no known host; put its key into GONGKAI_PUSH_SFTP_KNOWN_HOSTS") from None
            raise
        self._client, self._sftp = client, client.open_sftp()
        return self._sftp
