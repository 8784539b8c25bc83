"""The small published home of the answers, shared; what is issued goes into a copy of its own."""

import shutil
from pathlib import Path

import pytest

from tests.exports.answers.conftest import home  # noqa: F401


@pytest.fixture
def own_home(home: Path, tmp_path: Path) -> Path:  # noqa: F811
    """A home with the same published snapshot and nothing issued."""
    own = tmp_path / "home"
    shutil.copytree(home / "published", own / "published", symlinks=True)
    return own
