"""What the bank learns of application fraud, and when: cases opened late or never, some with the wrong outcome.

Fraud itself is drawn with the application (`requests`). Half of what is caught is caught within 60 days, the rest
within 240; 15 % never is; a few cases end with the wrong outcome. Honest applications are investigated too, the more
suspicious sooner. A missed first payment opens an alert of its own kind, which is not proof.
"""

from dataclasses import dataclass

import numpy as np

from bank360.sources.synthetic import parameters as p
from bank360.sources.synthetic.clock import Clock
from bank360.sources.synthetic.draws import Bools, Ints, stream
from bank360.sources.synthetic.requests import Requests


@dataclass(frozen=True)
class Cases:
    """Cases about applications: position of the application, opening and closing day, and what was concluded."""

    request: Ints
    opened: Ints
    closed: Ints
    confirmed: Bools


def draw_cases(requests: Requests, clock: Clock, seed: int, part: int) -> Cases:
    """Return the cases about applications, whether or not they fall within the history."""
    rng = stream(seed, "cases", part)
    n = requests.count
    caught = requests.fraud & (rng.random(n) >= p.FRAUD_UNCAUGHT)
    fast = rng.integers(p.FRAUD_FAST[0], p.FRAUD_FAST[1] + 1, n)
    slow = rng.integers(p.FRAUD_SLOW[0] + 1, p.FRAUD_SLOW[1] + 1, n)
    delay = np.where(rng.random(n) < 0.5, fast, slow)
    # Suspicion follows intent, weakly: most cleared cases are about people who only look odd.
    odd = np.exp(0.5 * np.clip(requests.intent, -2, 4))
    honest = ~requests.fraud & (rng.random(n) < p.HONEST_INVESTIGATED * odd / odd.mean())
    at = np.flatnonzero(caught | honest)
    opened = requests.day[at] + delay[at]
    wrong = rng.random(len(at)) < p.FRAUD_MISLABELLED
    return Cases(at, opened, opened + rng.integers(2, 29, len(at)), requests.fraud[at] ^ wrong)
