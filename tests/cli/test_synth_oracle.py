"""`synth oracle`: what the comparison with the truth found, as text and as JSON; without one, what to do."""

import json

from bank360.storage.oracle_truth import write_oracle

ESTIMATE = {"value": 0.7, "low": 0.6, "high": 0.8}
SHARE = {"candidate": "scorecard", "rows": 2863, "events": 139, "auc": 0.745, "oracle_auc": 0.835, "share": 0.73}
REJECTS = {
    "method": "parcelling", "declined": 2000, "bad": 260, "auc": ESTIMATE, "observed_over_expected": ESTIMATE,
    "door_auc": ESTIMATE, "door_observed_over_expected": ESTIMATE, "approved_bad_rate": 0.034,
}  # fmt: skip


def test_without_a_comparison_it_says_who_makes_one(refused, tmp_path):
    (tmp_path / "bank360.yaml").write_text("bank: {name: Empty}\n", encoding="utf-8")
    assert "'bank360 demo' makes one when it trains" in refused("synth", "oracle", "--home", tmp_path)


def test_models_and_reject_inference_stand_beside_the_truth(bank360, tmp_path):
    (tmp_path / "bank360.yaml").write_text("bank: {name: Demo}\n", encoding="utf-8")
    (tmp_path / "truth").mkdir()
    found = {
        "models": {"application_pd": [SHARE | {"share_low": 0.61, "share_high": 0.84}]},
        "rejects": {"application_pd": [REJECTS]},
    }
    write_oracle(tmp_path / "truth", found)
    text = bank360("synth", "oracle", "--home", tmp_path).out
    assert "0.73 (0.61 to 0.84)" in text
    assert "the 2,000 declined of the test period would have done (260 bad)" in " ".join(text.split())
    assert "0.700 (0.600 to 0.800)" in text
    assert "3.40%" in text
    assert json.loads(bank360("synth", "oracle", "--home", tmp_path, "--json").out) == found
