"""`init`, and a flat file from there to scores by its mapping alone."""

import csv
import json
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
import yaml


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("flat")
    rng = np.random.default_rng(4)
    n = 300
    score = rng.integers(300, 850, n)
    bad = rng.random(n) < 1 / (1 + np.exp((score - 480) / 60))
    lines = ["app_id,gender,income,bureau_score,defaulted"]
    for i in range(n):
        income = "" if i % 17 == 0 else rng.integers(900, 6000)
        lines.append(f"P{i:04d},{'FM'[i % 2]},{income},{score[i]},{int(bad[i])}")
    (folder / "applicants.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_a_new_home_has_a_commented_file_and_a_folder_for_deliveries(bank360, tmp_path):
    home = tmp_path / "my-bank"
    home.mkdir()
    ran = bank360("init", home, "--name", "Our bank")
    assert (ran.code, ran.err) == (0, "")
    settings = (home / "bank360.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(settings)["bank"]["name"] == "Our bank"
    assert "# sources:" in settings
    assert (home / "raw").is_dir()


def test_a_folder_that_is_not_there_is_an_error_and_is_not_made(refused, tmp_path):
    said = refused("init", tmp_path / "nosuch")
    assert said.startswith(f"bank360: There is no folder {tmp_path / 'nosuch'}. Make it, ")
    assert not (tmp_path / "nosuch").exists()


def test_a_settings_file_is_not_overwritten_unasked(bank360, refused, tmp_path):
    (tmp_path / "bank360.yaml").write_text("bank: {name: Kept}\n", encoding="utf-8")
    assert "--force" in refused("init", tmp_path)
    assert "Kept" in (tmp_path / "bank360.yaml").read_text(encoding="utf-8")
    ran = bank360("init", tmp_path, "--force")
    assert ran.code == 0
    assert "Kept" not in (tmp_path / "bank360.yaml").read_text(encoding="utf-8")
    kept = tmp_path / "bank360.yaml.before"
    assert kept.read_text(encoding="utf-8") == "bank: {name: Kept}\n"
    assert f"What stood there is in {kept}." in ran.out
    (tmp_path / "bank360.yaml").write_text("bank: {name: Second}\n", encoding="utf-8")
    for number in (2, 3):
        assert f"What stood there is in {kept}.{number}." in bank360("init", tmp_path, "--force").out
    assert kept.read_text(encoding="utf-8") == "bank: {name: Kept}\n"
    assert (tmp_path / "bank360.yaml.before.2").read_text(encoding="utf-8") == "bank: {name: Second}\n"


def test_a_flat_file_is_proposed_trained_and_scored_by_its_mapping(bank360, home):
    ran = bank360("init", home)
    assert "source 'applicants': a proposed flat mapping" in ran.out
    (entry,) = yaml.safe_load((home / "bank360.yaml").read_text(encoding="utf-8"))["sources"]
    assert entry["mapping"]["flat"]["label"] == {"column": "defaulted", "bad": [1], "good": [0]}
    assert entry["mapping"]["flat"]["protected"] == ["gender"]

    trained = bank360("train", "--source", "applicants", "--home", home)
    assert trained.code == 0, trained.err
    assert "300 rows" in trained.out
    assert "not out of time" in trained.out
    rows = json.loads(bank360("models", "list", "--home", home, "--json").out)
    assert {row["candidate"] for row in rows} == {"scorecard", "lightgbm"}

    out = home / "scored.csv"
    words = ("score", "--in", home / "applicants.csv", "--out", out, "--source", "applicants", "--home", home)
    assert bank360(*words, "--version", "challenger").out.startswith("300 rows scored by applicants ")
    with out.open(encoding="utf-8", newline="") as file:
        scored = list(csv.DictReader(file))
    assert [row["app_id"] for row in scored] == [f"P{i:04d}" for i in range(300)]
    assert all(0 < float(row["score"]) < 1 for row in scored)

    # Before anybody approved one it has to be asked for by name; from then on the champion scores.
    assert "Nobody has approved" in bank360(*words).err
    (plain,) = (row["version"] for row in rows if row["candidate"] == "scorecard")
    bank360("models", "promote", "applicants", plain, "--by", "approver", "--home", home)
    assert f"scored by applicants {plain} (scorecard)" in bank360(*words).out


def ledger_of(folder, last):
    """Write a ledger of thirty days up to a day, in two files: the later one first by name."""
    folder.mkdir()
    days = [last - timedelta(days=ago) for ago in range(30)]
    for name, some in (("tx-1.csv", days[:15]), ("tx-2.csv", days[15:])):
        lines = [f"r{day:%j},A{n % 3},{day:%d/%m/%Y},{n + 1}.50" for n, day in enumerate(some)]
        (folder / name).write_text("ref,account,posted,amount\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_old_data_is_told_with_its_newest_day_and_what_to_set_and_data_of_these_days_is_not(bank360, tmp_path):
    old = bank360("init", ledger_of(tmp_path / "old", date(2019, 6, 30))).out
    assert "source 'core': a proposed ledger mapping of tx-1.csv" in old
    (said,) = (line for line in old.splitlines() if "clock: data" in line)
    assert said.startswith("    check: the newest row of any event is of 2019-06-30, ")
    assert " years before now " in said
    new = bank360("init", ledger_of(tmp_path / "new", datetime.now(UTC).date())).out
    assert "source 'core': a proposed ledger mapping" in new
    assert "clock: data" not in new


def test_what_init_assumed_is_told_at_each_load_until_it_is_settled(bank360, refused, tmp_path):
    home = ledger_of(tmp_path / "bank", date(2024, 6, 30))
    bank360("init", home)
    settings = home / "bank360.yaml"
    unsigned = refused("ingest", "--home", home)
    assert "transactions.sign: is not settled" in unsigned
    text = settings.read_text(encoding="utf-8").replace("sign: unsettled", "sign: debit_positive")
    settings.write_text(text, encoding="utf-8")
    for _ in range(2):  # known files or new ones
        ran = bank360("ingest", "--home", home)
        assert ran.code == 0
        assert "source 'core' was mapped by 'init', and 4 assumptions of it nobody has settled." in ran.err
        assert "\n    tx-1.csv: every payment is taken to be in the bank's own country" in ran.err
    assert "4 assumptions of it nobody has settled" in bank360("doctor", "--home", home).out
    lines = text.splitlines(keepends=True)
    start = next(n for n, line in enumerate(lines) if line.strip() == "to_check:")
    settings.write_text("".join(lines[:start] + lines[start + 5 :]), encoding="utf-8")
    assert bank360("ingest", "--home", home).err == ""
    assert "Nothing needs mending" in bank360("doctor", "--home", home).out


def test_a_source_that_is_not_there_is_told(refused, home):
    assert "no source 'nobody'" in refused("train", "--source", "nobody", "--home", home)
