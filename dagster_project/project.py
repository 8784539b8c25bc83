"""The checkout this code runs from: its rooms, a fingerprint of what they say, and dbt's manifest of the models."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from filelock import FileLock

from dagster_project.errors import ModelsBroken

ROOT = Path(__file__).resolve().parents[1]
DBT = ROOT / "dbt"
#: What a published number depends on; the wiring itself changes none.
ROOMS = ("sources", "dbt", "quality", "exports", "dashboards")
_MANIFEST_FOLDER = DBT / "target" / "manifest"
_GENERATED = frozenset({"target", "logs", "dbt_packages", "__pycache__"})

#: Nothing that this product starts reports to anybody.
QUIET_ENVIRONMENT = {
    "DO_NOT_TRACK": "1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "GX_ANALYTICS_ENABLED": "false",
    "DAGSTER_DISABLE_TELEMETRY": "1",
}


def manifest_path() -> Path:
    """Where dbt's manifest is kept for Dagster."""
    return _MANIFEST_FOLDER / "manifest.json"


def parsed_models_path() -> Path:
    """Where the models are kept as dbt parsed them."""
    return _MANIFEST_FOLDER / "partial_parse.msgpack"


def dbt_executable() -> Path:
    """The dbt of this environment."""
    return Path(sys.executable).with_name("dbt")


@cache
def fingerprint() -> str:
    """A digest of every file that a published number depends on, as it was when this process first asked."""
    return rooms_digest(ROOMS)


def _files(rooms: Iterable[str]) -> Iterator[Path]:
    for room in rooms:
        for folder, folders, files in os.walk(ROOT / room):
            folders[:] = sorted(name for name in folders if name not in _GENERATED and not name.startswith("."))
            yield from (Path(folder) / name for name in sorted(files) if not name.startswith("."))


def rooms_digest(rooms: Iterable[str]) -> str:
    """A digest of every file of the rooms, as it is now."""
    digest = hashlib.sha256()
    for path in _files(rooms):
        digest.update(f"{path.relative_to(ROOT).as_posix()}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def models_digest() -> str:
    """A digest of every file that the models are made from."""
    return rooms_digest(["dbt"])


def manifest_is_current() -> bool:
    """Whether the manifest was made from the models as they are now."""
    return manifest_path().is_file() and parsed_models_path().is_file() and _made_from() == models_digest()


def _made_from() -> str | None:
    stamp = _MANIFEST_FOLDER / "made_from"
    return stamp.read_text(encoding="utf-8") if stamp.is_file() else None


def prepare_manifest() -> Path:
    """Have dbt parse the models when they changed since it last did; safe to be called by several processes at once.

    Raises ModelsBroken with what is wrong with the rule book, or with dbt's first complaint when the models do not parse.
    """
    if manifest_is_current():
        return manifest_path()
    _MANIFEST_FOLDER.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(_MANIFEST_FOLDER.with_suffix(".lock")):
        if manifest_is_current():
            return manifest_path()
        from quality.rule_book import rule_book_complaints

        if complaints := rule_book_complaints(DBT):
            raise ModelsBroken("\n".join(complaints))
        made_from = models_digest()
        building = _MANIFEST_FOLDER.with_name(f"manifest-{os.getpid()}")
        building.mkdir(exist_ok=True)
        try:
            _parse(building)
            _MANIFEST_FOLDER.mkdir(exist_ok=True)
            for made in (manifest_path(), parsed_models_path()):
                (building / made.name).replace(made)
            (_MANIFEST_FOLDER / "made_from").write_text(made_from, encoding="utf-8")
        finally:
            shutil.rmtree(building, ignore_errors=True)
    return manifest_path()


def _parse(target: Path) -> None:
    places = {"DBT_PROJECT_DIR": str(DBT), "DBT_PROFILES_DIR": str(DBT), "DBT_TARGET_PATH": str(target), "DBT_LOG_PATH": str(target)}
    done = subprocess.run(
        [str(dbt_executable()), "--log-format", "json", "parse"],
        cwd=DBT,
        env=os.environ | QUIET_ENVIRONMENT | places,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        raise ModelsBroken(
            f"dbt cannot parse the models in {DBT.name}/: {_first_complaint(done.stdout) or done.stderr.strip() or done.stdout.strip()}"
        )


def _first_complaint(log: str) -> str | None:
    for line in log.splitlines():
        try:
            event: Mapping[str, Mapping[str, str]] = json.loads(line)
        except ValueError:
            continue
        if event["info"]["level"] == "error":
            return " ".join(event["info"]["msg"].split())
    return None
