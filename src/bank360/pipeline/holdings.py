"""The figures of who holds what (`definitions.md` §7, the columns of marketing and of executives).

Computed once a night for a published version; a page only shows them. Margin and consent are not among them: no source
delivers them yet. Neighbours: `storage/reads_holdings.py` reads, `portfolio.py` is about lending.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bank360.bank.calendar import local_days, to_date, to_datetime
from bank360.storage.published import Version
from bank360.storage.reads_holdings import HoldingRows
from bank360.storage.tables import Tables

HOLDINGS = "holdings"  # under which a version holds it
# The numbers that open their customers, as a version names them.
CUSTOMERS, MAIN_BANK, LEFT, _LINE = "customers", "main_bank", "left", "line:"


@dataclass(frozen=True)
class LineHoldings:
    """How many customers hold a product line, today and a year before."""

    line: str
    customers: int
    customers_before: int


@dataclass(frozen=True)
class Holdings:
    """Who holds what with the bank.

    Parameters
    ----------
    currency
        Of the money, which is in minor units.
    customers, customers_before
        With an open account, today and a year before.
    main_bank
        Of today's, to whom a salary, pension or benefit was paid here within 90 days.
    left, left_with, booked
        Customers of a year before who hold nothing today; the credit balances that they had then; and those of all.
    lines
        By product line, the most held first.
    """

    currency: str
    customers: int
    customers_before: int
    main_bank: int
    left: int
    left_with: int
    booked: int
    lines: tuple[LineHoldings, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the same as JSON values."""
        return asdict(self)


def holdings(tables: Tables, as_of: int, zone: str, currency: str) -> Holdings:
    """Return who holds what, as known before an instant (microseconds UTC)."""
    rows = HoldingRows(tables, to_datetime(as_of), to_date(int(local_days([as_of], zone)[0])), currency)
    (total,) = rows.totals().to_pylist()
    return Holdings(currency, **total, lines=_lines(rows.by_line().to_pylist()))


def counted(tables: Tables, as_of: int, zone: str, currency: str) -> Iterator[dict[str, str]]:
    """Yield whom each number counts: ``figure`` (`CUSTOMERS`, `MAIN_BANK`, `LEFT`, `of_line`) and ``customer_id``."""
    rows = HoldingRows(tables, to_datetime(as_of), to_date(int(local_days([as_of], zone)[0])), currency)
    for batch in rows.counted().to_batches():
        yield from batch.to_pylist()


def of_line(line: str) -> str:
    """Return the name of the number of customers who hold a product line.

    >>> of_line("mortgage")
    'line:mortgage'
    """
    return f"{_LINE}{line}"


def in_words(figure: str) -> str:
    """Return whom a number counts, in words; of a name that is none, nobody.

    >>> in_words("left"), in_words(of_line("credit_card")), in_words("?")
    ('who held an account a year ago and hold none today', 'who hold a credit card', 'of no number')
    """
    if figure.startswith(_LINE):
        return f"who hold a {figure.removeprefix(_LINE).replace('_', ' ')}"
    return _WORDS.get(figure, "of no number")


_WORDS = {
    CUSTOMERS: "with an open account",
    MAIN_BANK: "whose main bank we are",
    LEFT: "who held an account a year ago and hold none today",
}


def published_holdings(version: Version) -> Holdings:
    """Return the holdings of a published version.

    Raises
    ------
    NotReady
        If the version holds none.
    """
    said = version.figures(HOLDINGS)
    return Holdings(**(said | {"lines": _lines(said["lines"])}))


def _lines(rows: Sequence[Mapping[str, Any]]) -> tuple[LineHoldings, ...]:
    return tuple(LineHoldings(**row) for row in rows)
