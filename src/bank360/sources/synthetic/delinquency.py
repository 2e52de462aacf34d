"""How many instalments each credit account has missed at each month's end: hazards of episodes, not of amounts.

A *severe* episode begins with a missed payment and turns into one of three: default (every payment missed until charge-
off or a late cure), cure (two or three missed, all paid within three months), linger (two or three missed for many
months, one instalment paid a month). A *light* one is a payment a few days late. A month of default is the one in which
the fourth payment is missed: the first is then more than 90 days past due (`parameters.DUE_DAYS` sees to it).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bank360.sources.synthetic import parameters as p
from bank360.sources.synthetic.draws import Bools, Floats, Ints, choose

OFF_BOOK = -1
_NONE, _DEFAULT, _CURE, _LINGER, _LIGHT = range(5)
_ROWS = 2_048  # followed at once: what is held of each month ahead is some twenty times a hazard


@dataclass(frozen=True)
class Paths:
    """Missed instalments ``(accounts, months)`` at each month's end (`OFF_BOOK` outside the account's life).

    ``last`` is the last month on book (the count of months where it outlives the history), ``charged_off`` whether it
    ended in a charge-off, ``default_month`` the first month of default (-1: none).
    """

    missed: npt.NDArray[np.int8]
    last: Ints
    charged_off: Bools
    default_month: Ints


def draw_paths(rng: np.random.Generator, onset: Floats, light: Floats, opened: Ints, planned: Ints, forced: Ints,
               stopped: Ints) -> Paths:  # fmt: skip
    """Return the paths of accounts.

    Parameters
    ----------
    onset, light
        Monthly probability that a severe, a light episode begins, ``(accounts, months)``.
    opened
        Month of opening (negative before the history); the first payment is due in the month after.
    planned
        Month in which it would close in good standing; an account in arrears waits.
    forced
        Month in which a default episode begins whatever the hazards say (-1: none).
    stopped
        Month in which the bank ends it whatever its state (fraud).
    """
    n, months = onset.shape
    missed = np.full((n, months), OFF_BOOK, dtype=np.int8)
    now, age, kind = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    most, length = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    last, ended = np.full(n, months), np.zeros(n, dtype=np.bool_)
    charged, default_month = np.zeros(n, dtype=np.bool_), np.full(n, -1)
    for month in range(months):
        on = (opened <= month) & ~ended
        due = on & (opened < month)
        clear = due & (kind == _NONE)
        chance = rng.random(n)
        severe = clear & ((chance < onset[:, month]) | (forced == month))
        lightly = clear & ~severe & (chance > 1 - light[:, month])
        turns = np.where(forced == month, _DEFAULT, 1 + choose(rng, p.EPISODE_SHARES, n))
        kind = np.where(severe, turns, np.where(lightly, _LIGHT, kind))
        age = np.where(severe | lightly, 0, age + 1)
        most = np.where(severe, 2 + (rng.random(n) < 0.3), most)
        length = np.where(severe, rng.integers(5, 9, n), length)
        rescued = rng.random(n) < p.CURED_DEFAULTS
        now = np.select(
            [
                kind == _NONE,
                (kind == _DEFAULT) & (age == p.CHARGE_OFF_AT - 2) & rescued,
                kind == _DEFAULT,
                (kind == _CURE) & (age >= most),
                (kind == _LINGER) & (age >= length),
                (kind == _LIGHT) & (age >= 1),
                kind == _LIGHT,
            ],
            [0, 0, age + 1, 0, 0, 0, 1],
            np.minimum(age + 1, most),
        )
        now = np.where(due, now, 0)
        kind = np.where(now == 0, _NONE, kind)
        missed[on, month] = now[on]
        default_month = np.where((default_month < 0) & (now == 4), month, default_month)
        off = due & (now >= p.CHARGE_OFF_AT)
        charged |= off
        ending = on & (off | (stopped == month) | ((planned <= month) & (now == 0)))
        last = np.where(ending, month, last)
        ended |= ending
    return Paths(missed, last, charged, default_month)


def default_probability(onset: Floats, light: Floats, opened: Ints) -> Floats:
    """Return the true probability of default within 12 months of opening, ``(accounts,)``; hazards as in `draw_paths`.

    Beyond the history the hazards of its last month go on.
    """
    accounts, months = np.arange(len(opened)), onset.shape[1]
    at = [np.clip(opened + after, 0, months - 1) for after in range(1, 10)]
    return _within_a_year([onset[accounts, month] for month in at], [light[accounts, month] for month in at])


def default_ahead(onset: Floats, light: Floats, missed: npt.NDArray[np.int8]) -> npt.NDArray[np.float32]:
    """Return the true 12-month probability of default at each month's end, ``(accounts, months)``.

    NaN where something is already missed, off book, and in the last 12 months.
    """
    months = onset.shape[1]
    span = max(months - 12, 0)
    ahead = np.full(onset.shape, np.nan, dtype=np.float32)
    steps = [slice(after, after + span) for after in range(1, 10)]
    for first in range(0, len(onset) if span else 0, _ROWS):
        rows = slice(first, first + _ROWS)
        ahead[rows, :span] = _within_a_year([onset[rows, at] for at in steps], [light[rows, at] for at in steps])
    ahead[missed != 0] = np.nan
    return ahead


def _within_a_year(onset: list[Floats], light: list[Floats]) -> Floats:
    """Follow an account that has missed nothing through nine due dates (a later episode defaults after the year).

    ``clear[j]`` is the probability of being able to begin an episode at due date j: a cure clears it after three or
    four, a lingering one after six to nine, a light one after two (`draw_paths`).
    """
    default, cure, linger = p.EPISODE_SHARES
    back = {3: 0.7 * cure, 4: 0.3 * cure} | dict.fromkeys(range(6, 10), linger / 4)
    clear = [np.zeros_like(onset[0]) for _ in range(9 + 10)]
    clear[0] += 1
    defaulted = np.zeros_like(onset[0])
    for j in range(9):
        begun = clear[j] * onset[j]
        lightly = clear[j] * (1 - onset[j]) * light[j]
        defaulted += default * begun
        clear[j + 1] += clear[j] - begun - lightly
        clear[j + 2] += lightly
        for after, share in back.items():
            clear[j + after] += share * begun
    return defaulted
