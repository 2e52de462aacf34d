"""`doctor`: what it says of a home folder in each state, and that it only looks."""

import json

import pytest

from bank360.storage.warehouse import open_warehouse


def asked(bank360, home):
    ran = bank360("doctor", "--json", "--home", home)
    told = json.loads(ran.out)
    assert ran.code == (1 if told["problems"] else 0)
    return told["facts"], [problem for problem in told["problems"] if "GB of disk" not in problem]


def test_a_bank_that_stands_is_described(bank360, scored):
    facts, (no_key,) = asked(bank360, scored)
    assert no_key.startswith("No audit key")  # there is a store since something was published
    assert facts["settings"] == "valid"
    assert facts["store"] == "not looked at, for a setting is missing or wrong"
    assert facts["warehouse"].startswith("readable, data known up to 20")
    received = len(list((scored / "landing" / "deliveries").glob("*.json")))
    assert facts["deliveries"] == f"{received} received, 0 refused"
    assert facts["models"] == "application_pd (versions: 1, with champion)"


def test_a_new_home_is_sound_and_stays_as_it_is(bank360, tmp_path):
    (tmp_path / "bank360.yaml").write_text("bank: {name: New}\n", encoding="utf-8")
    facts, problems = asked(bank360, tmp_path)
    assert problems == []
    assert "not there yet" in facts["warehouse"]
    assert (facts["deliveries"], facts["models"]) == ("0 received, 0 refused", "none registered")
    assert [path.name for path in tmp_path.iterdir()] == ["bank360.yaml"]


@pytest.mark.parametrize("settings", ["colour: red\n", "bank: [\n"])
def test_broken_settings_are_a_problem(bank360, tmp_path, settings):
    (tmp_path / "bank360.yaml").write_text(settings, encoding="utf-8")
    _, (problem,) = asked(bank360, tmp_path)
    assert "bank360.yaml" in problem


def test_a_damaged_warehouse_is_a_problem_and_is_left_where_it_is(bank360, tmp_path):
    (tmp_path / "bank360.yaml").write_text("bank: {name: Torn}\n", encoding="utf-8")
    (tmp_path / "warehouse.duckdb").write_bytes(b"no database" * 999)
    facts, (problem,) = asked(bank360, tmp_path)
    assert facts["warehouse"] == "cannot be read"
    assert "Run 'bank360 rebuild'" in problem
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bank360.yaml", "warehouse.duckdb"]


def test_a_warehouse_in_use_is_no_problem(bank360, tmp_path):
    (tmp_path / "bank360.yaml").write_text("bank: {name: Busy}\n", encoding="utf-8")
    with open_warehouse(tmp_path / "warehouse.duckdb", 1, "500MB"):
        facts, problems = asked(bank360, tmp_path)
    assert problems == []
    assert "open" in facts["warehouse"]


def test_a_folder_that_is_named_and_no_home_is_a_problem(bank360, tmp_path):
    _, (problem,) = asked(bank360, tmp_path)
    assert "No bank360.yaml" in problem
