"""The true probabilities are those of the paths drawn; paths obey the rules of days past due."""

import numpy as np
import pytest

from bank360.sources.synthetic import parameters as p
from bank360.sources.synthetic.clock import Clock
from bank360.sources.synthetic.credit import days_past_due, instalment_months, instalment_of
from bank360.sources.synthetic.delinquency import OFF_BOOK, default_ahead, default_probability, draw_paths
from bank360.sources.synthetic.draws import stream

N, MONTHS = 60_000, 24
NEVER = np.full(N, 10_000)
NONE = np.full(N, -1)


@pytest.fixture(scope="module")
def hazards() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    level = rng.choice([0.005, 0.03, 0.15], N)
    onset = np.repeat(level[:, None], MONTHS, axis=1)
    return onset, np.full((N, MONTHS), 0.02)


def test_the_stated_probability_is_the_frequency_of_default(hazards: tuple[np.ndarray, np.ndarray]) -> None:
    onset, light = hazards
    opened = np.full(N, 3)
    paths = draw_paths(np.random.default_rng(1), onset, light, opened, NEVER, NONE, NEVER)
    bad = (paths.default_month >= 0) & (paths.default_month - opened <= 12)
    stated = default_probability(onset, light, opened)
    for level in np.unique(onset[:, 0]):
        at = onset[:, 0] == level
        error = np.sqrt(stated[at].mean() * (1 - stated[at].mean()) / at.sum())
        assert abs(bad[at].mean() - stated[at].mean()) < 4 * error, level


def test_the_probability_ahead_is_that_of_accounts_with_nothing_missed(hazards: tuple[np.ndarray, np.ndarray]) -> None:
    onset, light = hazards
    paths = draw_paths(np.random.default_rng(2), onset, light, np.full(N, -1), NEVER, NONE, NEVER)
    ahead = default_ahead(onset, light, paths.missed)
    month = 8
    at = (paths.missed[:, month] == 0) & ~np.isnan(ahead[:, month])
    bad = (paths.default_month > month) & (paths.default_month <= month + 12)
    error = np.sqrt(ahead[at, month].mean() * (1 - ahead[at, month].mean()) / at.sum())
    assert abs(bad[at].mean() - ahead[at, month].mean()) < 4 * error
    assert np.isnan(ahead[:, MONTHS - 12 :]).all()


def test_thirty_days_past_due_go_on_to_ninety_and_back_as_stated(hazards: tuple[np.ndarray, np.ndarray]) -> None:
    onset, light = hazards
    paths = draw_paths(np.random.default_rng(3), onset, light, np.full(N, -1), NEVER, NONE, NEVER)
    k = paths.missed.astype(int)
    entry = np.argwhere((k[:, 1:-4] == 2) & (k[:, :-5] < 2))
    after = np.stack([k[entry[:, 0], entry[:, 1] + 1 + step] for step in (1, 2, 3)])
    assert (after.max(axis=0) >= 4).mean() == pytest.approx(p.EPISODE_SHARES[0], abs=0.02)
    assert (after.min(axis=0) == 0).mean() == pytest.approx(p.EPISODE_SHARES[1], abs=0.02)


def test_four_missed_are_more_than_ninety_days_one_is_less_than_thirty() -> None:
    clock = Clock(24)
    missed = np.tile(np.array([0, 1, 2, 3, 4, 5] * 4, dtype=np.int8), (21, 1))
    days = days_past_due(clock, np.arange(p.DUE_DAYS[0], p.DUE_DAYS[1] + 1), missed)
    assert (days[:, [1, 7, 13, 19]] < 30).all()
    assert (days[:, [1, 7, 13, 19]] > 0).all()
    assert ((days[:, [2, 8, 14, 20]] >= 30) & (days[:, [2, 8, 14, 20]] < 60)).all()
    assert (days[:, [3, 9, 15, 21]] <= 90).all()
    assert (days[:, [4, 10, 16, 22]] > 90).all()


def test_instalment_credit_reconciles_every_month() -> None:
    rng = stream(1, "test")
    n, months = 4_000, 40
    onset = np.full((n, months), 0.03)
    opened = rng.integers(-10, 20, n)
    term = rng.choice([12, 24, 36], n)
    amount, rate = rng.integers(1_000, 20_000, n) * 100, np.full(n, 0.09)
    instalment = instalment_of(amount, rate, term)
    never = np.full(n, 10_000)
    paths = draw_paths(rng, onset, onset, opened, opened + term, np.full(n, -1), never)
    book = instalment_months(paths, opened, amount, rate, term, instalment)
    before, after = book.balance[:, :-1], book.balance[:, 1:]
    on = book.on[:, 1:] & book.on[:, :-1]
    moves = book.interest[:, 1:] - book.paid[:, 1:] - book.written_off[:, 1:]
    assert ((before + moves == after) | ~on).all()
    assert (book.balance >= 0).all()
    assert (book.arrears >= 0).all()
    # Whoever reaches the end of the term with nothing missed owes nothing.
    ended = np.flatnonzero((paths.last < months) & ~paths.charged_off)
    assert (book.balance[ended, paths.last[ended]] == 0).all()
    assert (
        paths.missed[ended, np.minimum(paths.last[ended] + 1, months - 1)][paths.last[ended] < months - 1] == OFF_BOOK
    ).all()


def test_an_instalment_pays_a_loan_off_in_its_term() -> None:
    # 10,000.00 over 12 months at 12 % a year: the textbook instalment is 888.49.
    assert instalment_of(np.array([1_000_000]), np.array([0.12]), np.array([12])).tolist() == [88_849]
