"""Great Expectations is imported once, with the home folder and the working folder watched: an audit must leave nothing behind."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def watched_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty folder that is home and working folder while Great Expectations is imported and used."""
    home, before, folder = tmp_path_factory.mktemp("home"), os.environ.get("HOME"), Path.cwd()
    os.environ["HOME"] = str(home)
    os.chdir(home)
    yield home
    os.chdir(folder)
    if before is not None:
        os.environ["HOME"] = before
