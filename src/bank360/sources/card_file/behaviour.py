"""How the customers around a card file spend: five kinds of them, and which kind and purpose suit an amount and hour.

The file says when and how much, not who and what for. Both are drawn by Bayes' rule: a kind of customer spends on a
purpose with a share, an amount of a log-normal law and an hour of the day, and a payment goes to a (kind, purpose) with
the probability that these give its amount and hour. So large payments become travel and night payments become remote,
and the amounts and hours of the file stay as they are. ``Class`` and V1 to V28 are never looked at: what is drawn holds
no hint of fraud.
"""

from dataclasses import dataclass, field

import numpy as np

from bank360.sources.card_file.layout import Floats, Ints
from bank360.sources.synthetic import parameters as p

# Category, MCC, share of payments, median in pence, spread (log), share remote relative to the whole, discretionary.
CASH = ("cash", 6011, 0.06, 4_000, 0.6, 0.0, False)
PURPOSES = (
    *((name, code, share, median, spread, remote, free)
      for (name, share, median, spread, remote, free), code in zip(p.CARD_CATEGORIES, p.MCC, strict=True)),
    CASH,
)  # fmt: skip
NAMES = tuple(purpose[0] for purpose in PURPOSES)
MCC = np.array([purpose[1] for purpose in PURPOSES])
_SHARE, _MEDIAN, _SPREAD, _REMOTE = (np.array([purpose[at] for purpose in PURPOSES], float) for at in (2, 3, 4, 5))
DISCRETIONARY = np.array([purpose[6] for purpose in PURPOSES])


@dataclass(frozen=True)
class Kind:
    """A kind of customer.

    Parameters
    ----------
    name
        As a segment of document 002 is called.
    share
        Of customers.
    remote, abroad
        Share of payments made remotely, and of those made abroad.
    spread
        Factor on the spread of amounts.
    more
        Factors on the share of purposes.
    """

    name: str
    share: float
    remote: float
    abroad: float
    spread: float
    more: dict[str, float] = field(default_factory=dict)


KINDS = (
    Kind("Digital Spenders", 0.25, 0.70, 0.03, 1.0,
         {"shopping": 1.8, "subscriptions": 2.2, "electronics": 1.8, "cash": 0.3}),
    Kind("Stable Essentials", 0.35, 0.18, 0.01, 0.8,
         {"groceries": 1.7, "fuel": 1.5, "health": 1.6, "leisure": 0.5, "gambling": 0.2, "travel": 0.4}),
    Kind("Cash-Heavy", 0.15, 0.10, 0.02, 1.0, {"cash": 8.0, "subscriptions": 0.3}),
    Kind("High-Volatility", 0.15, 0.35, 0.03, 1.7, {"electronics": 2.0, "travel": 2.0, "gambling": 2.5}),
    Kind("Cross-Border Lifestyle", 0.10, 0.40, 0.45, 1.1, {"travel": 4.0, "restaurants": 1.6}),
)  # fmt: skip
KIND_SHARES = np.array([kind.share for kind in KINDS])
ABROAD = np.array([kind.abroad for kind in KINDS])


def _mix() -> Floats:
    """Return the share of each purpose within each kind, shape ``(kinds, purposes)``."""
    factors = np.array([[kind.more.get(name, 1.0) for name in NAMES] for kind in KINDS])
    shares = _SHARE * factors
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), dtype=np.float64)


# Shape (kinds, purposes): shares, and how often such a payment is made remotely.
MIX = _mix()
REMOTE = np.clip(np.array([kind.remote for kind in KINDS])[:, None] * _REMOTE / p.REMOTE_SHARE * 0.3, 0.0, 0.97)


def _log_hours() -> Floats:
    """Return the log-probability of each hour of the day, shape ``(kinds * purposes, 24)``."""
    shop, remote = (np.array(hours, float) / sum(hours) for hours in (p.HOURS_SHOP, p.HOURS_REMOTE))
    share = REMOTE.reshape(-1, 1)
    return np.asarray(np.log(share * remote + (1 - share) * shop), dtype=np.float64)


_LOG_PRIOR = np.log(KIND_SHARES[:, None] * MIX).ravel()
_LOG_HOURS = _log_hours()
_LOG_MEDIAN = np.tile(np.log(_MEDIAN), len(KINDS))
_LOG_SPREAD = np.outer([kind.spread for kind in KINDS], _SPREAD).ravel()
_ROWS_TOGETHER = 16_384  # of so many rows the table of probabilities stays in cache


def drawn_behaviour(amount: Ints, hour: Ints, draws: Floats) -> tuple[Ints, Ints]:
    """Return the kind of customer and the purpose of each payment, as indices of `KINDS` and `PURPOSES`.

    Parameters
    ----------
    amount
        Pence, not negative; nothing counts as a penny.
    hour
        Of the day, 0 to 23.
    draws
        Uniform in [0, 1), one for each payment.
    """
    cells = np.empty(len(amount), dtype=np.int64)
    for start in range(0, len(amount), _ROWS_TOGETHER):
        some = slice(start, start + _ROWS_TOGETHER)
        far = (np.log(np.maximum(amount[some], 1))[:, None] - _LOG_MEDIAN) / _LOG_SPREAD
        weight = _LOG_PRIOR - np.log(_LOG_SPREAD) - 0.5 * far**2 + _LOG_HOURS.T[hour[some]]
        edges = np.cumsum(np.exp(weight - weight.max(axis=1, keepdims=True)), axis=1)
        beyond = (draws[some, None] * edges[:, -1:] >= edges).sum(axis=1)
        cells[some] = np.minimum(beyond, len(_LOG_PRIOR) - 1)
    kind, purpose = np.divmod(cells, len(PURPOSES))
    return kind, purpose
