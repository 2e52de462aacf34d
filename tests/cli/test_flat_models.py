"""A flat file's model on the command line: one challenger, and no score by what nobody approved unless asked for."""

import csv
import json
import re
import shutil

import numpy as np
import pytest

from bank360.cli import approving
from bank360.models.promotion import Advice
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


def _version(home, candidate):
    """Return the version of a candidate that was trained last."""
    registry = Registry(home / "registry")
    cards = {version: registry.load("loans", version).card for version in registry.versions("loans")}
    own = {version: card["trained_as_of"] for version, card in cards.items() if card["candidate"] == candidate}
    return max(own, key=own.__getitem__)


def test_training_says_which_version_to_approve_and_why_and_the_card_by_how_much(bank360, home, tmp_path, monkeypatch):
    own = shutil.copytree(home, tmp_path / "own", ignore=shutil.ignore_patterns("registry"))
    said = " ".join(bank360("train", "--source", "loans", "--home", own).out.split())
    assert "loans: the scorecard stays: lightgbm was not tested out of time; its AUC is" in said
    assert f"bank360 models promote loans {_version(own, 'scorecard')} --by NAME --home" in said
    assert "promote loans challenger" not in said
    card = bank360("models", "show", "loans", "--version", "challenger", "--home", own).out
    assert "AUC less the baseline's, on the same rows:" in card
    monkeypatch.setattr(approving, "advised", lambda card: Advice(True, "lightgbm is better out of time"))
    version, why = approving.to_approve(Registry(own / "registry"), "loans")
    assert (version, why) == ("challenger", "lightgbm is better out of time")


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
    # Without dates nothing was tested out of time, so the plain one is to be approved, whatever its AUC.
    assert f"bank360 models promote loans {_version(home, 'scorecard')} --by NAME" in line
    assert "(the scorecard stays: lightgbm was not tested out of time" in line
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


def test_words_that_training_never_had_are_told_with_their_rows_and_what_the_model_makes_of_them(bank360, tmp_path):
    (tmp_path / "bank360.yaml").write_text(MAPPING, encoding="utf-8")
    rng = np.random.default_rng(2)
    # "ship" has 5 of 500 rows: seen, and too few for even the pool of rare words, so that pool reads as average.
    purposes = ["ship"] * 5 + [("car", "house")[n % 2] for n in range(495)]
    bad = [0] * 5 + [int(rng.random() < (0.2, 0.5)[n % 2]) for n in range(495)]
    lines = [f"{purpose},{int(rng.normal(2000, 500))},{b}" for purpose, b in zip(purposes, bad, strict=True)]
    (tmp_path / "loans.csv").write_text("purpose,income,bad\n" + "\n".join(lines) + "\n", encoding="utf-8")
    assert bank360("train", "--source", "loans", "--home", tmp_path).code == 0
    new = "purpose,income\ncar,2000\ntent,2000\nboat,2000\ntent,2100\nship,2000\n,2000\n"
    (tmp_path / "new.csv").write_text(new, encoding="utf-8")
    words = ("score", "--in", tmp_path / "new.csv", "--out", tmp_path / "out.csv", "--source", "loans")
    ran = bank360(*words, "--version", "challenger", "--home", tmp_path)
    assert "3 rows have a value outside what training saw; the file names its column in each:\n" in ran.out
    said = (
        "  purpose: 3 rows with words that training never had, 'tent' (2), 'boat' (1): each is read as of average risk"
    )
    assert f"{said}\n" in ran.out
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        assert [row["outside_training"] for row in csv.DictReader(file)] == [
            "",
            "purpose",
            "purpose",
            "purpose",
            "",
            "",
        ]


def test_a_damaged_version_is_not_named_and_stops_no_advice(home, tmp_path):
    own = shutil.copytree(home, tmp_path / "own")
    registry = Registry(own / "registry")
    plain, challenger = _version(own, "scorecard"), registry.aliases("loans")["challenger"]
    assert approving.to_approve(registry, "loans")[0] == plain
    for version, answer in (
        (plain, ("challenger", "its plain baseline is not registered, or damaged")),
        (challenger, ("challenger", "it is damaged, and 'models show' says where")),
    ):
        with (own / "registry" / "loans" / version / "card.json").open("a", encoding="utf-8") as card:
            card.write(" ")
        assert approving.to_approve(registry, "loans") == answer
