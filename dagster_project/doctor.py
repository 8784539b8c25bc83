"""``gongkai doctor``: what is missing on this machine or in this home, and the fix for each."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from dagster_project.home import Home
from dagster_project.project import dbt_executable, manifest_is_current
from dagster_project.writer import holder_of_lock, recorded_holder
from exports.publication import current_snapshot

_LEAST_FREE_BYTES = 1 << 30
#: A run keeps the working file, the copy being built, and the space DuckDB sorts in.
_COPIES = 3


@dataclass(frozen=True)
class Finding:
    """One thing looked at. ``fix`` is empty when all is well; ``needed`` says whether a run fails without it."""

    name: str
    state: str
    fix: str = ""
    needed: bool = False


def examine(home: Home) -> int:
    """Print every finding with its fix; 1 when something is missing that a run needs."""
    console = Console(soft_wrap=True, highlight=False)
    findings = [look(home) for look in LOOKS]
    for finding in findings:
        mark = "[green]✓[/green]" if not finding.fix else "[red]✗[/red]" if finding.needed else "[yellow]![/yellow]"
        console.print(f"{mark} {escape(finding.name)}: {escape(finding.state)}" + (f" → {escape(finding.fix)}" if finding.fix else ""))
    return 1 if any(finding.fix and finding.needed for finding in findings) else 0


def _python(home: Home) -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    fix = "" if sys.version_info >= (3, 11) else "install Python 3.11 or newer, remove .venv and start .bin/gongkai again"
    return Finding("python", version, fix, needed=True)


def _dbt(home: Home) -> Finding:
    found = dbt_executable().is_file()
    return Finding("dbt", str(dbt_executable()), "" if found else "start through .bin/gongkai, which installs it", needed=True)


def _models(home: Home) -> Finding:
    current = manifest_is_current()
    return Finding("models 模型", "parsed" if current else "changed since dbt parsed them", "" if current else "the next run parses them by itself")


def _home(home: Home) -> Finding:
    place = _existing(home.path)
    writable = place.is_dir() and os.access(place, os.W_OK | os.X_OK)
    return Finding("home 主目录", str(home.path), "" if writable else f"{place} is not yours to write; name another folder with --home", needed=True)


def _existing(path: Path) -> Path:
    """The path itself, or the nearest of its parents that is there."""
    return next(place for place in (path, *path.parents) if place.exists())


def _space(home: Home) -> Finding:
    free = shutil.disk_usage(_existing(home.path)).free
    warehouse = home.warehouse.stat().st_size if home.warehouse.exists() else 0
    needed = max(_LEAST_FREE_BYTES, _COPIES * warehouse)
    state = f"{free / 2**30:.1f} GiB free, {needed / 2**30:.1f} GiB wanted"
    return Finding(
        "disk 磁盘", state, "" if free >= needed else f"remove old snapshots in {home.path / 'published'} (never the current one)", needed=True
    )


def _lock(home: Home) -> Finding:
    holder = holder_of_lock(home.work)
    if holder:
        return Finding(
            "writer 写锁", f"held by run {holder.run_id}, process {holder.pid}, since {holder.since}", "let it end, or run with --wait SECONDS"
        )
    killed = recorded_holder(home.work)
    return Finding("writer 写锁", f"free; run {killed.run_id} was killed, the next run tidies up" if killed else "free")


def _snapshot(home: Home) -> Finding:
    current = current_snapshot(home.path)
    return Finding("snapshot 快照", current.name if current else "none published yet", "" if current else "gongkai run")


def _fonts(home: Home) -> Finding:
    listed = shutil.which("fc-list")
    fonts = subprocess.run([listed, ":lang=zh-cn", "family"], capture_output=True, text=True, check=False).stdout.split("\n") if listed else []
    found = sorted({font.split(",")[0] for font in fonts if font})
    fix = "" if found else "install a Chinese font to see pages here, for example fonts-noto-cjk (.bin/install-browser)"
    return Finding("fonts 字体", found[0] if found else "no Chinese font found", fix)


def _browser(home: Home) -> Finding:
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    return Finding("browser 浏览器", browser or "no Chromium found", "" if browser else "only the page tests need it: .bin/install-browser")


def _dashboard(home: Home) -> Finding:
    name = "dashboard 看板"
    missing = [part for part in ("argon2", "dash", "flask", "flask_limiter", "flask_login", "flask_wtf", "waitress") if find_spec(part) is None]
    if missing:
        return Finding(name, f"without {', '.join(missing)}", "start through .bin/gongkai, which installs them")
    from dagster_project.dashboard import HOST, PORT, users_of
    from dashboards.live.server import PortTakenError, ask_for_port

    accounts = len(users_of(home).all())
    try:
        ask_for_port(HOST, PORT)
    except PortTakenError:
        return Finding(
            name, f"{accounts} accounts; port {PORT} is taken", "it is running already, or choose another port with gongkai dashboard --port"
        )
    fix = "" if accounts else "gongkai dashboard --add-user NAME --role administrator"
    return Finding(name, f"{accounts} accounts; port {PORT} is free", fix)


LOOKS: tuple[Callable[[Home], Finding], ...] = (_python, _dbt, _models, _home, _space, _lock, _snapshot, _fonts, _browser, _dashboard)
