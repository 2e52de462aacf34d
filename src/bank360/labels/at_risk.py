"""At risk within six months, of customers who are up to date (definitions §1).

At risk is who is at least 30 days past due on credit, or in an unarranged overdraft for 30 days, or has terms eased for
hardship (forbearance), on some day of the window; credit that is written off or in the bank's default status is worse
than that and counts. The window runs from the day after as_of to the same day six months later.

Each row of a month's end says something of an interval of days: who shows 45 days past due on the 30th was 30 days past
due from the 15th on. An overdraft shows at the days of balances only: rows of one account beyond its limit that follow
each other at most 31 days apart are one spell, from the first such day; its days from the 30th on count. A month of 28
days between two balances alone is therefore none. A row is an event where an interval of its customer meets its window.

The window is complete by the data, not by the calendar alone: the month end that closes it is past, and every account
that the customer had at as_of is told of up to it, or has left the book. Until then the label is unknown, for early
events too: otherwise the bad of an unfinished month would be kept and its good dropped.

Who is up to date is the caller's, as known at as_of; so are the rows given here, known when the label is taken.
"""

from dataclasses import dataclass

import numpy as np

from bank360.labels.label import Bools, Ints, Label, Labelled, State, months_later, next_month_start

WINDOW_MONTHS = 6
_MOST_APART = 31  # days between balances of one spell: no month's end lies between
_DAYS = 2**31  # days are below it, either way

LABEL = Label(
    "at_risk",
    "at least 30 days past due, an unarranged overdraft of 30 days, or terms eased for hardship, within 6 months",
    "adult customers with credit or a current account, all of it up to date",
    "6 months from the day described",
    lambda as_of: next_month_start(months_later(as_of, WINDOW_MONTHS)),
)


@dataclass(frozen=True)
class CreditMonths:
    """Month ends of credit accounts by obligor, shape ``(n_months,)`` each, in any order.

    Parameters
    ----------
    customer
        Dense index of who owes it; a joint account has a row for each.
    month_end
        Local day, days since 1970-01-01.
    days_past_due
        Days.
    eased, lost
        Terms eased for hardship; written off, or in the bank's default status.
    """

    customer: Ints
    month_end: Ints
    days_past_due: Ints
    eased: Bools
    lost: Bools


@dataclass(frozen=True)
class Balances:
    """Balances of current accounts by obligor, shape ``(n_balances,)`` each, in any order.

    ``account`` is any number that tells accounts apart; ``beyond`` says that the balance is below the arranged limit.
    """

    customer: Ints
    account: Ints
    day: Ints
    beyond: Bools


@dataclass(frozen=True)
class Spells:
    """Intervals of local days ``[first, last]`` on which customers were at risk; shape ``(n_spells,)`` each."""

    customer: Ints
    first: Ints
    last: Ints


def spells_at_risk(
    months: CreditMonths, balances: Balances, days_past_due: int = 30, overdraft_days: int = 30
) -> Spells:
    """Return the intervals of days that rows show to be at risk; they may overlap.

    >>> one, no = np.array([7]), np.array([False])
    >>> none = Balances(one[:0], one[:0], one[:0], no[:0])
    >>> spells_at_risk(CreditMonths(one, np.array([100]), np.array([45]), no, no), none)
    Spells(customer=array([7]), first=array([85]), last=array([100]))
    """
    late = months.days_past_due >= days_past_due
    since = months.month_end - np.where(late, months.days_past_due - days_past_due, 0)
    shown = late | months.eased | months.lost
    customer, first, last = _overdrafts(balances, overdraft_days)
    return Spells(
        np.concatenate([months.customer[shown], customer]),
        np.concatenate([since[shown], first]),
        np.concatenate([months.month_end[shown], last]),
    )


def at_risk(
    customer: Ints, as_of_day: Ints, up_to_date: Bools, told_to: Ints, spells: Spells, cut_off: int,
    window_months: int = WINDOW_MONTHS,
) -> Labelled:  # fmt: skip
    """Return the label of each row, a customer on a day.

    Parameters
    ----------
    customer, as_of_day
        Dense index, and the local day on which the customer is described.
    up_to_date
        Who had credit or a current account then, nothing of it past due, beyond its limit or eased.
    told_to
        The last day up to which all accounts that the customer had then are told of; past the window where all left.
    spells
        By rows known at the cut-off.
    cut_off
        Local day on which the label is taken.

    Returns
    -------
    Labelled
        ``complete_at``: the local day on which the month end that closes the window is past. Who was not up to date is
        left out.
    """
    until = months_later(as_of_day, window_months)
    complete_at = next_month_start(until)
    state = np.full(len(customer), State.NO_EVENT, dtype=np.int8)
    state[_met(customer, as_of_day, until, spells)] = State.EVENT
    state[(complete_at > cut_off) | (told_to < complete_at - 1)] = State.UNKNOWN
    state[~up_to_date] = State.EXCLUDED
    return Labelled(state, complete_at)


def _met(customer: Ints, after: Ints, until: Ints, spells: Spells) -> Bools:
    """Return which rows have a spell of their customer that ends after ``after`` and begins by ``until``.

    Sorted by customer and end, those that end later stand behind: of each spell is kept the earliest beginning from it
    to the customer's last one, and a row asks the first spell that ends after its day.
    """
    order = np.lexsort((spells.last, spells.customer))
    who, last = spells.customer[order], spells.last[order]
    # Read from behind, customers descend, so each begins anew below all before.
    lifted = (spells.first[order] + who * 2 * _DAYS)[::-1]
    earliest = np.minimum.accumulate(lifted)[::-1] - who * 2 * _DAYS
    place = np.searchsorted(who * 2 * _DAYS + last + _DAYS, customer * 2 * _DAYS + after + _DAYS, side="right")
    answer = np.zeros(len(customer), dtype=np.bool_)
    inside = np.flatnonzero(place < len(who))
    at = place[inside]
    answer[inside] = (who[at] == customer[inside]) & (earliest[at] <= until[inside])
    return answer


def _overdrafts(balances: Balances, days: int) -> tuple[Ints, Ints, Ints]:
    """Return of each spell beyond a limit, from its day ``days`` on: the customer, that day, and the last day."""
    order = np.lexsort((balances.day, balances.account, balances.customer))
    customer, account = balances.customer[order], balances.account[order]
    day, beyond = balances.day[order], balances.beyond[order]
    goes_on = np.zeros(len(day), dtype=np.bool_)
    goes_on[1:] = (customer[1:] == customer[:-1]) & (account[1:] == account[:-1]) & beyond[1:] & beyond[:-1]
    goes_on[1:] &= np.diff(day) <= _MOST_APART
    begins = np.flatnonzero(beyond & ~goes_on)
    ends = np.flatnonzero(beyond & ~np.append(goes_on[1:], False))
    first, last = day[begins] + days, day[ends]
    long = last >= first
    return customer[begins][long], first[long], last[long]
