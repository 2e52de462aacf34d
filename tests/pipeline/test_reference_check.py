"""A bank beside its reference: the same rows are at no distance, and each thing that may go wrong is seen."""

import json
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from bank360.cli.main import app
from bank360.pipeline.card_files import read_card_file
from bank360.pipeline.reference_check import compared
from bank360.sources.card_file.layout import CardRows
from bank360.storage.card_rows import write_card_file


def rows(count=6_000, frauds=300, seed=5):
    rng = np.random.default_rng(seed)
    fraud = np.arange(count) < frauds
    components = np.round(rng.standard_normal((count, 28)) + fraud[:, None], 6)
    components[:, 1] = np.round(0.8 * components[:, 0] + 0.6 * components[:, 1], 6)
    seconds = np.floor(rng.normal(14 * 3600, 4 * 3600, count).clip(0, 86_399))
    return CardRows(seconds, components, np.exp(rng.normal(8, 1, count)).astype(np.int64), fraud)


def sample(count, frauds):
    """Return other rows of the same population, of another fraud rate."""
    whole = rows(60_000, 12_000, seed=6)
    at = np.concatenate([np.flatnonzero(whole.fraud)[:frauds], np.flatnonzero(~whole.fraud)[: count - frauds]])
    return CardRows(whole.seconds[at], whole.components[at], whole.amount[at], whole.fraud[at])


# 40,000 rows with the published rate of fraud: 40,000 x 492 / 284,807 = 69.1
BANK = sample(40_000, 69)


def test_a_part_with_too_many_frauds_is_reweighted():
    found = compared(rows(), BANK)
    assert found.reweighted
    assert [row.name for row in found.failures] == []
    unweighted = {row.name: row.distance for row in compared(rows(), rows()).rows}
    assert unweighted["fraud_rate"] == pytest.approx(300 / 6_000 - 492 / 284_807)


@pytest.mark.parametrize(
    ("spoiled", "seen"),
    [
        (replace(BANK, amount=BANK.amount * 13 // 10), {"amount"}),
        (replace(BANK, seconds=(BANK.seconds + 3_600) % 86_400), {"hour"}),
        (replace(BANK, components=BANK.components * [1.2, *[1] * 27]), {"v1"}),
        (replace(BANK, fraud=np.roll(BANK.fraud, 500)), {"among_frauds"}),
        (sample(40_000, 200), {"fraud_rate"}),
        (replace(BANK, components=np.column_stack(
            [BANK.components[:, 0], np.roll(BANK.components[:, 1], 1), BANK.components[:, 2:]])), {"rank_correlation"}),
    ],
)  # fmt: skip
def test_each_fault_is_seen_and_nothing_else(spoiled, seen):
    assert {row.name for row in compared(rows(), spoiled).failures} == seen


def test_a_bank_is_drawn_loaded_and_compared_by_command(tmp_path):
    def run(*words):
        return CliRunner().invoke(app, list(map(str, words)))

    reference, home = tmp_path / "reference.csv", tmp_path / "home"
    write_card_file(reference, rows())
    drawn = run("synth", "cards", home / "raw", "--reference", reference, "--rows", 8_000, "--frauds", 14)
    assert "8,000 rows, 14 frauds. A source of kind 'creditcard_csv_part'" in drawn.output
    entry = "{name: cards, kind: creditcard_csv_part, folder: raw}"
    (home / "bank360.yaml").write_text(f"clock: data\nsources: [{entry}]\n", encoding="utf-8")
    assert run("ingest", "--home", home).exit_code == 0
    checked = run("synth", "check", "--home", home, "--reference", reference, "--json")
    said = json.loads(checked.output)
    assert (checked.exit_code, said["bank_rows"], said["reference_rows"], said["reweighted"]) == (
        0,
        8_000,
        6_000,
        True,
    )
    assert {row["name"] for row in said["rows"]} >= {"fraud_rate", "amount", "hour", "v1", "v28", "rank_correlation"}
    # 14 / 8,000 = 0.175 % against 0.1727 %
    assert said["rows"][0]["distance"] == pytest.approx(14 / 8_000 - 492 / 284_807)
    table = run("synth", "check", "--home", home, "--reference", reference).output
    assert "All 33 distances are within chance." in table
    np.testing.assert_array_equal(read_card_file(home / "raw" / "creditcard.csv").fraud.sum(), 14)
