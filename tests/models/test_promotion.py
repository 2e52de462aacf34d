"""A challenger is to be promoted where it is better out of time by more than chance; else the plain model stays."""

import pytest

from bank360.models.promotion import advised

GAIN = {"value": 0.04, "low": 0.01, "high": 0.07}


def card(gain, *notes):
    return {"candidate": "lightgbm", "baseline_candidate": "scorecard", "gain": gain, "notes": list(notes)}


def test_a_gain_whose_interval_lies_above_0_promotes_and_says_how_much():
    found = advised(card(GAIN, "No protected attribute is an input."))
    assert found.challenger
    assert found.why == "lightgbm is better out of time: its AUC is +0.040 from the scorecard's (+0.010 to +0.070)"


@pytest.mark.parametrize(
    ("gain", "notes", "why"),
    [
        ({"value": 0.01, "low": -0.01, "high": 0.03}, (), "lightgbm may be better by chance"),
        ({"value": 0.01, "low": 0.0, "high": 0.02}, (), "lightgbm may be better by chance"),
        ({"value": 0.0, "low": 0.0, "high": 0.0}, (), "lightgbm is not better out of time"),
        ({"value": -0.04, "low": -0.07, "high": -0.01}, (), "lightgbm is not better out of time"),
        (GAIN, ("not out of time",), "lightgbm was not tested out of time"),
        (None, (), "nothing says that lightgbm ranks better on the same rows"),
        ({"value": None, "low": None, "high": None}, (), "nothing says that lightgbm ranks better on the same rows"),
    ],
)
def test_else_the_plain_model_stays_and_why_is_said(gain, notes, why):
    found = advised(card(gain, *notes))
    assert not found.challenger
    assert found.why.startswith(f"the scorecard stays: {why}")
