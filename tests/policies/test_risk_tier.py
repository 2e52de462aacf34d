"""Tiers: closed lower edges, and no tier without a probability."""

import numpy as np
import pytest

from bank360.policies.risk_tier import risk_tiers


def test_a_tier_begins_at_its_edge():
    tiers = risk_tiers(np.array([0.0, 0.0499, 0.05, 0.1499, 0.15, 1.0]), 0.05, 0.15)
    assert tiers.tolist() == ["low", "low", "medium", "medium", "high", "high"]


@pytest.mark.parametrize("value", [np.nan, -0.1, 1.1])
def test_what_is_no_probability_gets_no_tier(value):
    with pytest.raises(ValueError, match="no tier"):
        risk_tiers(np.array([0.1, value]), 0.05, 0.15)


@pytest.mark.parametrize(("medium", "high"), [(0.15, 0.05), (0.1, 0.1), (0.0, 0.5), (0.5, 1.0)])
def test_edges_must_be_in_order(medium, high):
    with pytest.raises(ValueError, match="edges"):
        risk_tiers(np.array([0.1]), medium, high)
