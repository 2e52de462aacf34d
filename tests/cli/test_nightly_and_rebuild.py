"""`nightly` and `rebuild`: a night with nothing new changes nothing, and nothing is lost with the warehouse."""

import json
import shutil

import pytest

from bank360.storage.ledger import content_hashes
from bank360.storage.warehouse import open_warehouse

# What is delivered, resolved and scored; the ledger and the findings also say when.
RESULTS = (
    *("transactions", "customers", "applications", "source_keys", "customer_index", "customer_features"),
    *("merchant_features", "terminal_features", "scores"),
)


def results(home):
    with open_warehouse(home / "warehouse.duckdb", 1, "500MB") as warehouse:
        found = content_hashes(warehouse)
    return {name: found[name] for name in RESULTS}


def test_a_night_with_nothing_new_changes_nothing(bank360, scored):
    before = results(scored)
    night = bank360("nightly", "--home", scored)
    assert (night.code, night.err) == (0, "")
    said = dict(line.split(maxsplit=1) for line in night.out.splitlines())
    assert list(said) == ["ingest", "check", "identify", "build", "score", "publish"]
    assert said["ingest"] == "0 rows"
    assert {said[step] for step in ("identify", "build", "score", "publish")} == {"up to date"}
    assert results(scored) == before
    told = json.loads(bank360("nightly", "--home", scored, "--json").out)
    assert (told["ingest"], told["build"], told["score"]) == ({"rows": 0}, None, None)


def test_what_is_rebuilt_is_what_was_there(bank360, scored):
    before = results(scored)
    (scored / "warehouse.duckdb").unlink()
    ran = bank360("rebuild", "--home", scored)
    assert (ran.code, ran.err) == (0, "")
    assert "2 deliveries replayed" in ran.out
    assert "customers scored by version" in ran.out
    assert results(scored) == before


def test_a_rebuild_publishes_what_it_found_where_something_was_published(bank360, scored):
    """Else the Portfolio page would show control totals and findings of rows as they were read before."""
    assert bank360("publish", "--home", scored).code == 0
    before = json.loads(bank360("publish", "list", "--home", scored, "--json").out)[0]["number"]
    ran = bank360("rebuild", "--home", scored)
    assert (ran.code, ran.err) == (0, "")
    now = next(one for one in json.loads(bank360("publish", "list", "--home", scored, "--json").out) if one["current"])
    assert now["number"] > before
    assert f"version {now['number']} is what API and dashboard read now" in ran.out


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_rebuild_publishes_anew_where_versions_are_schemas_too(bank360, client_home, tmp_path, request, database):
    home = client_home(tmp_path, core="id,since\n1,2024-01-05\n2,2024-02-01\n")
    with (home / "bank360.yaml").open("a", encoding="utf-8") as settings:
        settings.write("audit_key: 0123456789abcdef0123456789abcdef\n")
        if database == "postgresql":
            settings.write(f"store: {{url: '{request.getfixturevalue('postgres_url')}'}}\n")
    assert bank360("ingest", "--home", home).code == 0
    assert "is what API and dashboard read" not in bank360("rebuild", "--home", home).out
    assert not (home / "store.sqlite3").exists(), "nothing was published, and no store was made to find that out"
    assert bank360("nightly", "--home", home).code == 0
    assert "version 2 is what API and dashboard read now" in bank360("rebuild", "--home", home).out


def test_other_edges_of_the_tiers_are_published_by_the_next_night(bank360, scored, tmp_path):
    """The instant of the scores stays on a clock that follows the data: it alone does not tell them from the others."""
    home = shutil.copytree(scored, tmp_path / "bank", ignore=shutil.ignore_patterns("*.damaged-*"))
    assert bank360("nightly", "--home", home).code == 0
    with (home / "bank360.yaml").open("a", encoding="utf-8") as settings:
        settings.write("tiers: {medium: 0.0001, high: 0.9}\n")
    told = json.loads(bank360("nightly", "--home", home, "--json").out)
    assert told["score"]["tiers"]["low"] == 0
    assert told["publish"] is not None


def test_a_night_before_the_first_champion_builds_and_says_that_nobody_is_scored(bank360, client_home, tmp_path):
    home = client_home(tmp_path, core="id,since\n1,2024-01-05\n2,2024-02-01\n")
    night = bank360("nightly", "--home", home)
    assert (night.code, night.err) == (0, "")
    assert "build     2 customers" in night.out
    (said,) = (line for line in night.out.splitlines() if line.startswith("score "))
    assert "the bank has no applications for credit" in said
    assert f"then run 'bank360 ingest --home {home}'" in said


def test_a_damaged_warehouse_is_told_and_made_anew(bank360, scored):
    before = results(scored)
    (scored / "warehouse.duckdb").write_bytes(b"torn" * 5000)
    night = bank360("nightly", "--home", scored)
    assert night.code == 0
    assert "was damaged" in night.err
    assert "made anew from the landing zone" in night.err
    assert results(scored) == before


@pytest.fixture
def two_sources(client_home):
    """Make a home whose sources 'north' and 'south' deliver these customers."""
    return lambda folder, *rows: client_home(
        folder, **{name: f"id,since\n{text}\n" for name, text in zip(("north", "south"), rows, strict=True)}
    )


def test_a_refused_delivery_stops_no_other_source_nor_the_night_and_ends_it_with_what_was_refused(
    bank360, two_sources, tmp_path
):
    home = two_sources(tmp_path, "1,yesterday", "2,2024-02-01\n3,2024-03-01")
    night = bank360("nightly", "--home", home)
    assert night.code == 2
    (line,) = night.err.splitlines()
    assert line.startswith("bank360: file 'clients.csv', column 'since', row 2: ")
    assert "ingest    2 rows, 1 refused" in night.out
    assert "build     2 customers" in night.out
    (home / "north" / "clients.csv").write_text("id,since\n1,2024-01-05\n", encoding="utf-8")
    mended = bank360("nightly", "--home", home, "--json")
    assert (mended.code, mended.err, json.loads(mended.out)["ingest"]) == (0, "", {"rows": 1})


def test_ingest_loads_the_others_and_names_each_refused_delivery(bank360, two_sources, tmp_path):
    one = bank360("ingest", "--home", two_sources(tmp_path / "one", "1,yesterday", "2,2024-02-01"))
    assert one.code == 2
    assert "south  south  customers" in one.out
    assert "row 2" in one.err
    both = bank360("ingest", "--home", two_sources(tmp_path / "both", "1,yesterday", "2,tomorrow"))
    assert (both.code, both.out) == (2, "")
    assert ["yesterday" in line or "tomorrow" in line for line in both.err.splitlines()] == [True, True]


def test_a_source_whose_folder_is_missing_stops_no_other_source_and_is_named_with_the_remedy(
    bank360, two_sources, tmp_path
):
    home = two_sources(tmp_path, "1,2024-01-05", "2,2024-02-01")
    (home / "north").rename(home / "elsewhere")
    told = (
        f"bank360: The folder {home / 'north'} of source 'north' does not exist. Put its files there, or mend 'folder' "
        "of that source in bank360.yaml.\n"
    )
    night = bank360("nightly", "--home", home)
    assert (night.code, night.err) == (2, told)
    assert "ingest    1 row, 1 missing" in night.out
    assert "build     1 customer," in night.out
    again = bank360("ingest", "--home", home)
    assert (again.code, again.err) == (2, told)
    assert "south  south  1 file known already" in again.out
    (home / "elsewhere").rename(home / "north")
    assert json.loads(bank360("nightly", "--home", home, "--json").out)["ingest"] == {"rows": 1}


def test_a_night_on_nothing_but_a_refused_delivery_ends_in_its_line(refused, client_home, tmp_path):
    assert "'yesterday'" in refused("nightly", "--home", client_home(tmp_path, core="id,since\n1,yesterday\n"))
