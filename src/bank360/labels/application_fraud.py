"""Fraud on an application: confirmed, cleared or unknown (definitions §2).

Never investigated is not clean: an application is unknown until 180 days have passed, then clean unless confirmed. A
case that was concluded at or after the moment the label is taken is not used: it is still open then. A first-payment
default is an alert, not proof, and is not among the cases read here.
"""

from dataclasses import dataclass

import numpy as np

from bank360.bank.calendar import MICROS_PER_DAY
from bank360.labels.label import Bools, Ints, Label, Labelled, State

CLEAN_AFTER_DAYS = 180

LABEL = Label(
    "application_fraud",
    "fraud confirmed by an investigation that was concluded when the label was taken",
    "all applications, through the door",
    "180 days from submission",
    lambda submitted: submitted + CLEAN_AFTER_DAYS + 1,  # submitted in the day: over in the day, too
)


@dataclass(frozen=True)
class Cases:
    """Cases about applications, shape ``(n_cases,)`` each, in any order.

    Parameters
    ----------
    application
        Position of the application.
    opened_at, closed_at
        Instants in microseconds when the case, and its outcome, became known; ``closed_at`` is read where ``closed``.
    closed, confirmed
        Whether the case is concluded, and as fraud.
    """

    application: Ints
    opened_at: Ints
    closed_at: Ints
    closed: Bools
    confirmed: Bools


def application_fraud(
    submitted_at: Ints, cases: Cases, as_of: int, clean_after_days: int = CLEAN_AFTER_DAYS
) -> Labelled:
    """Return the label of each application as it stood at ``as_of``.

    Parameters
    ----------
    submitted_at
        Instant of submission, microseconds UTC.
    as_of
        Instant at which the label is taken; only what was known before it counts.
    clean_after_days
        Days without a confirmed case after which an application counts as clean, and before which it has no label.

    Returns
    -------
    Labelled
        ``complete_at`` is the instant at which the 180 days are over. With several concluded cases one that confirms
        fraud outweighs those that cleared it; an open case keeps the application unknown.
    """
    n = len(submitted_at)
    complete_at = np.asarray(submitted_at + clean_after_days * MICROS_PER_DAY, dtype=np.int64)
    concluded = cases.closed & (cases.closed_at < as_of)
    state = np.full(n, State.NO_EVENT, dtype=np.int8)
    state[cases.application[~concluded & (cases.opened_at < as_of)]] = State.UNKNOWN
    state[cases.application[concluded & cases.confirmed]] = State.EVENT
    state[complete_at > as_of] = State.UNKNOWN
    return Labelled(state, complete_at)


def confirmed_fraud(n_applications: int, cases: Cases, as_of: int) -> Bools:
    """Return which applications had a case concluded as fraud before ``as_of``; they leave the credit label."""
    answer = np.zeros(n_applications, dtype=np.bool_)
    answer[cases.application[cases.closed & (cases.closed_at < as_of) & cases.confirmed]] = True
    return answer
