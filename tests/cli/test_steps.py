"""`ingest`, `check` and `build` on a small bank: what they say, and that doing them again changes nothing."""

import json
import re
import shutil
from math import isnan

import pytest

from bank360 import frames
from bank360.features.families import ALL_FEATURES
from bank360.storage.ledger import content_hashes
from bank360.storage.registry import Registry
from bank360.storage.warehouse import open_warehouse
from tests.cli.conftest import register_scorecard


def hashes(home):
    with open_warehouse(home / "warehouse.duckdb", 1, "500MB") as warehouse:
        return content_hashes(warehouse)


def test_a_second_ingest_of_the_same_folder_changes_nothing(bank360, built):
    before = hashes(built)
    again = bank360("ingest", "--home", built)
    assert (again.code, again.err) == (0, "")
    lines = again.out.splitlines()
    assert lines
    assert all(line.endswith("files known already, nothing changed by them") for line in lines)
    assert hashes(built) == before


def test_ingest_names_the_delivery_that_each_table_came_in(bank360, generated, tmp_path):
    (tmp_path / "bank360.yaml").write_text((generated / "bank360.yaml").read_text("utf-8"), encoding="utf-8")
    (tmp_path / "raw").symlink_to(generated / "raw")
    folders = sorted(path.name for path in (generated / "raw").iterdir() if path.is_dir())
    assert len(folders) > 1
    said = [line.split() for line in bank360("ingest", "--home", tmp_path).out.splitlines() if "accepted" in line]
    assert sorted({words[1] for words in said}) == folders
    assert {words[0] for words in said} == {"synthetic"}


def test_ingest_as_json_says_what_it_found_known(bank360, built):
    first, *_ = json.loads(bank360("ingest", "--home", built, "--json").out)
    assert (first["source"], first["batch_id"], first["tables"]) == ("synthetic", None, [])
    assert first["known_files"]


def test_a_check_prints_each_finding_and_counts_them(bank360, built):
    printed = bank360("check", "--home", built).out.splitlines()
    found = json.loads(bank360("check", "--home", built, "--json").out)
    assert printed[-1] == f"{len(found)} findings."
    headings, *starts, loads, balances, months = (line for line in printed[:-1] if not line.startswith(" "))
    assert [line.split(" ")[1] for line in (loads, balances, months)] == ["loads:", "balances", "months"]  # compared
    assert headings.split()[0] == "level"
    assert [line.split()[:2] for line in starts] == [[one["severity"], f"{one['table']},"] for one in found]
    assert all(one["message"] in " ".join(" ".join(printed).split()) for one in found)
    assert {one["severity"] for one in found} <= {"info", "warning", "error"}


@pytest.mark.parametrize("since", ["2024-01-05", "2025-01-05"], ids=["nothing", "a warning"])
def test_a_check_without_errors_ends_with_code_0(bank360, client_home, tmp_path, since):
    home = client_home(tmp_path, core=f"id,since\n1,{since}\n2,2024-01-06\n")
    assert bank360("ingest", "--home", home).code == 0
    ran = bank360("check", "--home", home)
    assert (ran.code, "future_joining" in bank360("check", "--json", "--home", home).out) == (0, since > "2025")
    assert "error" not in ran.out


def test_a_check_that_finds_an_error_ends_with_code_1_and_the_night_goes_on(bank360, client_home, tmp_path):
    home = client_home(
        tmp_path, {"birth_date": "born"}, core="id,since,born\n1,2024-01-05,2091-02-03\n2,2024-01-06,1980-01-01\n"
    )
    assert bank360("ingest", "--home", home).code == 0
    ran = bank360("check", "--home", home)
    assert (ran.code, ran.err) == (1, "")
    *_, last = ran.out.splitlines()
    assert last == "1 finding, 1 of them an error."
    as_json = bank360("check", "--json", "--home", home)
    assert (as_json.code, [one["rule"] for one in json.loads(as_json.out) if one["severity"] == "error"]) == (
        1, ["future_birth"],
    )  # fmt: skip
    night = bank360("nightly", "--home", home)
    assert (night.code, night.err) == (0, "")
    assert ", 1 error\n" in night.out
    assert bank360("rebuild", "--home", home).code == 0


def test_a_build_with_nothing_new_is_up_to_date(bank360, built):
    assert bank360("build", "--home", built).out == "Features are up to date.\n"
    assert json.loads(bank360("build", "--home", built, "--json").out) == {"identity": None, "features": None}


def test_too_little_history_to_train_on_is_told_in_one_line(refused, built):
    assert "That takes a bigger bank or a longer history: load more" in refused("train", "--home", built)


def test_what_training_lacked_is_told_in_place_of_sending_there_again_until_there_is_news(
    bank360, refused, built, tmp_path
):
    others = shutil.ignore_patterns("registry", "raw", "*.damaged-*", "published", "store*")  # tests share the bank
    home = shutil.copytree(built, tmp_path / "home", ignore=others)
    with open_warehouse(home / "warehouse.duckdb", 1, "500MB") as warehouse:
        for table in ("training_shortfalls", "scores", "score_reasons", "score_outside"):
            warehouse.execute(f"DROP TABLE IF EXISTS {table}")
    sent, few = "Run 'bank360 train", "'application_pd' is not trained: it has 0 events in 0 training rows and needs"

    def told():
        (customer, *_) = json.loads(bank360("profile", "list", "--home", home, "--json").out)
        return [
            *(refused(*words, "--home", home) for words in (
                ("score",), ("explain", customer["customer_id"]), ("models", "show", "application_pd"),
            )),
            bank360("models", "list", "--home", home).out, bank360("publish", "--home", home).out,
        ]  # fmt: skip

    assert [(sent in one, few in one) for one in told()] == [(True, False)] * 5, "nobody has tried"
    refused("train", "--home", home)
    assert [(sent in one, few in one) for one in told()] == [(False, True)] * 5
    with open_warehouse(home / "warehouse.duckdb", 1, "500MB") as warehouse:
        warehouse.execute("UPDATE training_shortfalls SET reads = 'fewer loads'")  # as if more had come since
    assert [(sent in one, few in one) for one in told()] == [(True, False)] * 5


def test_a_demonstration_bank_too_small_to_train_on_goes_through_to_the_end(bank360, tmp_path):
    home = tmp_path / "small bank"
    ran = bank360("demo", home, "--customers", 200, "--months", 24)
    assert (ran.code, ran.err) == (0, ""), ran
    said = " ".join(ran.out.split())
    assert "Model 'application_pd' is not trained: it has 0 events in 0 training rows and needs at least 20." in said
    assert "Nobody is scored: so small or young a bank" in said
    assert "Tiers" not in said
    shown = re.search(rf'bank360 (profile show \w+) --home "{home}"', said)
    assert shown is not None
    assert bank360(*shown[1].split(), "--home", home).code == 0
    register_scorecard(Registry(home / "registry"))  # and now there is one, which nobody has approved
    again = " ".join(bank360("demo", home, "--customers", 200, "--months", 24).out.split())
    assert "Nobody is scored: nobody has approved a model yet. Run 'bank360 models promote application_pd" in again


def test_a_frame_of_features_is_the_table_as_it_was_built(built):
    found = frames.features(built)
    with open_warehouse(built / "warehouse.duckdb", 1, "500MB") as warehouse:
        rows = warehouse.query("SELECT customer_id, spend_90d FROM customer_features ORDER BY 1").to_pydict()
    assert list(found.columns) == ["customer_id", "as_of", *(feature.name for feature in ALL_FEATURES)]
    assert found["customer_id"].tolist() == rows["customer_id"]
    assert [None if isnan(value) else value for value in found["spend_90d"]] == rows["spend_90d"]
