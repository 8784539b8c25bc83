"""Errors of the push, each one line that says what to do."""


class PushError(Exception):
    """A push that could not go on; the outbox is kept, and pushing again is safe."""


class PushUsageError(PushError):
    """What was asked for cannot be pushed as asked: no snapshot, an address that is none, an older day."""


class PushBusy(PushError):
    """Another push of the same home is running."""


class ProvinceUnreachable(PushError):
    """The province could not be reached, or kept failing until patience ran out."""


class ProvinceForbids(PushError):
    """The province does not let us in."""


class PackageRefused(PushError):
    """The province cannot process a package as a whole; its records are tried in smaller ones."""
