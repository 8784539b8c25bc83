"""Packages into a folder, without sending: everything the snapshot has for the province, for those who hand files over by hand or want to look."""

import json
import tempfile
from pathlib import Path

from exports.push.errors import PushUsageError
from exports.push.filling import fill
from exports.push.outbox import open_outbox, transaction
from exports.push.packages import Format, Package, seal, waiting, waves, write_schemas
from exports.push.settings import PushSettings
from exports.push.status import status


def write_packages(snapshot: Path, out: Path, form: Format, settings: PushSettings) -> list[Package]:
    """Write the packages of a first push with their schemas and a manifest of all; the outbox of the home is not touched.

    Parents are taken to be accepted as soon as they are packed. Raises PushUsageError when ``out`` is not empty.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise PushUsageError(f"{out}: not empty; name a new folder with --packages-only")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".outbox-") as scratch, open_outbox(Path(scratch)) as connection:
        filling = fill(connection, snapshot, settings)
        packages = []
        for wave in waves():
            for dataset, which in waiting(connection, wave):
                while package := seal(connection, out, dataset, which, form, settings):
                    packages.append(package)
                    with transaction(connection):
                        connection.execute("UPDATE outbox.messages SET state = 'accepted' WHERE package = ?", [package.name])
                        connection.execute(
                            "DELETE FROM outbox.contents WHERE message_number IN (SELECT message_number FROM outbox.messages WHERE package = ?)",
                            [package.name],
                        )
                        connection.execute(
                            """UPDATE outbox.records SET is_at_province = true FROM outbox.messages AS m
                            WHERE m.package = ? AND outbox.records.dataset = m.dataset AND outbox.records.record_key = m.record_key""",
                            [package.name],
                        )
        stands = status(connection)
        write_schemas(out / "schemas")
        manifest = {
            "snapshot": filling.snapshot,
            "format": form,
            "records": sum(package.records for package in packages),
            "blocked": stands.blocked,
            "waiting_for_a_parent": stands.waiting,
            "packages": [
                {"file": package.file.name, "dataset": package.dataset, "records": package.records, "sha256": package.sha256} for package in packages
            ],
        }
        (out / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return packages
