"""A count and its noun, as a person reads them: 1 row, 2 rows, 12,000 rows."""


def counted(number: int, noun: str, many: str | None = None) -> str:
    """Return a count with its noun in the number that fits; ``many`` where more is not the noun and an s.

    >>> counted(1, "row"), counted(1200, "row"), counted(0, "delivery", "deliveries")
    ('1 row', '1,200 rows', '0 deliveries')
    """
    return f"{number:,} {noun if number == 1 else many or f'{noun}s'}"
