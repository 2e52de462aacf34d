"""Money: an int64 number of minor units and a currency, everywhere below the faces.

Invariant: amounts of two currencies are never added. Signs: a positive amount is money coming into the account.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

# ISO 4217 exponents that differ from 2.
_EXPONENTS = {"JPY": 0, "KRW": 0, "ISK": 0, "VND": 0, "CLP": 0, "BHD": 3, "KWD": 3, "TND": 3, "JOD": 3, "OMR": 3}

INT64_MAX = 2**63 - 1


def exponent(currency: str) -> int:
    """Return how many decimal digits the minor unit of an ISO 4217 ``currency`` has.

    >>> exponent("GBP"), exponent("JPY")
    (2, 0)
    """
    return _EXPONENTS.get(currency, 2)


def to_minor(amount: str | Decimal, currency: str) -> int:
    """Return a decimal amount of major units as minor units, halves to even.

    Raises
    ------
    ValueError
        If the amount is not a finite decimal number or does not fit in int64.

    >>> to_minor("12.34", "GBP")
    1234
    """
    try:
        minor = (Decimal(amount) * 10 ** exponent(currency)).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
    except InvalidOperation as error:
        raise ValueError(f"{amount!r} is not an amount of {currency} that fits") from error
    if not minor.is_finite() or abs(minor) > INT64_MAX:
        raise ValueError(f"{amount!r} is not an amount of {currency} that fits")
    return int(minor)


def to_major(minor: int, currency: str) -> Decimal:
    """Return minor units as a decimal number of major units.

    >>> to_major(1234, "GBP")
    Decimal('12.34')
    """
    return Decimal(minor).scaleb(-exponent(currency))


@dataclass(frozen=True, order=False)
class Money:
    """An amount with its currency.

    >>> Money(150, "GBP") + Money(50, "GBP")
    Money(minor=200, currency='GBP')
    """

    minor: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        if self.currency != other.currency:
            raise ValueError(f"cannot add {self.currency} and {other.currency}: convert with a rate first")
        return Money(self.minor + other.minor, self.currency)

    def __str__(self) -> str:
        return f"{to_major(self.minor, self.currency):,} {self.currency}"
