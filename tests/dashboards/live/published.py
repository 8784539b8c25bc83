"""A published home for the live app, small and quick to make."""

import json
from pathlib import Path

from tests.dashboards.snapshot_builder import Content, build_snapshot

PASSWORD = "correct-horse-9"


def publish(home: Path, name: str, content: Content | None = None, published_at: str = "2018-01-25T06:00:00+00:00") -> Path:
    """Publishes a snapshot as `exports.publication` does: a folder, then one rename of the link."""
    folder = home / "published" / name
    folder.mkdir(parents=True)
    build_snapshot(folder, content)
    manifest = {"snapshot": name, "run_id": "run-1", "as_of": "2018-01-25", "known_at": "2018-01-25", "published_at": published_at}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    link = home / "published" / f".current-{name}"
    link.symlink_to(name)
    link.replace(home / "published" / "current")
    return folder
