"""Values that cannot be true although each reads well: births in the future, an account closed before it opened.

Each rule compares a column with today, with another column of the row or of its account, with its month's last day, or
with the list of currencies; `storage.reads_impossible` counts, and here the counts become findings. No row is changed.
Severity by what it does to a decision: *error* where a customer or money is left out of one by it or taken for another,
*warning* where the row counts all the same. Neighbour: `rules.py`, of what rows say together.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bank360.bank.counted import counted
from bank360.bank.finding import Finding
from bank360.bank.personal_numbers import masked_key
from bank360.bank.vocabulary import CloseReason, Severity


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
        With what: the instant of the check, a column of the same row or of its account's, the list of currencies, the
        last day of its own month.
    what, means
        What is said of the rows, and what it does.
    other
        The column of the row or of the account.
    stands
        How the column stands to that one where a row cannot be: before it, after it, other than it.
    but_closed_for
        A reason of closing: accounts that were closed for it are left out.
    remedy
        What to do about it, before delivering or rebuilding.
    """

    rule: str
    severity: Severity
    table: str
    column: str
    against: Literal["now", "row", "account", "currencies", "month"]
    what: str
    means: str
    other: str = ""
    stands: Literal["<", ">", "<>"] = "<"
    but_closed_for: CloseReason | None = None
    remedy: str = "Correct the rows, or the mapping of the column"


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
        "not_month_end", Severity.WARNING, "credit_months", "month_end", "month", "a day that is not its month's last",
        "it counts as an end of a month of its own, at which the accounts of the other rows have no balance",
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
    # What is recovered after a charge-off is booked on the account that was closed by it.
    Impossible(
        "after_closing", Severity.WARNING, "transactions", "booked_on", "account", "a day after its account closed",
        "features count it all the same, while the account counts as closed", "closed_on", ">", CloseReason.CHARGED_OFF,
        "Correct the rows, or the mapping of 'transactions.booked_on' or 'accounts.closed_on', or give an account whose"
        " number was used again an id of its own",
    ),
    # The booked amount alone: what was paid abroad keeps its own currency beside it, in 'original_currency'.
    Impossible(
        "not_accounts_currency", Severity.ERROR, "transactions", "currency", "account",
        "another currency than that of the account",
        "sums of the account mix it with other money, and features count it by its own currency, or not at all",
        other="currency", stands="<>", remedy=
        "Map amount and currency as the account was booked, what was paid in another one as 'original_amount' and"
        " 'original_currency', and an account of several currencies as one account for each",
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
        such = "" if one.example is None else f", such as '{masked_key(one.example)}',"
        message = (
            f"{counted(one.rows, 'row')} of '{about.table}'{such} with {about.what} in '{about.column}'{values}:"
            f" {about.means}. {about.remedy}, and deliver or rebuild" + (f"; first {where}" if where else "")
        )
        found.append(Finding(about.table, about.column, about.rule, about.severity, one.rows, one.example, message))
    return tuple(found)
