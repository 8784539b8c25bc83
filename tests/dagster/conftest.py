"""What Dagster loads, for the tests that look at it."""

import pytest
from dagster import Definitions

from dagster_project.project import prepare_manifest


@pytest.fixture(scope="session")
def definitions() -> Definitions:
    """All definitions. Imported here and not by a test's module: in a fresh checkout there is no manifest to import them from."""
    prepare_manifest()
    from dagster_project.definitions import defs

    return defs
