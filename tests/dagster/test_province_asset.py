"""The push as Dagster carries it out: the job of its own, against a province on loopback."""

from pathlib import Path

import pytest
from dagster import DagsterInstance, Definitions

from exports.push.province.faults import Faults
from exports.push.province.server import Province
from tests.exports.push.city import City

pytestmark = pytest.mark.thorough


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    city = City(tmp_path)
    city.simulate(5)
    city.publish()
    monkeypatch.setenv("GONGKAI_HOME", str(city.home))
    return city


def test_the_job_pushes_the_published_snapshot(definitions: Definitions, city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Province(tmp_path / "province.sqlite", faults=Faults()).start()
    try:
        monkeypatch.setenv("GONGKAI_PUSH_URL", server.url)
        job = definitions.resolve_job_def("push_to_province")
        with DagsterInstance.ephemeral() as instance:
            first, again = (job.execute_in_process(instance=instance) for _ in range(2))
        there = server.store.count()
    finally:
        server.stop()
    assert first.success and again.success
    told, repeated = (run.asset_materializations_for_node("province")[0].metadata for run in (first, again))
    assert told["dagster/row_count"].value == told["接收 accepted"].value == there > 20
    assert (repeated["接收 accepted"].value, repeated["dagster/row_count"].value) == (0, there)
    assert Path(str(told["回执 receipts"].value)).is_file()


def test_what_a_person_must_mend_is_said_in_one_line_and_not_tried_again(
    definitions: Definitions, city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Province(tmp_path / "province.sqlite", faults=Faults(), token="secret").start()
    try:
        monkeypatch.setenv("GONGKAI_PUSH_URL", server.url)
        with DagsterInstance.ephemeral() as instance:
            run = definitions.resolve_job_def("push_to_province").execute_in_process(instance=instance, raise_on_error=False)
        there = server.store.count()
    finally:
        server.stop()
    assert not run.success
    (failure,) = [event for event in run.all_events if event.is_step_failure]
    assert failure.step_failure_data.error is not None
    assert "GONGKAI_PUSH_TOKEN" in str(failure.step_failure_data.user_failure_data.description)
    assert not [event for event in run.all_events if event.is_step_up_for_retry]
    assert there == 0
