"""Errors of sources: each says in one line what is wrong, where, and what to do."""


class SourceError(Exception):
    """Something delivered, or said about a delivery, cannot be used."""


class UnreadableFile(SourceError):
    """A whole file that cannot be read: it is refused, the other files go on. ``rule`` names the reason shortly, ``reason`` tells it."""

    def __init__(self, rule: str, reason: str) -> None:
        super().__init__(reason)
        self.rule = rule
        self.reason = reason
