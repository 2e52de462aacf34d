"""In which interval a magnitude passes: ranges as given, else the wider of 15 % and the sampling error."""

import math

import pytest

from bank360.sources.synthetic import parameters
from bank360.sources.synthetic.magnitudes import MAGNITUDES, Magnitude, Observed, interval, rows_needed

RANGES = [one for one in MAGNITUDES if one.low is not None or one.high is not None]


@pytest.mark.parametrize("magnitude", RANGES, ids=[one.name for one in RANGES])
@pytest.mark.parametrize("error", [0.0, 0.01, 100.0])
def test_a_range_is_taken_as_given_whatever_the_sampling_error(magnitude: Magnitude, error: float) -> None:
    given = (
        -math.inf if magnitude.low is None else magnitude.low,
        math.inf if magnitude.high is None else magnitude.high,
    )
    assert interval(magnitude, Observed(0.5, 100, error), parameters.CUSTOMERS) == given


def test_a_count_follows_the_size_of_the_bank_and_only_a_smaller_one_has_its_sampling_error() -> None:
    count = Magnitude("n", "events", None, 100, None, 1_000)
    assert interval(count, Observed(1, 1, 0.0), 1_000) == (100, math.inf)
    assert interval(count, Observed(1, 1, 0.0), 2_000) == (200, math.inf)
    assert interval(count, Observed(1, 1, 0.0), 250) == (25 - 2.5758 * 5, math.inf)


@pytest.mark.parametrize(
    ("error", "passes"),
    [(0.0, (0.085, 0.115)), (0.001, (0.085, 0.115)), (0.01, (0.074242, 0.125758))],
)
def test_a_target_passes_within_15_percent_or_99_percent_sampling_whichever_is_wider(
    error: float, passes: tuple[float, float]
) -> None:
    assert interval(Magnitude("m", "share", 0.10), Observed(0.1, 100, error), 25_000) == pytest.approx(passes)


def test_what_was_never_seen_has_the_error_of_its_target_and_what_has_no_target_is_printed_only() -> None:
    found = interval(Magnitude("m", "share", 0.01), Observed(0.0, 100, 0.0), 25_000)
    assert found == pytest.approx((0.01 - 2.5758 * 0.01, 0.01 + 2.5758 * 0.01))
    assert interval(Magnitude("m", "share", None), Observed(0.5, 100, 0.1), 25_000) is None


SHARE = Magnitude("m", "share", 0.10)
TOLERATED = 0.15 * 0.10 / (1.5 * 2.5758)  # the largest error by which a smaller bank is judged


@pytest.mark.parametrize(
    ("magnitude", "error", "customers", "needed"),
    [
        (SHARE, TOLERATED, 500, None),
        (SHARE, 2 * TOLERATED, 500, 400),  # half the error takes four times the rows
        (SHARE, 2 * TOLERATED, parameters.CUSTOMERS - 1, 400),
        (SHARE, 2 * TOLERATED, parameters.CUSTOMERS, None),  # a bank of demonstration size is judged by everything
        (Magnitude("r", "share", None, 0.085, 0.115), 2 * TOLERATED, 500, 400),  # half of a range counts as 15 % does
        (Magnitude("s", "share", 1.0, 0.999, 1.0), 0.1, 500, None),  # what holds always
        (Magnitude("x", "share", 1.0, 1.0, 1.0), 0.1, 500, None),
        (Magnitude("n", "events", None, 120, None, 25_000), 0.1, 500, None),  # a count has its own sampling error
        (Magnitude("o", "share", None), 0.1, 500, None),  # printed only
    ],
)
def test_a_smaller_bank_is_judged_by_what_it_has_enough_rows_of(magnitude, error, customers, needed) -> None:
    found = rows_needed(magnitude, Observed(0.1, 100, error), customers)
    assert found is None if needed is None else found in (needed, needed + 1)
