"""``bank360 models importance``: what tells who comes to be at risk, in words computed from the numbers."""

import json

import pytest

from tests.pipeline.behaving import behaving

SETTINGS = """
bank: {name: Test bank, zone: Europe/London, currency: GBP}
clock: 2026-07-01T12:00:00Z
engine: {threads: 1, memory: 1GB}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A bank in which spend volatility tells who comes to be at risk, and nothing else does."""
    folder = tmp_path_factory.mktemp("bank")
    behaving(folder / "warehouse.duckdb").close()
    (folder / "bank360.yaml").write_text(SETTINGS, encoding="utf-8")
    return folder


def test_it_prints_both_candidates_on_both_sets_ranks_and_what_is_left_of_the_claim(bank360, home):
    ran = bank360("models", "importance", "at_risk", "--home", home)
    assert ran.code == 0, ran.err
    lines = ran.out.splitlines()
    assert lines[0].startswith("at_risk: at least 30 days past due")
    assert lines[2].endswith("2022-09-02 to 2024-06-02; tested on others from 2025-01-02 to 2025-12-02, one day each")
    assert lines[3] == "no balances were delivered: unarranged overdrafts are not seen"
    part = lines[lines.index("Of all, by behaviour alone (14 inputs)") :]
    assert part[1].startswith("  trained on ")
    assert part[2].startswith("  logistic  AUC 0.")
    assert part[3].endswith("beside logistic")
    assert part[5].split()[:2] == ["spend", "volatility"]
    assert part[5].endswith("1 (1 to 1)")
    claim = "  that spend volatility and average monthly spend are the strongest: "
    assert part[13] == claim + "not shown (logistic), not shown (lightgbm)"
    assert part[14] == "  that the AUC is at least 0.93: refuted (logistic), refuted (lightgbm)"
    assert " ".join(lines[-4:]).endswith(
        "That the AUC is at least a number is reproduced where its whole interval is, refuted where all of it is "
        "below, not shown where it holds the number."
    )
    assert sum(line.startswith("Of those with credit in the year before, by ") for line in lines) == 2
    assert not (home / "registry").exists()
    told = bank360("models", "importance", "at_risk", "--json", "--home", home)
    assert json.loads(told.out)["parts"][0]["candidates"][0]["candidate"] == "logistic"


def test_what_is_not_studied_is_answered_with_what_is(refused, home):
    assert "There is: at_risk." in refused("models", "importance", "churn", "--home", home)
