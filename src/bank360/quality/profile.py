"""What quality rules look at: counts about a table, taken by `storage.reads_quality` in one pass over it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ColumnProfile:
    """One column of the rows that stand (not superseded).

    Parameters
    ----------
    nulls
        Rows without a value.
    constant
        Whether all rows that have a value have the same one.
    """

    nulls: int
    constant: bool


@dataclass(frozen=True)
class Dangling:
    """References of a column that lead nowhere: rows, different values, the smallest value."""

    rows: int
    values: int
    example: str


@dataclass(frozen=True)
class AgeByCode:
    """Applicants of known age who declared one employment: how many, and how many had reached an age by then.

    ``others``, ``aged_others`` count the same of those who declared another.
    """

    code: str
    rows: int
    aged: int
    others: int
    aged_others: int


@dataclass(frozen=True)
class Uncategorised:
    """Transactions in the currency of most of them by which money leaves and that give nothing back.

    ``rows`` of them are of category unknown, of ``of``; they take ``amount`` minor units out, of ``amount_of``.
    """

    currency: str
    rows: int
    of: int
    amount: int
    amount_of: int


@dataclass(frozen=True)
class TableProfile:
    """One table.

    Parameters
    ----------
    rows, superseded
        Rows that stand, and rows that were corrected.
    columns
        By name.
    early, late
        Rows known before they happened, and more than `rules.LATE_DAYS` days after; 0 where rows are no events.
    date_only
        Rows without a time of day.
    against_sign
        By what was looked for ("salary that leaves"), rows whose amount has the other sign, of how many.
    no_country
        Rows whose ``country`` is no code of ISO 3166-1, and the commonest such value; none where rows have no country.
    uncategorised
        Of transactions by which money leaves, those of unknown category; None where none leaves, or rows are others.
    without_age
        Persons without a birth date, of how many; none where rows are no customers.
    employments
        Of applicants, each declared employment that models are told as it is.
    dangling
        By column; a column whose target table is empty is in ``unchecked`` instead.
    unchecked
        Referring columns with values, whose target table holds no rows.
    unread
        Of bureau reports, those about no application, and the first such subject; none where rows are others.
    """

    rows: int
    superseded: int = 0
    columns: Mapping[str, ColumnProfile] = field(default_factory=dict)
    early: int = 0
    late: int = 0
    date_only: int = 0
    against_sign: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    no_country: tuple[int, str | None] = (0, None)
    uncategorised: Uncategorised | None = None
    without_age: tuple[int, int] = (0, 0)
    employments: tuple[AgeByCode, ...] = ()
    dangling: Mapping[str, Dangling] = field(default_factory=dict)
    unchecked: tuple[str, ...] = ()
    unread: tuple[int, str | None] = (0, None)


@dataclass(frozen=True)
class ControlTotal:
    """A load's rows of one table: by the ledger, and as found in the table.

    ``amounts`` are the sums of its money, minor units of all currencies together: as delivered, as accepted, and as
    found; None of a table without money, or a load from before they were kept.
    """

    batch_id: str
    table: str
    delivered: int
    accepted: int
    unchanged: int
    found: int
    amounts: tuple[int, int, int] | None = None

    @property
    def off(self) -> int:
        """By how many rows at least it does not add up: delivered = accepted + unchanged, and all accepted are there.

        Where they are and their money is not what it was, one of them is wrong, or several.
        """
        rows = max(abs(self.delivered - self.accepted - self.unchanged), abs(self.found - self.accepted))
        return rows or int(self.money_off > 0)

    @property
    def money_off(self) -> int:
        """By how much its money does not add up: what is there is what was accepted.

        Where nothing was known before, that is also all that was delivered.
        """
        delivered, accepted, found = self.amounts or (0, 0, 0)
        return max(abs(found - accepted), 0 if self.unchanged else abs(delivered - accepted))
