"""Equal to the last bit: -0.0 is not 0.0, as it is to ``==``; a missing value is missing, whichever NaN says so."""

import numpy as np
import numpy.typing as npt


def bits(values: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Return doubles as their bits."""
    doubles = np.asarray(values, dtype=np.float64)
    return np.where(np.isnan(doubles), np.nan, doubles).view(np.int64)


def assert_same_bits(found: npt.ArrayLike, wanted: npt.ArrayLike) -> None:
    """Raise AssertionError where two arrays of doubles differ, telling the values."""
    found, wanted = np.asarray(found, dtype=np.float64), np.asarray(wanted, dtype=np.float64)
    assert found.shape == wanted.shape
    different = bits(found) != bits(wanted)
    assert not different.any(), (
        f"{found[different][:5]} instead of {wanted[different][:5]} at {np.argwhere(different)[:5]}"
    )
