"""What a demonstration province can be told to do badly, drawn from a seed, so that a bad day can be repeated."""

import random
import threading
from dataclasses import dataclass, field

from exports.push.province.rules import Record


@dataclass
class Faults:
    """Shares of calls (0 to 1): ``failing`` with a server error before anything is done, ``losing`` the reply after all is done, ``partial``: only the first
    half of the records is processed. ``refusing`` is a share of records. ``slow_seconds`` is waited before each answer. ``down`` turns every call away.
    A record with ``poison`` in its content makes the whole call fail, every time.
    """

    failing: float = 0
    losing: float = 0
    partial: float = 0
    refusing: float = 0
    slow_seconds: float = 0
    down: bool = False
    poison: str | None = None
    seed: int = 1
    _random: random.Random = field(init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def strikes(self, share: float) -> bool:
        """Whether a fault of this share happens now."""
        with self._lock:
            return share > 0 and self._random.random() < share

    def refuses(self, record: Record) -> bool:
        """Whether a record is refused: the same record always is or never."""
        return self.refusing > 0 and random.Random(f"{self.seed} {record.message['DATA_KEY']}").random() < self.refusing

    def is_poisoned(self, records: list[Record]) -> bool:
        """Whether one of the records cannot be processed at all."""
        return self.poison is not None and any(self.poison in value for record in records for value in record.content.values())
