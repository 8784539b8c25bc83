"""The home folder: where everything that a run reads and writes lives. See docs/architecture.md."""

import os
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "GONGKAI_HOME"
DEFAULT = Path("gongkai-home")


@dataclass(frozen=True)
class Home:
    """The paths of one home folder; naming them touches nothing."""

    path: Path

    @classmethod
    def at(cls, path: Path | None = None) -> "Home":
        """The home given, or that of the environment, or ``./gongkai-home``; always absolute."""
        return cls(Path(path or os.environ.get(VARIABLE) or DEFAULT).absolute())

    @property
    def inbox(self) -> Path:
        return self.path / "inbox"

    @property
    def example(self) -> Path:
        return self.path / "example"

    @property
    def work(self) -> Path:
        return self.path / "work"

    @property
    def warehouse(self) -> Path:
        return self.work / "warehouse.duckdb"

    @property
    def dagster(self) -> Path:
        return self.path / "dagster"

    @property
    def logs(self) -> Path:
        return self.path / "logs"
