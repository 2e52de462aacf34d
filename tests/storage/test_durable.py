"""A file is there whole or not at all, and its bytes and its name were flushed in the order that makes it so."""

import ast
import os
from pathlib import Path

import pytest

import bank360.storage
from bank360.storage.durable import flush_folder, make_folder, move_into_place, whole_file, write_whole


@pytest.fixture
def calls(monkeypatch):
    """What is asked of the operating system, in order: fsync of what, and which rename."""
    made = []
    fsync, replace = os.fsync, os.replace

    def noted_fsync(descriptor: int) -> None:
        made.append(("fsync", Path(f"/proc/self/fd/{descriptor}").readlink().name))
        fsync(descriptor)

    def noted_replace(old: Path, new: Path) -> Path:
        made.append(("replace", Path(old).name, Path(new).name))
        replace(old, new)
        return Path(new)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    return made


def test_bytes_are_flushed_before_the_rename_and_the_folder_after(tmp_path, calls):
    write_whole(tmp_path / "card.json", b"{}\n")
    assert calls == [
        ("fsync", ".card.json.new"),
        ("replace", ".card.json.new", "card.json"),
        ("fsync", tmp_path.name),
    ]
    assert (tmp_path / "card.json").read_bytes() == b"{}\n"


def test_a_writer_that_fails_leaves_the_old_file_and_nothing_beside_it(tmp_path):
    kept = tmp_path / "scores.csv"
    write_whole(kept, b"old")

    def fail():
        with whole_file(kept) as spare:
            spare.write_bytes(b"half of the n")
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert kept.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["scores.csv"]


def test_a_flush_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    kept = tmp_path / "scores.csv"
    write_whole(kept, b"old")

    def broken(descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="Input/output"):
        write_whole(kept, b"new")
    assert kept.read_bytes() == b"old"


def test_what_a_killed_writer_left_is_written_over(tmp_path):
    (tmp_path / ".manifest.json.new").write_bytes(b"torn, and longer than what comes")
    write_whole(tmp_path / "manifest.json", b"whole")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("manifest.json", b"whole")]


def test_a_finished_file_takes_anothers_place(tmp_path, calls):
    for name in ("fresh", "old"):
        (tmp_path / name).write_text(name)
    move_into_place(tmp_path / "fresh", tmp_path / "old")
    assert (tmp_path / "old").read_text() == "fresh"
    assert calls == [("fsync", "fresh"), ("replace", "fresh", "old"), ("fsync", tmp_path.name)]


def test_only_a_folder_is_flushed_as_one(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError):
        flush_folder(tmp_path / "file")


def test_each_new_folder_is_flushed_into_its_parent_from_the_top(tmp_path, calls):
    make_folder(tmp_path / "landing" / "deliveries")
    assert calls == [("fsync", tmp_path.name), ("fsync", "landing")]
    assert (tmp_path / "landing" / "deliveries").is_dir()
    make_folder(tmp_path / "landing" / "deliveries")
    assert len(calls) == 2  # nothing new, nothing to flush
    make_folder(tmp_path / "landing" / "ab")
    assert calls[2:] == [("fsync", "landing")]


def test_a_folder_is_not_made_in_the_place_of_a_file(tmp_path):
    (tmp_path / "landing").touch()
    with pytest.raises(FileExistsError):
        make_folder(tmp_path / "landing")
    with pytest.raises(FileExistsError):
        make_folder(tmp_path / "landing" / "deliveries")


# `make_folder` itself; what is flushed by hand and renamed into its place; and what is gone again after the step.
_OWN_FOLDERS = {
    "durable.py:folder", "registry.py:temporary", "export_files.py:spare", "exchange.py:folder", "exchange.py:own",
}  # fmt: skip


def test_what_storage_keeps_is_kept_in_folders_that_were_flushed():
    found = set()
    (root,) = bank360.storage.__path__
    for path in Path(root).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in ("mkdir", "makedirs"):
                found.add(f"{path.name}:{ast.unparse(node.value)}")
    assert found <= _OWN_FOLDERS
