"""Importing much at once: two thousand modules, looked through for garbage again and again, take a sixth longer."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


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
