"""NaN and stand-ins for "missing" among a flat file's numbers are counted and said, by column."""

import numpy as np
import pyarrow as pa
import pytest

from bank360.sources.mapped_useless import odd_numbers

PLAIN = [float(k) for k in range(20)]


def said(cells):
    values = pa.array([None if np.isnan(one) else one for one in cells], pa.float64())
    return odd_numbers({"x": (pa.array(cells, pa.float64()), values)})


@pytest.mark.parametrize(
    ("odd", "found"),
    [
        (-999.0, "x -999 (3)"), (-1.0, "x -1 (3)"), (9999.0, "x 9999 (3)"), (365_243.0, "x 365243 (3)"),
        (-998.0, None), (100.0, None),
    ],
)  # fmt: skip
def test_a_number_far_from_all_others_that_files_write_for_missing_is_counted(odd, found):
    remarks = said([*PLAIN, odd, odd, odd])
    assert len(remarks) == (found is not None)
    assert found is None or f"scored as numbers, by column: {found}." in remarks[0]


@pytest.mark.parametrize(
    "cells",
    [
        [*PLAIN, -999.0, -999.0],  # twice is chance
        [*(PLAIN * 3), -5.0, -1.0, -1.0, -1.0],  # not the least
        [*(-one for one in PLAIN), -20.0, -20.0],  # negative numbers are meant
        [*range(0, 1000, 50), 999, 999, 999],  # 999 lies beside 950
        [-1.0, 0.0, 1.0] * 9,  # a code
        [],
    ],
)
def test_numbers_that_lie_among_others_are_meant(cells):
    assert said([float(one) for one in cells]) == ()


def test_nan_is_counted_in_doubles_and_in_texts():
    values = pa.array([None, None, *PLAIN])
    doubles, texts = pa.array([float("nan"), None, *PLAIN]), pa.array(["NaN", " nan", *map(str, PLAIN)])
    columns = {"a": (doubles, values), "b": (texts, values), "c": (pa.array([1, 2]), pa.array([1.0, 2.0]))}
    assert odd_numbers(columns) == ("cells that say NaN are taken for missing, by column: a (1), b (2)",)
