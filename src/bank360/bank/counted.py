"""A count and its noun, as a person reads them: 1 row, 2 rows, 12,000 rows."""


def counted(number: int, noun: str, many: str | None = None) -> str:
    """Return a count with its noun in the number that fits; ``many`` where more is not the noun and an s.

    >>> counted(1, "row"), counted(1200, "row"), counted(0, "delivery", "deliveries")
    ('1 row', '1,200 rows', '0 deliveries')
    """
    return f"{number:,} {noun if number == 1 else many or f'{noun}s'}"


def measured(number: str, unit: str) -> str:
    """Return a quantity as it is written with its unit, whose plural loses its s after exactly one.

    >>> measured("1", "days"), measured("1.0", "days"), measured("2", "months"), measured("1", "km")
    ('1 day', '1.0 days', '2 months', '1 km')
    """
    return f"{number} {unit.removesuffix('s') if number in ('1', '-1') else unit}".strip()
