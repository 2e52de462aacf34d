"""Money: an int64 number of minor units and a currency, everywhere below the faces.

Invariant: amounts of two currencies are never added. Signs: a positive amount is money coming into the account.
"""

# ISO 4217 exponents that differ from 2.
_EXPONENTS = {"JPY": 0, "KRW": 0, "ISK": 0, "VND": 0, "CLP": 0, "BHD": 3, "KWD": 3, "TND": 3, "JOD": 3, "OMR": 3}


def exponent(currency: str) -> int:
    """Return how many decimal digits the minor unit of an ISO 4217 ``currency`` has.

    >>> exponent("GBP"), exponent("JPY")
    (2, 0)
    """
    return _EXPONENTS.get(currency, 2)


def in_major(minor: float, currency: str) -> str:
    """Return minor units as people read them: major units, thousands apart, the digits that the currency has.

    Whole amounts are exact; a mean of amounts is rounded to the nearest minor unit.

    >>> in_major(-123456789, "GBP"), in_major(1234, "JPY"), in_major(1234, "KWD")
    ('-1,234,567.89', '1,234', '1.234')
    """
    digits = exponent(currency)
    whole = round(minor)
    major, rest = divmod(abs(whole), 10**digits)
    return f"{'-' if whole < 0 else ''}{major:,}" + (f".{rest:0{digits}d}" if digits else "")
