"""Minimum and maximum of training rows, beside the library that everybody knows."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.preprocessing import MinMaxScaler

from bank360.learning.scaling import fitted_min_max

TABLES = arrays(np.float64, st.tuples(st.integers(1, 20), st.just(3)), elements=st.integers(-50, 50).map(float))


@given(TABLES, TABLES)
def test_it_is_the_librarys_and_a_constant_column_tells_nothing(train, other):
    ours = fitted_min_max(("a", "b", "c"), train).scaled(other)
    theirs = MinMaxScaler().fit(train).transform(other)
    varied = train.min(axis=0) < train.max(axis=0)
    np.testing.assert_allclose(ours[:, varied], theirs[:, varied], atol=1e-12)
    assert (ours[:, ~varied] == 0).all()


def test_the_ends_are_written_by_name():
    told = fitted_min_max(("a",), np.array([[2.0], [8.0]])).to_json()
    assert told == {"names": ["a"], "low": [2.0], "high": [8.0]}
