"""Great Expectations on DuckDB: an execution engine that keeps its connection, and an expectation that states a rule as the rows that violate it.

The stock SQL engine closes the connection before rows are read, which on DuckDB loses them. Every violating row is written to Parquet by DuckDB itself,
so that no row travels through Python. Importing this module imports Great Expectations (several seconds): import it only where an audit runs.

This rests on internals of Great Expectations (``_connection``, the registration of ``add_duckdb``); ``tests/quality/test_gx_internals.py`` watches them.
"""

import builtins
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Literal

import sqlalchemy
from great_expectations.datasource.fluent import SQLDatasource  # type: ignore[attr-defined]
from great_expectations.execution_engine import SqlAlchemyExecutionEngine  # type: ignore[attr-defined]
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.metrics.metric_provider import MetricProvider, metric_value

from quality.checks import VIOLATION_COLUMNS

_NO_VIOLATION = ", ".join(f"NULL::{kind} AS {name}" for name, kind in VIOLATION_COLUMNS.items())


class DuckDBExecutionEngine(SqlAlchemyExecutionEngine):
    """One connection for the engine's life; rolled back after an error, so that the next rule is not aborted by the last one's mistake."""

    @contextmanager
    def get_connection(self) -> Iterator[sqlalchemy.Connection]:
        """The engine's only connection."""
        if self._connection is None:
            self._connection = self.engine.connect()
            self._connection.exec_driver_sql("SET TimeZone = 'Asia/Shanghai'")
        try:
            yield self._connection
        except Exception:
            self._connection.rollback()
            raise

    def release(self) -> None:
        """Let go of the database file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self.engine.dispose()


class DuckDBDatasource(SQLDatasource):
    """A SQL source whose engine is ours; registered by Great Expectations as ``add_duckdb``."""

    type: Literal["duckdb"] = "duckdb"  # type: ignore[assignment]

    @property
    def execution_engine_type(self) -> builtins.type[DuckDBExecutionEngine]:
        """The engine class."""
        return DuckDBExecutionEngine


class Violations(MetricProvider):
    """Counts the rows that violate a rule and the rows it was asked of; the violating rows go to a Parquet file of VIOLATION_COLUMNS."""

    metric_name = "gongkai.violations"
    domain_keys = ("batch_id",)
    value_keys = ("violations", "evaluated", "file")

    @metric_value(engine=DuckDBExecutionEngine)
    def _on_duckdb(
        cls,  # noqa: N805 - Great Expectations makes it a class method
        execution_engine: DuckDBExecutionEngine,
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any],
    ) -> dict[str, int]:
        selection = f"SELECT {_NO_VIOLATION} WHERE false UNION ALL BY NAME ({metric_value_kwargs['violations']})"
        file = metric_value_kwargs["file"].replace("'", "''")
        with execution_engine.get_connection() as connection:
            # exec_driver_sql: colons and percent signs in a rule are not parameters.
            copied = connection.exec_driver_sql(f"COPY ({selection}) TO '{file}' (FORMAT parquet)").fetchall()
            evaluated = connection.exec_driver_sql(metric_value_kwargs["evaluated"]).fetchall()
        return {"unexpected": int(copied[0][0]), "evaluated": int(evaluated[0][0] or 0)}


class ExpectNoViolations(BatchExpectation):
    """Expect that no more rows violate the rule ``check_id`` than ``threshold`` allows."""

    check_id: str
    violations: str
    evaluated: str
    file: str
    threshold: int = 0

    metric_dependencies: ClassVar[tuple[str, ...]] = ("gongkai.violations",)
    success_keys: ClassVar[tuple[str, ...]] = ("violations", "evaluated", "file", "threshold")
    domain_keys: ClassVar[tuple[str, ...]] = ("batch_id",)

    def _validate(self, metrics: dict[str, Any], runtime_configuration: Any = None, execution_engine: Any = None) -> dict[str, Any]:
        found = metrics["gongkai.violations"]
        return {
            "success": found["unexpected"] <= self.threshold,
            "result": {"observed_value": found["unexpected"], "element_count": found["evaluated"], "unexpected_count": found["unexpected"]},
        }
