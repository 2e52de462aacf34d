"""Amounts on credit accounts from their paths of missed payments: balances, dues, payments, arrears, days past due.

Instalment credit pays ``instalment x (missed before + 1 - missed after)`` in a month; interest is added monthly, so
each month reconciles: balance = balance before + interest - paid. Cards owe a minimum payment of the month before; an
account about to miss payments draws first (people lean on their cards before they fall behind), so the arrears are
material.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bank360.bank.calendar import Int64s
from bank360.sources.synthetic import parameters as p
from bank360.sources.synthetic.clock import Clock
from bank360.sources.synthetic.delinquency import OFF_BOOK, Paths
from bank360.sources.synthetic.draws import Bools, Floats, Ints

Grid = npt.NDArray[np.int64]


@dataclass(frozen=True)
class CreditMonths:
    """Month-end states, each ``(accounts, months)`` in pence; zeros where off book. ``on`` says where rows exist."""

    on: Bools
    balance: Grid
    due: Grid
    paid: Grid
    arrears: Grid
    written_off: Grid
    interest: Grid
    bought: Grid
    missed: npt.NDArray[np.int8]


def instalment_of(amount: Ints, rate: Floats, term: Ints) -> Ints:
    """Return the level monthly instalment (annuity formula) in whole pence, rounded up."""
    monthly = rate / 12
    return np.ceil(amount * monthly / (1 - (1 + monthly) ** -term.astype(np.float64))).astype(np.int64)


def instalment_months(
    paths: Paths, opened: Ints, amount: Ints, rate: Floats, term: Ints, instalment: Ints
) -> CreditMonths:
    """Return the months of instalment credit; accounts opened before the history start amortised to it."""
    n, months = paths.missed.shape
    grids = {
        name: np.zeros((n, months), dtype=np.int64) for name in ("balance", "due", "paid", "arrears", "off", "int")
    }
    r = rate / 12
    age = np.maximum(-1 - opened, 0).astype(np.float64)  # instalments paid before the history
    left = (1 + r) ** term.astype(np.float64) - (1 + r) ** age
    owed = np.where(opened < 0, (amount * left / ((1 + r) ** term.astype(np.float64) - 1)).astype(np.int64), amount)
    before = np.zeros(n, dtype=np.int64)
    for month in range(months):
        on = paths.missed[:, month] != OFF_BOOK
        active = on & (opened < month)
        now = np.maximum(paths.missed[:, month], 0).astype(np.int64)
        interest = np.where(active, np.rint(owed * r).astype(np.int64), 0)
        # The last instalment of the term is what remains.
        final = active & (month - opened >= term) & (now == 0)
        due = np.where(active, np.minimum(instalment, owed + interest), 0)
        paid = np.where(active, instalment * np.maximum(before + 1 - now, 0), 0)
        leaving = on & (paths.last == month) & ~paths.charged_off & (now == 0)
        paid = np.where(final | leaving, owed + interest, np.minimum(paid, owed + interest))
        owed = np.where(on, owed + interest - paid, owed)
        lost = on & (paths.last == month) & (owed > 0)
        grids["off"][:, month] = np.where(lost, owed, 0)
        owed = np.where(lost, 0, owed)
        grids["balance"][:, month] = np.where(on, owed, 0)
        grids["due"][:, month], grids["paid"][:, month], grids["int"][:, month] = due, np.where(on, paid, 0), interest
        grids["arrears"][:, month] = np.where(lost, 0, np.minimum(now * instalment, owed))
        before = np.where(on, now, before)
    on = paths.missed != OFF_BOOK
    return CreditMonths(on, grids["balance"], grids["due"], grids["paid"], grids["arrears"], grids["off"], grids["int"],
                        np.zeros((n, months), dtype=np.int64), paths.missed)  # fmt: skip


def card_months(
    rng: np.random.Generator, paths: Paths, opened: Ints, limit: Ints, rate: Floats, wanted: Ints, revolver: Floats
) -> CreditMonths:
    """Return the months of cards.

    Parameters
    ----------
    wanted
        What the holder would buy in each month, pence, ``(accounts, months)``.
    revolver
        Share of the balance that the holder leaves standing in each month; 0 pays in full.
    """
    n, months = paths.missed.shape
    names = ("balance", "due", "paid", "arrears", "off", "int", "bought")
    grids = {name: np.zeros((n, months), dtype=np.int64) for name in names}
    owed = np.where(opened < 0, (limit * revolver[:, 0] * 0.6 * rng.random(n)).astype(np.int64), 0)
    arrears, before = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    minimum = _least_due(owed)
    for month in range(months):
        on = paths.missed[:, month] != OFF_BOOK
        active = on & (opened < month)
        now = np.maximum(paths.missed[:, month], 0).astype(np.int64)
        ahead = np.maximum(paths.missed[:, min(month + 1, months - 1)], 0)
        due = np.where(active, minimum, 0)
        interest = np.where(active & (revolver[:, month] > 0), np.rint(owed * rate / 12).astype(np.int64), 0)
        clearing = np.maximum(((1 - revolver[:, month]) * owed).astype(np.int64), due + arrears)
        paid = np.where(now == 0, clearing, np.where(now > before, 0, np.where(now == before, due, due + arrears // 2)))
        leaving = on & (paths.last == month) & ~paths.charged_off & (now == 0)
        paid = np.where(active, np.minimum(np.where(leaving, owed + interest, paid), owed + interest), 0)
        arrears = np.where(now == 0, 0, np.minimum(arrears + due - paid, owed + interest - paid))
        # Purchases keep within the limit even where they come before the month's payment.
        room = np.maximum(limit - owed - interest, 0)
        owed = owed + interest - paid
        buying = np.where(leaving | (now >= 2), 0, np.minimum(wanted[:, month], room))
        # Those who miss the next payment owe something by then: they draw on the card first.
        need = np.minimum(np.maximum(120_000 - owed, 0), room)
        buying = np.where((now == 0) & (ahead > 0) & ~leaving, np.maximum(buying, need), buying)
        bought = np.where(on, buying, 0)
        owed = np.where(on, owed + bought, owed)
        lost = on & (paths.last == month) & (owed > 0) & ~leaving
        grids["off"][:, month] = np.where(lost, owed, 0)
        owed, arrears = np.where(lost | leaving, 0, owed), np.where(lost | leaving, 0, arrears)
        minimum = _least_due(owed)
        for name, value in zip(names, (owed, due, paid, arrears, None, interest, bought), strict=True):
            if value is not None:
                grids[name][:, month] = np.where(on, value, 0)
        before = np.where(on, now, before)
    return CreditMonths(paths.missed != OFF_BOOK, grids["balance"], grids["due"], grids["paid"], grids["arrears"],
                        grids["off"], grids["int"], grids["bought"], paths.missed)  # fmt: skip


def _least_due(owed: Ints) -> Ints:
    return np.minimum(owed, np.maximum((owed * p.LEAST_DUE_SHARE).astype(np.int64), p.LEAST_DUE))


def days_past_due(clock: Clock, due_day: Ints, missed: npt.NDArray[np.int8]) -> Int64s:
    """Return days past due at each month's end: counted from the due day of the oldest unpaid instalment."""
    months = missed.shape[1]
    oldest = np.arange(months)[None, :] - np.maximum(missed, 1) + 1  # month index, may lie before the history
    starts = clock.starts.astype(np.int64)
    before = starts[0] - (-np.minimum(oldest, 0)) * 30  # only accounts already in arrears at the start
    first = np.where(oldest >= 0, starts[np.clip(oldest, 0, months)], before)
    days = clock.ends[None, :] - (first + due_day[:, None] - 1)
    return np.where(missed > 0, days, 0).astype(np.int64)
