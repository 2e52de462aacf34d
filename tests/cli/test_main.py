"""A user's mistake: exit code 2, one clear line on standard error, nothing on standard output, never a traceback."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bank360.bank.errors import SettingsError
from bank360.home import read_settings

CONSOLE_SCRIPT = Path(sys.executable).with_name("bank360")
DAY_FIRST = {"onboarded_on": {"column": "since", "format": "%d/%m/%Y"}}


def home_with(folder, settings):
    (folder / "raw").mkdir()
    (folder / "bank360.yaml").write_text(settings, encoding="utf-8")
    return folder


@pytest.mark.parametrize("verb", [["ingest"], ["check"], ["build"], ["score"], ["nightly"], ["profile", "show", "X"]])
def test_a_folder_that_is_no_home_is_told(refused, tmp_path, verb):
    line = refused(*verb, "--home", tmp_path)
    assert f"No bank360.yaml in {tmp_path}" in line
    assert "bank360 init" in line


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("bank: {zone: Mars/Base}\n", "bank.zone: 'Mars/Base' is not a time zone"),
        ("tiers: {medium: 0.5, high: 0.1}\n", "medium (0.5) must lie below high (0.1)"),
        ("colour: red\n", "bank360.yaml: colour: there is no such key. Mend it there"),
        ("bank: {name: X}\nseed: -1\n", "bank360.yaml: seed: it should be greater than or equal to 0. Mend"),
        ("bank: [\n", "bank360.yaml, line 2: is not YAML"),
        ("bank: {name: X}\nsources:\n  - [a\n   x: 2\n", "bank360.yaml, line 4: is not YAML: expected ',' or ']'"),
        ("sources: [{name: a, kind: berka}, {name: a, kind: berka}]\n", "bank360.yaml: sources: a name stands twice"),
        ("sources: [{name: a, kind: mapped}]\n", "sources.a.mapping"),
    ],
)
def test_bad_settings_are_told_by_file_and_key(refused, tmp_path, settings, said):
    line = refused("ingest", "--home", home_with(tmp_path, settings))
    assert said in line
    assert [word for word in ("Traceback", "Value error", "<unicode string>", ": :") if word in line] == []


@pytest.mark.parametrize(
    "verb",
    [["check"], ["build"], ["train"], ["score"], ["profile", "show", "X"], ["profile", "list"], ["explain", "X"]],
)
def test_an_empty_warehouse_is_told(refused, client_home, tmp_path, verb):
    line = refused(*verb, "--home", client_home(tmp_path, core=None))
    assert f"is empty. Run 'bank360 ingest --home {tmp_path}' first." in line
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bank360.yaml", "core"]


def test_a_bad_row_is_told_by_file_column_and_row_and_nothing_is_loaded(bank360, refused, client_home, tmp_path):
    home = client_home(tmp_path, DAY_FIRST, core="id,since\n1,05/01/2024\n2,31/02/2024\n")
    clients = home / "core" / "clients.csv"
    line = refused("ingest", "--home", home)
    assert "file 'clients.csv', column 'since', row 3: '31/02/2024'" in line
    assert line.endswith("Nothing was loaded.")
    assert "is empty" in refused("check", "--home", home)
    clients.write_text("id,since\n1,05/01/2024\n2,29/02/2024\n", encoding="utf-8")
    assert "2 rows accepted" in bank360("ingest", "--home", home).out


def test_a_missing_file_or_folder_of_a_delivery_is_told(refused, client_home, tmp_path):
    home = client_home(tmp_path, core=None)
    assert "clients.csv" in refused("ingest", "--home", home)
    assert str(tmp_path / "nowhere") in refused("ingest", tmp_path / "nowhere", "--home", home)
    assert "no source 'other'" in refused("ingest", "--source", "other", "--home", home)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["frob"], "No such command 'frob'"),
        (["check", "--frob"], "No such option: --frob"),
        (["profile", "show"], "Missing argument"),
        (["synth", "generate", "x", "--customers", "5"], "it should be greater than or equal to 200"),
        (["user", "add", "ann", "--role", "boss"], "Invalid value for '--role': 'boss' is not one of 'viewer'"),
    ],
)
def test_a_command_that_is_mistyped_is_told_in_one_line(refused, words, said):
    line = refused(*words)
    assert said in line
    assert "--help" in line


def test_a_folder_is_named_as_a_reader_knows_it(refused, client_home, tmp_path, monkeypatch):
    (client_home(tmp_path, core=None) / "below").mkdir()
    monkeypatch.chdir(tmp_path)
    assert "The warehouse in this folder is empty. Run 'bank360 ingest' first." in refused("check")
    monkeypatch.chdir(tmp_path / "below")
    line = refused("check", "--home", "..")
    assert f"The warehouse in {tmp_path} is empty. Run 'bank360 ingest --home ..' first." in line


def test_a_variable_that_cannot_be_read_is_told_by_name(client_home, tmp_path, monkeypatch):
    home = client_home(tmp_path, core=None)
    monkeypatch.setenv("BANK360_TIERS", "abc")
    with pytest.raises(SettingsError, match=r"BANK360_TIERS holds no JSON\. Name one value: BANK360_TIERS__"):
        read_settings(home)


def test_a_path_that_cannot_be_is_told_by_name(refused, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert str(tmp_path / "file" / "bank") in refused("init", tmp_path / "file" / "bank")
    assert "is a file" in refused("init", tmp_path / "file")


def test_nothing_asked_for_shows_the_help(bank360):
    ran = bank360()
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Usage: bank360")


def test_the_help_of_a_synthetic_bank_says_that_its_people_are_british(bank360):
    said = " ".join(bank360("synth", "generate", "--help").out.split())
    assert "Its people are British: names and addresses are made up from Faker's en_GB." in said


def test_the_version_is_printed(bank360):
    assert bank360("--version").out.startswith("bank360 0.")


def test_the_doctor_answers_a_program(bank360, tmp_path):
    ran = bank360("doctor", "--json", "--home", tmp_path)
    told = json.loads(ran.out)
    assert told["facts"]["python"].startswith("3.")
    assert {"duckdb", "numpy", "free_gb"} <= set(told["facts"])
    assert ran.code == (1 if told["problems"] else 0)


def test_the_console_script_ends_as_main_does(tmp_path):
    def script(*words):
        return subprocess.run([CONSOLE_SCRIPT, *words], capture_output=True, text=True, check=False, cwd=tmp_path)

    nowhere = script("check")
    assert (nowhere.returncode, nowhere.stdout) == (2, "")
    assert (
        nowhere.stderr == "bank360: No bank360.yaml in this folder. Run 'bank360 init my-bank' or 'make demo' first.\n"
    )
    (tmp_path / "my-bank").mkdir()
    made = script("init", "my-bank")
    assert (made.returncode, made.stderr) == (0, "")
    assert (tmp_path / "my-bank" / "bank360.yaml").exists()
