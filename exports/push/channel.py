"""The way to the province: what every channel can do."""

from typing import Protocol

from exports.push.answers import Answer
from exports.push.packages import Package


class Channel(Protocol):
    """Delivers packages and brings receipts back. Delivering the same package again must do nothing twice at the province.

    ``deliver`` gives the receipt, or None where receipts come later (``receipt``). Raises ProvinceUnreachable, ProvinceForbids and PackageRefused.
    """

    def deliver(self, package: Package) -> Answer | None:
        """Send one package."""
        ...

    def receipt(self, package: Package) -> Answer | None:
        """The receipt of a package that was delivered before, when it is there."""
        ...

    def is_well(self) -> bool:
        """Whether the province answers at all: if not, no package is to blame."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...
