"""Selection: a variable that knows the label stops the build; one told already by another stays out."""

import numpy as np
import pytest

from bank360.learning.selection import CircularTarget, refuse_circular, uncorrelated


def _outcome():
    return np.repeat([0.0, 1.0], [300, 60])


def test_a_variable_computed_from_the_label_stops_the_build():
    rng = np.random.default_rng(0)
    x = np.column_stack([rng.normal(size=360), -_outcome() + rng.normal(size=360) * 0.01])
    with pytest.raises(CircularTarget, match="'leak' alone"):
        refuse_circular(x, _outcome(), ("fine", "leak"))


def test_a_variable_filled_only_after_the_event_stops_the_build():
    x = np.where(_outcome() == 1, 5.0, np.nan)[:, None]
    with pytest.raises(CircularTarget):
        refuse_circular(x, _outcome(), ("recovered",))


def test_an_honest_variable_passes():
    x = np.random.default_rng(0).normal(size=360) + _outcome()
    refuse_circular(x[:, None], _outcome(), ("honest",))


def test_of_two_that_say_the_same_the_stronger_stays():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 500))
    x = np.column_stack([a, a + 0.01 * rng.normal(size=500), b, np.ones(500)])
    assert uncorrelated(x, np.array([0.1, 0.3, 0.2, 0.9])) == [1, 2]
