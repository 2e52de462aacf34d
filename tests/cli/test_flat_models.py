"""A flat file's model on the command line: one challenger, and no score by what nobody approved unless asked for."""

import json
import re
import shutil

import numpy as np
import pytest

from bank360.storage.registry import Registry

MAPPING = """
bank: {name: Flat}
sources:
  - name: loans
    kind: mapped
    folder: .
    mapping:
      flat: {pattern: loans.csv, label: {column: bad, bad: [1], good: [0]}}
"""


@pytest.fixture(scope="module")
def home(bank360, tmp_path_factory):
    folder = tmp_path_factory.mktemp("flat")
    (folder / "bank360.yaml").write_text(MAPPING, encoding="utf-8")
    rng = np.random.default_rng(1)
    income = rng.normal(2000, 500, 500)
    bad = rng.random(500) < 1 / (1 + np.exp((income - 1500) / 300))
    lines = [f"{i:.0f},{int(b)}" for i, b in zip(income, bad, strict=True)]
    (folder / "loans.csv").write_text("income,bad\n" + "\n".join(lines) + "\n", encoding="utf-8")
    ran = bank360("train", "--source", "loans", "--home", folder)
    assert ran.code == 0, ran.err
    return folder


def _score(home, *more):
    return ("score", "--in", home / "loans.csv", "--out", home / "out.csv", "--source", "loans", "--home", home, *more)


def test_the_baseline_stands_beside_one_challenger(bank360, home):
    rows = json.loads(bank360("models", "list", "--home", home, "--json").out)
    assert {row["candidate"]: row["aliases"] for row in rows} == {"scorecard": [], "lightgbm": ["challenger"]}


def test_only_the_last_candidate_is_ever_made_challenger(bank360, home, monkeypatch):
    made, register = [], Registry.register

    def watched(self, model, card, alias="challenger"):
        made.append((card.candidate, alias))
        return register(self, model, card, alias)

    monkeypatch.setattr(Registry, "register", watched)
    assert bank360("train", "--source", "loans", "--home", home).code == 0
    assert made == [("scorecard", None), ("lightgbm", "challenger")]


def test_what_nobody_approved_does_not_score_unasked(refused, home):
    line = refused(*_score(home))
    assert "Nobody has approved a version of model 'loans' yet." in line
    assert "bank360 models promote loans challenger --by NAME" in line
    assert "--version challenger" in line
    assert not (home / "out.csv").exists()


def test_asked_for_it_scores_and_says_that_nobody_approved_it(bank360, home):
    ran = bank360(*_score(home, "--version", "challenger"))
    assert ran.code == 0, ran.err
    assert "is not the champion: nobody approved it." in ran.out
    (home / "out.csv").unlink()


def test_the_scorecard_of_a_flat_file_shows_bins_and_points_too(bank360, home):
    rows = json.loads(bank360("models", "list", "--home", home, "--json").out)
    version = next(row["version"] for row in rows if row["candidate"] == "scorecard")
    shown = ("models", "show", "loans", "--version", version, "--home", home)
    text = bank360(*shown).out
    assert "attribute: **income**: supplied in the file (as in the file), IV " in text
    (table,) = json.loads(bank360(*shown, "--json").out)["scorecard"]
    (attribute,) = table["attributes"]
    assert attribute["name"] == "income"
    assert sum(one["rows"] for one in attribute["bins"]) == 500
    card = (home / "registry" / "loans" / version / "card.md").read_text(encoding="utf-8")
    assert set(re.findall(r"[\w.%+-]+", card)) - set(re.findall(r"[\w.%+-]+", text)) <= {"---", "---:"}


def test_the_approved_one_scores_without_a_word(bank360, home, tmp_path):
    own = shutil.copytree(home, tmp_path / "own")
    assert bank360("models", "promote", "loans", "challenger", "--by", "approver", "--home", own).code == 0
    ran = bank360(*_score(own))
    assert ran.code == 0, ran.err
    assert "nobody approved" not in ran.out
