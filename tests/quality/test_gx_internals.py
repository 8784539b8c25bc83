"""What the audit rests on inside Great Expectations. A failure here after an upgrade says which part of quality/expectations.py to look at."""

import inspect
import os
import subprocess
import sys
from importlib.metadata import version

import pytest

pytestmark = pytest.mark.usefixtures("watched_home")


def test_the_release_is_one_that_was_tried() -> None:
    assert version("great-expectations").startswith("1.24."), "try quality/expectations.py on this release, then move this test and pyproject.toml"


def test_an_engine_keeps_its_connection_in_the_attribute_we_use() -> None:
    from great_expectations.execution_engine import SqlAlchemyExecutionEngine

    from quality.expectations import DuckDBExecutionEngine

    engine = DuckDBExecutionEngine(connection_string="duckdb:///:memory:")
    assert engine._connection is None, "SqlAlchemyExecutionEngine no longer begins without a connection in _connection"
    with engine.get_connection() as first:
        assert engine._connection is first
    with engine.get_connection() as second:
        assert second is first, "the connection is not kept: DuckDB loses its rows"
    engine.release()
    assert engine._connection is None
    assert "get_connection" in vars(SqlAlchemyExecutionEngine), "the engine no longer asks get_connection() for its connection"
    assert hasattr(SqlAlchemyExecutionEngine.get_connection, "__wrapped__"), "get_connection is no longer a context manager"


def test_a_failed_statement_does_not_abort_the_next() -> None:
    from quality.expectations import DuckDBExecutionEngine

    engine = DuckDBExecutionEngine(connection_string="duckdb:///:memory:")
    with pytest.raises(Exception, match="nothing"), engine.get_connection() as connection:
        connection.exec_driver_sql("SELECT * FROM nothing")
    with engine.get_connection() as connection:
        assert connection.exec_driver_sql("SELECT 1").fetchall() == [(1,)]
    engine.release()


def test_our_source_is_registered_with_our_engine() -> None:
    import great_expectations as gx

    from quality.expectations import DuckDBDatasource, DuckDBExecutionEngine

    context = gx.get_context(mode="ephemeral")
    source = context.data_sources.add_duckdb("memory", connection_string="duckdb:///:memory:")
    assert isinstance(source, DuckDBDatasource)
    assert type(source.get_execution_engine()) is DuckDBExecutionEngine
    assert source.get_execution_engine() is source.get_execution_engine(), (
        "every call makes a new engine: the one we release is not the one that is open"
    )
    assert source.create_temp_table is False, "a source makes temporary tables again: the warehouse is open for reading only"


def test_an_expectation_is_handed_its_own_metric() -> None:
    from great_expectations.expectations.expectation import BatchExpectation
    from great_expectations.expectations.metrics.metric_provider import MetricProvider

    from quality.expectations import ExpectNoViolations

    assert list(inspect.signature(BatchExpectation._validate).parameters)[:2] == ["self", "metrics"]
    assert {"value_keys", "domain_keys"} <= set(dir(MetricProvider))
    assert ExpectNoViolations(check_id="c", violations="v", evaluated="e", file="f").expectation_type == "expect_no_violations"


def test_importing_the_audit_imports_no_great_expectations() -> None:
    script = "import sys, quality.audit, quality.generated, quality.gate, quality.masking; quality.checks.all_checks(); print('great_expectations' in sys.modules)"
    said = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert said.stdout.strip() == "False"
