"""What an application tells laid over what was declared last: each half of the commitments alone, both, none."""

import math

import pytest

from bank360.pipeline.told import SPINE, Told, finances_from, inputs_from
from bank360.storage.reads_credit import NO_CREDIT

NUMBERS = {column.name: math.nan for column in SPINE if not column.categorical}
# Declared last: 40,000 for housing and 10,000 besides, 50,000 in all.
LAST = NUMBERS | {"has_applied": 1.0, "has_report": 0.0, "housing_cost": 40_000.0, "commitments": 50_000.0}
NEVER = NUMBERS | {"has_applied": 0.0, "has_report": 0.0}


def read(told, declared):
    """Return total commitments as the models read them, whether they were asked for, and both halves as the gates."""
    values, unasked = inputs_from(told, declared, "personal_loan", 1_000_00, 12)
    finances = finances_from({}, told, declared, NO_CREDIT, None)
    total = values["commitments"]
    assert isinstance(total, float)
    return (
        None if math.isnan(total) else total,
        "commitments" not in unasked,
        finances.declared_housing,
        finances.declared_outgoings,
    )


@pytest.mark.parametrize(
    ("told", "declared", "expected"),
    [
        (Told(), LAST, (50_000, True, 40_000, 10_000)),
        (Told(housing_cost=150_000), LAST, (160_000, True, 150_000, 10_000)),
        (Told(outgoings=100_000), LAST, (140_000, True, 40_000, 100_000)),
        (Told(housing_cost=150_000, outgoings=100_000), LAST, (250_000, True, 150_000, 100_000)),
        (Told(), NEVER, (None, False, None, None)),
        (Told(housing_cost=150_000), NEVER, (None, False, 150_000, None)),
        (Told(outgoings=100_000), NEVER, (None, False, None, 100_000)),
        (Told(housing_cost=150_000, outgoings=100_000), NEVER, (250_000, True, 150_000, 100_000)),
    ],
)
def test_the_half_of_the_commitments_that_is_not_told_is_the_one_declared_last(told, declared, expected):
    assert read(told, declared) == expected
