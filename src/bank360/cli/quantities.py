"""A value and its unit as a terminal shows them: money in major units, shares and counts as plain numbers."""

from typing import TYPE_CHECKING

from bank360.bank.counted import measured
from bank360.bank.money import in_major

if TYPE_CHECKING:
    from bank360.pipeline.outside_training import OutsideTraining

MONEY = "minor units"


def with_unit(value: float, unit: str | None, currency: str) -> str:
    """Return a number with its unit; money in major units of ``currency``.

    >>> with_unit(1, "days", "GBP")
    '1 day'
    >>> with_unit(146600, "minor units a month", "GBP"), with_unit(0.25, "1", "GBP"), with_unit(3, "days", "GBP")
    ('1,466.00 GBP a month', '0.25', '3 days')
    """
    if unit is not None and unit.startswith(MONEY):
        return f"{in_major(value, currency)} {currency}{unit.removeprefix(MONEY)}"
    number = f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 1000 else f"{value:,.3g}"
    return number if unit in (None, "1", "count") else measured(number, unit)


def outside_in_words(one: "OutsideTraining", currency: str) -> str:
    """Return the warning of an input outside what the model was trained on: its name, value and range."""
    value, low, high = (with_unit(number, one.unit, currency) for number in (one.value, one.low, one.high))
    return f"{one.meaning} ({one.name}) is {value}, outside what the model was trained on: {low} to {high}."
