"""Runs the module that docs/add-an-export.md shows."""

import re
from pathlib import Path

from tests.dashboards.snapshot_builder import REGIONS, build_snapshot

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "add-an-export.md"


def test_the_tutorial_writes_a_file(tmp_path: Path) -> None:
    (module,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict = {}
    exec(compile(module, str(GUIDE), "exec"), names)
    path = names["write_region_list"](build_snapshot(tmp_path), tmp_path / "out")
    assert path.read_text(encoding="utf-8").splitlines() == [f"{code} {name}" for code, name in REGIONS.items()]
    assert [file.name for file in path.parent.iterdir()] == ["regions.txt"]
