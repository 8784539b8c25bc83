"""Great Expectations on DuckDB: an execution engine that keeps its connection, and an expectation that states a rule as the rows that violate it.

The stock SQL engine closes the connection before rows are read, which on DuckDB loses them. Every violating row is written to Parquet by DuckDB itself,
so that no row travels through Python. Importing this module imports Great Expectations (several seconds): import it only where an audit runs.

This rests on internals of Great Expectations (``_connection``, the registration of ``add_duckdb``); ``tests/quality/test_gx_internals.py`` watches them.
"""

import builtins
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, Literal

import sqlalchemy
from great_expectations.datasource.fluent import SQLDatasource  # type: ignore[attr-defined]
from great_expectations.execution_engine import SqlAlchemyExecutionEngine  # type: ignore[attr-defined]
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.metrics.metric_provider import MetricProvider, metric_value

from quality.checks import VIOLATION_COLUMNS

_BEIJING = "SET TimeZone = 'Asia/Shanghai'"
_NO_VIOLATION = ", ".join(f"NULL::{kind} AS {name}" for name, kind in VIOLATION_COLUMNS.items())


#: So many questions are asked at once: one core plans a question longer than two answer it.
_AT_ONCE = 3


@dataclass(frozen=True)
class Question:
    """What a rule asks of the warehouse: its violating rows, which go to a Parquet file of VIOLATION_COLUMNS, and of how many rows it was asked."""

    violations: str
    evaluated: str
    file: str

    def ask(self, connection: sqlalchemy.Connection) -> dict[str, float]:
        """How many rows violate the rule, of how many it was asked, and how long that took."""
        started = time.monotonic()
        selection = f"SELECT {_NO_VIOLATION} WHERE false UNION ALL BY NAME ({self.violations})"
        file = self.file.replace("'", "''")
        # exec_driver_sql: colons and percent signs in a rule are not parameters.
        copied = connection.exec_driver_sql(f"COPY ({selection}) TO '{file}' (FORMAT parquet)").fetchall()
        evaluated = connection.exec_driver_sql(self.evaluated).fetchall()
        return {"unexpected": int(copied[0][0]), "evaluated": int(evaluated[0][0] or 0), "seconds": time.monotonic() - started}


class DuckDBExecutionEngine(SqlAlchemyExecutionEngine):
    """One connection for the engine's life; rolled back after an error, so that the next rule is not aborted by the last one's mistake.

    What Great Expectations will ask, one rule after the other, may be asked ahead of it, several at a time on connections of their own.
    """

    _pool: ThreadPoolExecutor | None = None
    _answers: Mapping[Question, Future[dict[str, float]]] = MappingProxyType({})

    def ask_ahead(self, questions: Iterable[Question]) -> None:
        """Begin to ask, in this order; Great Expectations is given the answers when it asks."""
        self._pool = pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="audit")
        self._answers = {question: pool.submit(self._ask, question) for question in questions}

    def answer(self, question: Question) -> dict[str, float]:
        """The answer that was asked for ahead, or now."""
        if ahead := self._answers.get(question):
            return ahead.result()
        with self.get_connection() as connection:
            return question.ask(connection)

    def _ask(self, question: Question) -> dict[str, float]:
        with self.engine.connect() as connection:
            connection.exec_driver_sql(_BEIJING)
            return question.ask(connection)

    @contextmanager
    def get_connection(self) -> Iterator[sqlalchemy.Connection]:
        """The engine's only connection."""
        if self._connection is None:
            self._connection = self.engine.connect()
            self._connection.exec_driver_sql(_BEIJING)
        try:
            yield self._connection
        except Exception:
            self._connection.rollback()
            raise

    def release(self) -> None:
        """Let go of the database file."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
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
    ) -> dict[str, float]:
        return execution_engine.answer(Question(**{name: metric_value_kwargs[name] for name in cls.value_keys}))


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
            "result": {
                "observed_value": found["unexpected"],
                "element_count": found["evaluated"],
                "unexpected_count": found["unexpected"],
                "seconds": found["seconds"],
            },
        }
