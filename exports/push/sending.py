"""Sends what waits: first what was sent before and not answered, then wave by wave, parents before children."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from exports.push.answers import Settled, enter_answer, enter_failure, take_back
from exports.push.channel import Channel
from exports.push.errors import PackageRefused, ProvinceUnreachable
from exports.push.outbox import transaction
from exports.push.packages import Format, Package, seal, unanswered, waiting, waves
from exports.push.settings import PushSettings

#: Packages of several records that fail one after the other: no record can be so bad.
_FAILURES_IN_A_ROW = 5


@dataclass
class Sender:
    """Sends the packages of one outbox over one channel; ``report`` is told of each package."""

    connection: duckdb.DuckDBPyConnection
    folder: Path
    channel: Channel
    settings: PushSettings
    report: Callable[[Package, Settled], None] = lambda _, __: None
    _failed: list[str] = field(default_factory=list)

    def resume(self) -> Settled:
        """Settle every package whose answer is not known: a kill between sending and recording costs a call, never a record."""
        settled = Settled()
        for package in unanswered(self.connection, self.folder):
            answer = self.channel.receipt(package)
            settled.add(self._send(package) if answer is None else enter_answer(self.connection, package, answer, self.settings.attempts))
        return settled

    def send_all(self, form: Format) -> Settled:
        """Pack and send everything that may leave, until nothing more can: what was put off is tried again, what keeps failing is parked."""
        settled = Settled()
        moved = True
        while moved:
            moved = False
            for wave in waves():
                for dataset, which in waiting(self.connection, wave):
                    while package := seal(self.connection, self.folder, dataset, which, form, self.settings):
                        settled.add(self._send(package))
                        moved = True
        return settled

    def _send(self, package: Package) -> Settled:
        with transaction(self.connection):
            self.connection.execute("UPDATE outbox.packages SET state = 'sent', sent_at = coalesce(sent_at, now()) WHERE package = ?", [package.name])
            self.connection.execute(
                "UPDATE outbox.messages SET sent_at = coalesce(sent_at, now()) WHERE package = ? AND state = 'sealed'", [package.name]
            )
        try:
            answer = self.channel.deliver(package)
        except PackageRefused as refusal:
            return self._fail(package, refusal)
        self._failed.clear()
        # Where receipts come later, the package stays sent until then.
        settled = enter_answer(self.connection, package, answer, self.settings.attempts) if answer is not None else Settled()
        self.report(package, settled)
        return settled

    def _fail(self, package: Package, refusal: PackageRefused) -> Settled:
        """Raises ProvinceUnreachable when it is not the package that is bad."""
        if package.records > 1:
            self._failed.append(package.name)
        if len(self._failed) >= _FAILURES_IN_A_ROW or not self.channel.is_well():
            take_back(self.connection, [*self._failed, package.name])
            raise ProvinceUnreachable(f"the province keeps failing ({refusal}); nothing is lost: push again when it is well") from refusal
        settled = enter_failure(self.connection, package, "package_refused", str(refusal), self.settings.attempts)
        self.report(package, settled)
        return settled
