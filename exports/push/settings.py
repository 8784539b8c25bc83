"""What a push must know of the world. Secrets come from the environment only and are never shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from exports.push.errors import PushUsageError

#: What stands for the platform where none is set: a code that is shaped like one and belongs to nobody.
UNSET_PLATFORM = "000000000000000000"


@dataclass(frozen=True)
class PushSettings:
    """Addresses, codes and limits of a push.

    ``platform_code`` and ``service_platform_code`` are the 18-character codes of the exchange standard, ``system_number`` the four digits that begin
    every DATA_KEY given here. ``patience_seconds`` is how long one call is repeated, first
    after ``first_pause_seconds`` and then ever longer, ``attempts`` how often a record is tried before it is parked.
    """

    url: str | None = None
    platform_code: str = UNSET_PLATFORM
    service_platform_code: str = UNSET_PLATFORM
    system_number: str = "0000"
    records_per_package: int = 1000
    attempts: int = 5
    patience_seconds: float = 120
    first_pause_seconds: float = 0.1
    timeout_seconds: float = 60
    token: str | None = field(default=None, repr=False)
    sftp_password: str | None = field(default=None, repr=False)
    sftp_key_file: str | None = None
    sftp_known_hosts: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], *, url: str | None = None) -> "PushSettings":
        """The settings in ``GONGKAI_PUSH_…``; ``url`` goes before that of the environment. Raises PushUsageError for what cannot be right."""

        def text(name: str) -> str | None:
            return environment.get(f"GONGKAI_PUSH_{name}") or None

        settings = cls(
            url=url or text("URL"),
            platform_code=text("PLATFORM_CODE") or UNSET_PLATFORM,
            service_platform_code=text("SERVICE_PLATFORM_CODE") or text("PLATFORM_CODE") or UNSET_PLATFORM,
            system_number=text("SYSTEM_NUMBER") or "0000",
            records_per_package=_number(environment, "RECORDS_PER_PACKAGE", 1000),
            attempts=_number(environment, "ATTEMPTS", 5),
            patience_seconds=_number(environment, "PATIENCE_SECONDS", 120),
            timeout_seconds=_number(environment, "TIMEOUT_SECONDS", 60),
            token=text("TOKEN"),
            sftp_password=text("SFTP_PASSWORD"),
            sftp_key_file=text("SFTP_KEY_FILE"),
            sftp_known_hosts=text("SFTP_KNOWN_HOSTS"),
        )
        if len(settings.platform_code) != 18 or len(settings.service_platform_code) != 18:
            raise PushUsageError("GONGKAI_PUSH_PLATFORM_CODE and GONGKAI_PUSH_SERVICE_PLATFORM_CODE have 18 characters")
        if len(settings.system_number) != 4 or not settings.system_number.isdigit():
            raise PushUsageError("GONGKAI_PUSH_SYSTEM_NUMBER has four digits")
        return settings


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    given = environment.get(f"GONGKAI_PUSH_{name}") or str(default)
    if not given.isdigit() or int(given) == 0:
        raise PushUsageError(f"GONGKAI_PUSH_{name} is {given!r}; write a whole number above 0")
    return int(given)
