"""Another demonstration bank in the same folder: nothing that was made of the one before it stays."""

from pathlib import Path

import pytest

from bank360.bank.errors import SettingsError
from bank360.cli.demo import SETTINGS, remove_derived
from bank360.home import open_home

MADE = (
    "warehouse.duckdb", "warehouse.duckdb.wal", "landing/deliveries/000001-ab.json", "registry/application_pd/champion",
    "published/000001.sqlite3", "store.sqlite3", "store.sqlite3-wal", "store.sqlite3-lock", "store.anchor",
)  # fmt: skip
NOT_MADE = ("bank360.yaml", "raw/first/customers.parquet", "notes.txt")


def _home(folder: Path, settings: str) -> None:
    for name in (*MADE, *NOT_MADE):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("", encoding="utf-8")
    (folder / "bank360.yaml").write_text(settings, encoding="utf-8")


def _files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_another_bank_takes_nothing_over_from_the_one_before(tmp_path):
    _home(tmp_path, SETTINGS)
    remove_derived(open_home(tmp_path))
    assert _files(tmp_path) == {*NOT_MADE}


def test_what_cannot_be_removed_is_told_and_not_taken_for_gone(tmp_path):
    _home(tmp_path, SETTINGS)
    (tmp_path / "registry/application_pd/champion").unlink()
    (tmp_path / "registry/application_pd").rmdir()
    (tmp_path / "registry").rmdir()
    (tmp_path / "registry").write_text("no folder")
    with pytest.raises(NotADirectoryError, match="registry"):
        remove_derived(open_home(tmp_path))


def test_an_anchor_elsewhere_goes_with_its_store(tmp_path):
    home, anchor = tmp_path / "home", tmp_path / "disk.anchor"
    _home(home, SETTINGS + f"store: {{anchor: {anchor}}}\n")
    anchor.touch()
    remove_derived(open_home(home))
    assert not anchor.exists()


def test_a_store_elsewhere_that_was_published_to_is_not_emptied_and_nothing_else_is(tmp_path):
    _home(tmp_path, SETTINGS + "store: {url: 'postgresql://bank@db/other'}\n")
    with pytest.raises(SettingsError, match="to the store that its settings name"):
        remove_derived(open_home(tmp_path))
    assert _files(tmp_path) == {*MADE, *NOT_MADE}
