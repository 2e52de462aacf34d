"""`models list`, `show` and `promote`: what is registered, and that who trains does not approve."""

import json
import shutil

import pytest

from bank360.storage.registry import Registry


def test_the_list_marks_champion_and_challenger_with_auc_and_population(bank360, scored):
    card = Registry(scored / "registry").load("application_pd").card
    auc = card["measured"][0]["auc"]
    head, headings, role, measured, trained = bank360("models", "list", "--home", scored).out.splitlines()
    assert head == "application_pd: booked"
    assert headings.split() == ["version", "kind", "role"]
    assert [headings.index(word) for word in ("kind", "role")] == [role.index("scorecard"), role.index("champion")]
    assert "champion, challenger" in role
    bad = card["measured"][0]["events"]
    interval = f"{auc['value']:.3f} ({auc['low']:.3f} to {auc['high']:.3f})"
    assert measured == f"    AUC {interval} on 500 rows, {bad} bad, out of time"
    assert trained == "    trained by trainer as of 2023-07-01"
    (row,) = json.loads(bank360("models", "list", "--home", scored, "--json").out)
    assert (row["model"], row["candidate"], row["aliases"]) == (
        "application_pd", "scorecard", ["champion", "challenger"],
    )  # fmt: skip
    assert (row["measured"]["auc"], row["population"], row["out_of_time"]) == (auc, "booked", True)


@pytest.mark.parametrize("words", [("models", "list"), ("models", "show", "application_pd"), ("check",)])
def test_in_a_terminal_of_80_columns_every_line_fits(bank360, scored, monkeypatch, words):
    monkeypatch.setenv("COLUMNS", "80")
    lines = bank360(*words, "--home", scored).out.splitlines()
    assert len(lines) > 3
    assert [line for line in lines if len(line) > 80] == []


def test_a_card_is_shown_as_text_and_as_json(bank360, scored):
    assert bank360("models", "show", "application_pd", "--home", scored).out.startswith("# application_pd: scorecard\n")
    told = json.loads(bank360("models", "show", "application_pd", "--home", scored, "--json").out)
    assert told["notes"] == ["fitted on made-up rows"]


def test_the_trainer_cannot_approve(refused, scored):
    line = refused("models", "promote", "application_pd", "challenger", "--by", "trainer", "--home", scored)
    assert "a second person must" in line


def test_the_login_that_trained_cannot_approve(refused, scored, monkeypatch):
    monkeypatch.setenv("LOGNAME", "Trainer ")
    line = refused("models", "promote", "application_pd", "challenger", "--home", scored)
    assert "a second person must" in line


def test_an_empty_registry_says_what_to_do(bank360, tmp_path):
    (tmp_path / "bank360.yaml").write_text("bank: {name: Empty}\n", encoding="utf-8")
    said = bank360("models", "list", "--home", tmp_path).out
    assert said == f"No model is registered yet. Run 'bank360 train --home {tmp_path}'.\n"


def test_a_model_that_is_not_there_is_answered_with_those_that_are(refused, scored, tmp_path):
    assert "no model 'fraud'. Registered: application_pd." in refused("models", "show", "fraud", "--home", scored)
    (tmp_path / "bank360.yaml").write_text("bank: {name: Empty}\n", encoding="utf-8")
    assert "none is registered yet" in refused("models", "show", "application_pd", "--home", tmp_path)


def test_a_version_that_is_not_there_is_answered_with_those_that_are(refused, scored):
    (version,) = Registry(scored / "registry").versions("application_pd")
    for words in (["show", "application_pd", "--version", "v1"], ["promote", "application_pd", "v1", "--by", "x"]):
        line = refused("models", *words, "--home", scored)
        assert f"no version 'v1'. Registered: {version} (champion)" in line


def test_before_the_first_champion_the_challenger_is_offered(bank360, refused, scored, tmp_path):
    (tmp_path / "bank360.yaml").write_text("bank: {name: New}\n", encoding="utf-8")
    shutil.copytree(scored / "registry", tmp_path / "registry")
    (version,) = Registry(tmp_path / "registry").versions("application_pd")
    aliases = tmp_path / "registry" / "application_pd" / "aliases.json"
    aliases.write_text(json.dumps({"challenger": version, "promotions": []}), encoding="utf-8")
    line = refused("models", "show", "application_pd", "--home", tmp_path)
    assert f"no champion yet. Registered: {version} (challenger). Name one, such as --version challenger." in line
    shown = bank360("models", "show", "application_pd", "--version", "challenger", "--home", tmp_path)
    assert shown.code == 0
