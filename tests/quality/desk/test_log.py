"""The log cannot be changed unnoticed: every way of altering it is found, and the first bad entry is named."""

import hashlib
import json
import multiprocessing
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from quality.desk.errors import LogAltered
from quality.desk.log import ORIGIN, DeskLog, Head, canonical, digest_after


def _contents(count: int) -> list[dict[str, object]]:
    return [{"kind": "action", "finding_id": f"f{place}", "reason": "说明 “引号”\n"} for place in range(count)]


@pytest.fixture
def log(tmp_path: Path) -> DeskLog:
    log = DeskLog(tmp_path / "desk")
    for content in _contents(5):
        log.append(lambda _, content=content: [content])  # type: ignore[misc]
    return log


def _by_force(log: DeskLog, *statements: str) -> None:
    """As somebody with the file in hands does it: without the triggers."""
    with sqlite3.connect(log.path) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
    connection.close()


def _write_anew(log: DeskLog, change: Callable[[list[dict[str, object]]], list[dict[str, object]]]) -> None:
    """A whole new chain, each link of it right."""
    contents = change([{name: value for name, value in entry.content.items() if name != "number"} for entry in log.entries()])
    for name in (log.path, *log.folder.glob("log.sqlite-*")):
        name.unlink()
    log.append(lambda _: contents)


def test_the_digests_are_as_described(log: DeskLog) -> None:
    previous = ORIGIN
    for number, entry in enumerate(log.entries(), start=1):
        content = json.dumps(dict(entry.content), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert entry.content["number"] == number
        previous = hashlib.sha256(f"{previous}\n{content}".encode()).hexdigest()
        assert entry.digest == previous == log.digest_of(number)
    assert log.verify() == log.head() == Head(5, previous)


def test_a_log_that_was_never_written_is_sound_and_makes_no_file(tmp_path: Path) -> None:
    log = DeskLog(tmp_path / "desk")
    assert (log.verify(), log.last_of_people(), list(log.entries())) == (Head(), Head(), [])
    assert not log.folder.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET content = '{}' WHERE number = 2",
        "DELETE FROM entries WHERE number = 5",
        "DELETE FROM entries",
        "INSERT INTO entries (number, previous, content, digest) VALUES (7, '', '{}', '')",
        "INSERT OR REPLACE INTO entries (number, previous, content, digest) VALUES (2, '', '{}', '')",
        "INSERT INTO entries (number, previous, content, digest) VALUES (6, 'another', '{}', '')",
    ],
)
def test_the_database_itself_refuses_changes(log: DeskLog, statement: str) -> None:
    connection = sqlite3.connect(log.path)
    with pytest.raises(sqlite3.IntegrityError, match="the log"):
        connection.execute(statement)
    connection.close()
    assert log.verify().number == 5


@pytest.mark.parametrize(
    ("statements", "entry"),
    [
        (["UPDATE entries SET content = replace(content, 'f2', 'f9') WHERE number = 3"], 3),
        (["UPDATE entries SET digest = previous WHERE number = 4"], 4),
        (["UPDATE entries SET previous = digest WHERE number = 1"], 1),
        (["DELETE FROM entries WHERE number = 1"], 1),
        (["DELETE FROM entries WHERE number = 3"], 3),
        (["DELETE FROM entries WHERE number = 3", "UPDATE entries SET number = number - 1 WHERE number > 3"], 3),
        (
            [
                "UPDATE entries SET number = 9 WHERE number = 2",
                "UPDATE entries SET number = 2 WHERE number = 3",
                "UPDATE entries SET number = 3 WHERE number = 9",
            ],
            2,
        ),
    ],
)
def test_what_was_changed_removed_or_reordered_is_named(log: DeskLog, statements: list[str], entry: int) -> None:
    _by_force(log, *statements)
    with pytest.raises(LogAltered) as altered:
        log.verify()
    assert altered.value.entry == entry
    assert f"entry {entry}:" in str(altered.value)


def test_an_entry_written_anew_with_its_digest_shows_at_the_next(log: DeskLog) -> None:
    third = list(log.entries())[2]
    content = canonical({**third.content, "reason": "另一说明"})
    _by_force(log, f"UPDATE entries SET content = '{content}', digest = '{digest_after(log.digest_of(2), content)}' WHERE number = 3")
    with pytest.raises(LogAltered) as altered:
        log.verify()
    assert altered.value.entry == 4


def test_what_was_cut_off_or_written_anew_is_noticed_by_a_snapshot(log: DeskLog, tmp_path: Path) -> None:
    anchors = {"2018-01-20-aaaa": Head(2, log.digest_of(2)), "2018-01-25-bbbb": log.head()}
    assert log.verify(anchors).number == 5
    _by_force(log, "DELETE FROM entries WHERE number > 3")
    assert log.verify().number == 3
    with pytest.raises(LogAltered, match=r"entry 4: is missing: snapshot 2018-01-25-bbbb") as altered:
        log.verify(anchors)
    assert altered.value.entry == 4
    _write_anew(log, lambda contents: [*contents[:1], {**contents[1], "reason": "另一说明"}, *contents[2:], *_contents(3)])
    assert log.verify().number == 6
    with pytest.raises(LogAltered, match=r"entry 2: is another than when snapshot 2018-01-20-aaaa was published"):
        log.verify(anchors)
    log.path.unlink()
    with pytest.raises(LogAltered, match="entry 1: is missing"):
        log.verify(anchors)


def test_a_torn_file_is_said_in_one_line(log: DeskLog) -> None:
    for path in log.folder.glob("log.sqlite-*"):
        path.unlink()
    log.path.write_bytes(b"no database at all, but long enough to be looked at" * 100)
    with pytest.raises(LogAltered, match="cannot be read"):
        log.verify()


def _append_many(folder: Path, count: int) -> None:
    log = DeskLog(folder)
    for content in _contents(count):
        log.append(lambda _, content=content: [content])  # type: ignore[misc]


def test_four_processes_write_one_chain(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_append_many, args=(tmp_path / "desk", 15)) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * 4
    assert DeskLog(tmp_path / "desk").verify().number == 60


def test_nothing_is_written_when_the_writer_changes_its_mind(log: DeskLog) -> None:
    def half(_: object) -> list[dict[str, object]]:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        log.append(half)
    assert log.verify().number == 5
