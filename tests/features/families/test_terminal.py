"""A terminal, worked by hand: the same payments and cases as the merchant's; cash at a machine is a payment there."""

import pytest

from bank360.features.scan import Entity
from tests.features.families.on_paper import movement, place_values
from tests.features.families.test_merchant import CASES, HERE, movements, worked

EXPECTED = worked("terminal")


def test_every_feature_of_terminal():
    tables = {"transactions": movements("terminal_id"), "fraud_cases": CASES}
    assert place_values(Entity.TERMINAL, HERE, tables) == pytest.approx(EXPECTED, rel=1e-14)


def test_cash_taken_at_a_machine_is_a_payment_at_its_terminal():
    cash = movement("cash", "2024-06-30 12:00", -5000, "cash", scheme="cash", channel="atm", terminal_id="machine")
    found = place_values(Entity.TERMINAL, "machine", {"transactions": [cash]})
    assert (found["terminal_payments_24h"], found["terminal_payments_7d"]) == (1, 1)
