"""A file that people may have worked on is never written over: it is put aside under a name of its own."""

from itertools import count
from pathlib import Path

from dashboards.labels import label
from sources.deliveries import sha256_of


def put_in_place(new: Path, place: Path, entered: str | None = None) -> Path | None:
    """Rename a new file into its place. What stands there already is kept under the path that is returned, but where it is the same,
    or still what was entered (its SHA-256): then nobody has changed it."""
    kept = None
    if place.is_file() and sha256_of(place) not in (entered, sha256_of(new)):
        names = (place.with_stem(f"{place.stem}_{label('documents.edited')}{number}") for number in count(1))
        kept = place.rename(next(name for name in names if not name.exists()))
    new.replace(place)
    return kept
