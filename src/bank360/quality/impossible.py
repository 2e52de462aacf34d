"""Values that cannot be true although each reads well: births in the future, an account closed before it opened.

Each rule compares a column with today, with another column, or with the list of currencies; `storage.reads_impossible`
counts, and here the counts become findings. No row is changed. Severity by what it does to a decision: *error* where a
customer or money is left out of one by it, *warning* where the row counts all the same. Neighbour: `rules.py`, of what
rows say together.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bank360.bank.counted import counted
from bank360.bank.finding import Finding
from bank360.bank.vocabulary import Severity


@dataclass(frozen=True)
class Impossible:
    """One thing that a row cannot say.

    Parameters
    ----------
    rule, severity
        As in the finding.
    table, column
        What is compared.
    against
        With what: the instant of the check, a column of the same row, or one of the account's row, which it may not lie
        before; or the list of currencies.
    other
        That column.
    what, means
        What is said of the rows, and what it does.
    """

    rule: str
    severity: Severity
    table: str
    column: str
    against: Literal["now", "row", "account", "currencies"]
    what: str
    means: str
    other: str = ""


@dataclass(frozen=True)
class Seen:
    """Rows that break a rule: how many, the key of the first, where the first ones stand, values that may be told."""

    about: Impossible
    rows: int
    example: str | None
    places: tuple[tuple[str, int], ...]
    values: tuple[str, ...] = ()


_CHILD = "whoever has one is taken for a child, and not scored"
_NO_MONEY = "features and limits leave out money of a currency that is none"
_AHEAD = "no feature counts it before that day"

IMPOSSIBLE: tuple[Impossible, ...] = (
    Impossible("future_birth", Severity.ERROR, "customers", "birth_date", "now", "a birth date in the future", _CHILD),
    Impossible(
        "future_birth", Severity.WARNING, "customer_personal", "birth_date", "now", "a birth date in the future",
        "identity compares records by it",
    ),
    Impossible(
        "died_before_birth", Severity.ERROR, "customers", "deceased_on", "row", "a death before the birth",
        "the dead are not scored", "birth_date",
    ),
    Impossible(
        "left_before_joining", Severity.ERROR, "customers", "left_on", "row", "an end before the beginning",
        "whoever has left is not scored", "onboarded_on",
    ),
    Impossible(
        "closed_before_opened", Severity.ERROR, "accounts", "closed_on", "row", "a closing before the opening",
        "the account counts as closed", "opened_on",
    ),
    Impossible(
        "ended_before_begun", Severity.ERROR, "account_parties", "valid_to", "row", "an end before the beginning",
        "the account is held by nobody", "valid_from",
    ),
    Impossible(
        "blocked_before_issued", Severity.WARNING, "cards", "blocked_on", "row", "a blocking before the issue",
        "the card counts as blocked", "issued_on",
    ),
    Impossible(
        "future_event", Severity.WARNING, "transactions", "event_time", "now", "a time in the future", _AHEAD
    ),
    Impossible("future_event", Severity.WARNING, "payments", "paid_on", "now", "a day in the future", _AHEAD),
    Impossible("future_event", Severity.WARNING, "interactions", "at", "now", "a time in the future", _AHEAD),
    Impossible("future_event", Severity.WARNING, "applications", "submitted_at", "now", "a time in the future", _AHEAD),
    Impossible("future_opening", Severity.WARNING, "accounts", "opened_on", "now", "an opening in the future", _AHEAD),
    Impossible(
        "future_joining", Severity.WARNING, "customers", "onboarded_on", "now", "a beginning in the future",
        "tenure counts from it",
    ),
    Impossible(
        "before_opening", Severity.WARNING, "transactions", "booked_on", "account", "a day before its account opened",
        "features count it all the same", "opened_on",
    ),
    Impossible("no_currency", Severity.ERROR, "accounts", "currency", "currencies",
               "a currency that is no code of ISO 4217", _NO_MONEY),
    Impossible("no_currency", Severity.ERROR, "transactions", "currency", "currencies",
               "a currency that is no code of ISO 4217", _NO_MONEY),
    Impossible("no_currency", Severity.WARNING, "transactions", "original_currency", "currencies",
               "a currency that is no code of ISO 4217", "the row says that it was paid in another currency"),
)  # fmt: skip


def impossible_findings(seen: Iterable[Seen]) -> tuple[Finding, ...]:
    """Return a finding for each rule that rows break; where they stand is in it, no date of a person."""
    found = []
    for one in seen:
        about = one.about
        values = f" ({', '.join(repr(value) for value in one.values)})" if one.values else ""
        where = "; ".join(f"file '{file}', row {line}" for file, line in one.places)
        message = (
            f"{counted(one.rows, 'row')} of '{about.table}' with {about.what} in '{about.column}'{values}:"
            f" {about.means}. Correct the rows, or the mapping of the column, and deliver or rebuild"
            + (f"; first {where}" if where else "")
        )
        found.append(Finding(about.table, about.column, about.rule, about.severity, one.rows, one.example, message))
    return tuple(found)
