"""Tiers: closed lower edges, and no tier without a probability."""

import numpy as np
import pytest

from bank360.policies.risk_tier import risk_tiers


def test_a_tier_begins_at_its_edge():
    tiers = risk_tiers(np.array([0.0, 0.0499, 0.05, 0.1499, 0.15, 1.0]), np.zeros(6, dtype=bool), 0.05, 0.15)
    assert tiers.tolist() == ["low", "low", "medium", "medium", "high", "high"]


def test_who_is_in_default_has_that_tier_whatever_the_model_says():
    in_default = np.array([True, True, True, False])
    tiers = risk_tiers(np.array([0.01, 0.1, 0.9, 0.9]), in_default, 0.05, 0.15)
    assert tiers.tolist() == ["in_default", "in_default", "in_default", "high"]


@pytest.mark.parametrize("value", [np.nan, -0.1, 1.1])
def test_what_is_no_probability_gets_no_tier(value):
    with pytest.raises(ValueError, match="no tier"):
        risk_tiers(np.array([0.1, value]), np.array([False, True]), 0.05, 0.15)


@pytest.mark.parametrize(("medium", "high"), [(0.15, 0.05), (0.1, 0.1), (0.0, 0.5), (0.5, 1.0)])
def test_edges_must_be_in_order(medium, high):
    with pytest.raises(ValueError, match="edges"):
        risk_tiers(np.array([0.1]), np.array([False]), medium, high)
