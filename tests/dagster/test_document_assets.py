"""The documents as assets: each has partitions of its kind, and a partition's materialisation writes what the command writes."""

import importlib
import shutil
from pathlib import Path

import pytest
from dagster import AssetKey, Definitions

from dagster_project.project import prepare_manifest
from exports.documents.catalogue import DOCUMENTS, document
from exports.documents.writing import Asked, write_documents
from tests.exports.documents.conftest import shared_home  # noqa: F401

pytestmark = pytest.mark.thorough


def test_every_document_is_an_asset_with_partitions_of_its_kind(definitions: Definitions) -> None:
    from dagster_project.documents import partitions

    graph = definitions.resolve_asset_graph()
    for one in DOCUMENTS:
        node = graph.get(AssetKey(["documents", one.name.replace("-", "_")]))
        assert node.partitions_def == partitions[one.kinds[0]] and one.label() in (node.description or "")
    whole_way = definitions.resolve_job_def("whole_way")
    assert not [key for key in whole_way.asset_layer.selected_asset_keys if key.path[0] == "documents"]
    assert {job.name for job in definitions.resolve_all_job_defs()} >= {"documents_of_year", "documents_of_quarter", "documents_of_month"}


def test_every_writer_is_there() -> None:
    for one in DOCUMENTS:
        module, _, function = one.writer.partition(":")
        assert callable(getattr(importlib.import_module(module), function))


@pytest.mark.parametrize(("name", "partition", "asked"), [("credit-list", "2022-01", Asked(2022)), ("quarterly-report", "2022-04", Asked(2022, quarter=2)), ("monthly-report", "2022-06", Asked(2022, month=6))])  # fmt: skip
def test_a_partition_is_what_the_command_writes(
    shared_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, partition: str, asked: Asked  # noqa: F811
) -> None:  # fmt: skip
    prepare_manifest()
    from dagster import DagsterInstance, materialize

    from dagster_project.documents import documents

    home = tmp_path / "home"
    shutil.copytree(shared_home / "published", home / "published", symlinks=True)
    monkeypatch.setenv("GONGKAI_HOME", str(home))
    (chosen,) = (asset for asset in documents if asset.key.path[1] == name.replace("-", "_"))
    with DagsterInstance.ephemeral() as instance:
        made = materialize([chosen], partition_key=partition, instance=instance, selection=[chosen])
    assert made.success
    (materialised,) = made.asset_materializations_for_node(made.get_asset_materialization_events()[0].node_name)
    snapshot = (home / "published" / "current").resolve().name
    assert materialised.metadata["快照 snapshot"].value == snapshot
    written = write_documents(home, [document(name)], asked, tmp_path / "out")
    assert {Path(file).name: Path(file).read_bytes() for file in materialised.metadata["文件 files"].value} == {
        file.path.name: file.path.read_bytes() for file in written
    }
    assert all(Path(file).parent == home / "documents" / snapshot for file in materialised.metadata["文件 files"].value)


def test_a_partition_that_the_snapshot_does_not_cover_fails_in_one_line(shared_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    prepare_manifest()
    from dagster import DagsterInstance, materialize

    from dagster_project.documents import documents

    monkeypatch.setenv("GONGKAI_HOME", str(shared_home))
    (chosen,) = (asset for asset in documents if asset.key.path[1] == "statistics")
    with DagsterInstance.ephemeral() as instance:
        made = materialize([chosen], partition_key="2015-01", instance=instance, raise_on_error=False)
    assert not made.success
    (failure,) = (event for event in made.all_events if event.is_step_failure)
    assert "2015: not covered by snapshot" in str(failure.step_failure_data.error)
