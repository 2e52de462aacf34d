"""A warehouse with wrong bytes inside: the statement that reads them has it made anew, and the command is run again."""

import shutil

import duckdb
import pytest

from bank360.storage.ledger import content_hashes
from bank360.storage.warehouse import open_warehouse
from bank360.storage.warehouse_damage import damage_told

BLOCK, FIRST = 262_144, 12_288


@pytest.fixture
def home(scored, tmp_path):
    return shutil.copytree(scored, tmp_path / "home", ignore=shutil.ignore_patterns("*.damaged-*"))


def hashes(home):
    with open_warehouse(home / "warehouse.duckdb", 1, "500MB") as warehouse:
        found = content_hashes(warehouse)
    # Which steps have run is no content, nor is what the last of them that trained had too little of.
    return {name: found[name] for name in found if name not in ("steps", "training_shortfalls")}


def damage_inside(path, sql):
    """Zero the middle of the first block that the file opens without and ``sql`` cannot do without."""
    whole = path.read_bytes()
    for start in range(FIRST, len(whole), BLOCK):
        torn = bytearray(whole)
        torn[start + 4096 : start + 8192] = bytes(4096)
        path.write_bytes(torn)
        try:
            connection = duckdb.connect(str(path), read_only=True)
        except duckdb.Error:
            continue
        try:
            connection.execute(sql).fetchall()
        except duckdb.Error:
            return
        finally:
            connection.close()
    pytest.fail(f"no block of the file is read by {sql}")


def test_a_command_that_only_reads_has_it_made_anew_and_says_the_same_as_before(bank360, home):
    assert bank360("check", "--home", home).code == 0  # anew, for there are customers to look at now
    before, said = hashes(home), bank360("profile", "list", "--home", home).out
    damage_inside(home / "warehouse.duckdb", "SELECT * FROM scores ORDER BY ALL")
    ran = bank360("profile", "list", "--home", home)
    assert (ran.code, ran.out) == (0, said)
    assert "Corrupt database file" in ran.err
    assert "it is kept as warehouse.duckdb.damaged-1 and made anew from the landing zone" in ran.err
    assert hashes(home) == before
    assert bank360("profile", "list", "--home", home).err == ""


def test_a_rebuild_meets_it_too(bank360, home):
    assert bank360("check", "--home", home).code == 0
    before = hashes(home)
    path = home / "warehouse.duckdb"
    path.write_bytes(path.read_bytes()[:20_000])
    ran = bank360("rebuild", "--home", home)
    assert (ran.code, "made anew from the landing zone" in ran.err) == (0, True)
    found = hashes(home)
    assert {name: found[name] for name in before if name != "quality_findings"} == {
        name: before[name] for name in before if name != "quality_findings"
    }  # a rebuild checks before there are customers


def test_what_is_no_damage_is_raised_as_it_was(tmp_path):
    with pytest.raises(duckdb.BinderException, match="no such column"), damage_told(tmp_path / "warehouse.duckdb"):
        raise duckdb.BinderException("no such column")
    with pytest.raises(OSError, match="Input/output error"), damage_told(tmp_path / "warehouse.duckdb"):
        raise OSError("Input/output error")  # the disk's trouble: the file may be whole
