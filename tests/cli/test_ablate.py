"""``bank360 models ablate``: what a model's inputs are worth, on the rows of its training, and nothing registered."""

import pytest

from tests.pipeline.trainable import trainable

SETTINGS = """
bank: {name: Test bank, zone: Europe/London, currency: GBP}
clock: 2026-07-01T12:00:00Z
engine: {threads: 1, memory: 1GB}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A bank whose applicants default by their bureau score and by nothing else."""
    folder = tmp_path_factory.mktemp("bank")
    trainable(folder / "warehouse.duckdb").close()
    (folder / "bank360.yaml").write_text(SETTINGS, encoding="utf-8")
    return folder


def test_it_tells_which_inputs_a_model_lives_on_and_registers_nothing(bank360, home):
    ran = bank360("models", "ablate", "application_pd", "--home", home)
    assert ran.code == 0, ran.err
    head, _, groups, *rest = ran.out.splitlines()
    assert head.startswith("application_pd, scorecard: AUC 0.")
    assert groups.split() == ["Fitted", "without", "inputs", "AUC", "change", "(95", "%", "interval)"]
    assert rest[0].startswith("  credit bureau          4  0.")
    assert any(line.startswith("  repayment              8  0.") for line in rest)
    first = rest.index("AUC lost where one input is shuffled (mean of five, least to most)") + 1
    assert rest[first].split()[:3] == ["bureau_score", "credit", "bureau"]
    assert rest[first].split()[3].startswith("+0.")
    assert not (home / "registry").exists()


def test_a_model_or_candidate_that_is_not_there_is_answered_with_those_there_are(refused, home):
    assert "There are: application_pd, application_fraud." in refused("models", "ablate", "pd", "--home", home)
    line = refused("models", "ablate", "application_pd", "--candidate", "forest", "--home", home)
    assert "It has: scorecard, lightgbm." in line
