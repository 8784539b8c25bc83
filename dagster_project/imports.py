"""Importing much: two thousand modules, looked through for garbage again and again, take a sixth longer; and what a later step needs can be imported while an earlier one waits."""

import gc
import importlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache


@contextmanager
def uncollected_imports() -> Iterator[None]:
    """No garbage is looked for while the block imports, and never again in what it imported."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        # What a run makes is rows in DuckDB; looking for garbage among what it imports later finds none.
        gc.set_threshold(200_000, 50, 1000)
        gc.enable()


@cache
def import_ahead(modules: Sequence[str]) -> threading.Thread:
    """Begin, once, to import these modules one after the other in the background: seconds that a run can spend while other processes work."""

    def import_all() -> None:
        for module in modules:
            importlib.import_module(module)

    thread = threading.Thread(target=import_all, name="import-ahead", daemon=True)
    thread.start()
    return thread
