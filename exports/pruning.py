"""Old snapshots are removed, whole and the oldest first; the one that readers see stays."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from exports.publication import BUILDING, MANIFEST, current_snapshot, published_folder, read_manifest


def older_snapshots(home: Path, keep: int) -> list[Path]:
    """The folders of the snapshots but the current one and the ``keep`` published last, the oldest first."""
    current = current_snapshot(home)
    snapshots = [path.parent for path in published_folder(home).glob(f"[!.]*/{MANIFEST}") if not path.parent.is_symlink()]
    snapshots.sort(key=lambda folder: (str(read_manifest(folder).get("published_at", "")), folder.name))
    return [folder for folder in snapshots[: len(snapshots) - keep] if folder != current]


def size_of(folder: Path) -> int:
    """Bytes of the files of a folder."""
    return sum((Path(place) / file).stat().st_size for place, _, files in os.walk(folder) for file in files)


def remove_snapshots(snapshots: Sequence[Path]) -> None:
    """Remove these folders; only while holding the writer's lock. One that is removed halfway is no snapshot any more: the next run clears it away."""
    for snapshot in snapshots:
        going = snapshot.rename(snapshot.with_name(f"{BUILDING}{snapshot.name}"))
        shutil.rmtree(going)
