"""Limit use is of what is the customer's own to draw: whose account, which currency, open or not; added up by hand."""

import pytest

from bank360.bank.vocabulary import PartyRole
from bank360.pipeline.limits import Limits, limits_in

CARD = {"role": "owner", "closed_on": None, "currency": "GBP", "credit_limit": 2_000, "owed": 500, "balance": None}
OVERDRAFT = CARD | {"credit_limit": 1_000, "owed": None, "balance": -250}


def test_a_card_is_drawn_by_what_is_owed_and_an_overdraft_by_what_is_below_nothing():
    assert limits_in([CARD, OVERDRAFT], "GBP") == Limits(750, 3_000)
    in_credit = (CARD | {"owed": -40}, OVERDRAFT | {"balance": 90})
    assert limits_in(in_credit, "GBP") == Limits(0, 3_000)


@pytest.mark.parametrize("other", [
    {"closed_on": "2026-01-01"}, {"left_on": "2026-01-01"},
    {"currency": "EUR"}, {"credit_limit": None}, {"credit_limit": 0},
    {"role": PartyRole.AUTHORISED.value}, {"role": PartyRole.GUARANTOR.value},
])  # fmt: skip
def test_what_is_not_theirs_to_draw_does_not_count(other):
    assert limits_in([CARD | other], "GBP") is None
    assert limits_in([CARD | other, OVERDRAFT | {"role": PartyRole.JOINT_HOLDER.value}], "GBP") == Limits(250, 1_000)
