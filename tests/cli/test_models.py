"""`models list`, `show` and `promote`: what is registered, and that who trains does not approve."""

import json


def test_the_list_marks_champion_and_challenger(bank360, scored):
    (line,) = bank360("models", "list", "--home", scored).out.splitlines()
    assert line.startswith("application_pd ")
    assert "champion, challenger" in line
    assert "trained by trainer as of 2023-07-01" in line
    (row,) = json.loads(bank360("models", "list", "--home", scored, "--json").out)
    assert (row["model"], row["candidate"], row["aliases"]) == (
        "application_pd", "scorecard", ["champion", "challenger"],
    )  # fmt: skip


def test_a_card_is_shown_as_text_and_as_json(bank360, scored):
    assert bank360("models", "show", "application_pd", "--home", scored).out.startswith("# application_pd: scorecard\n")
    told = json.loads(bank360("models", "show", "application_pd", "--home", scored, "--json").out)
    assert told["notes"] == ["fitted on made-up rows"]


def test_the_trainer_cannot_approve(refused, scored):
    line = refused("models", "promote", "application_pd", "challenger", "--by", "trainer", "--home", scored)
    assert "Somebody else must promote it" in line


def test_an_empty_registry_says_what_to_do(bank360, tmp_path):
    (tmp_path / "bank360.yaml").write_text("bank: {name: Empty}\n", encoding="utf-8")
    assert bank360("models", "list", "--home", tmp_path).out == "No model is registered yet. Run 'bank360 train'.\n"
