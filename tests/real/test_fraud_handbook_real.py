"""The fraud handbook's 1,754,155 card payments: inputs that are the book's, and its figures within our interval."""

import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from bank360.bank.calendar import day_number, day_starts
from bank360.bank.money import exponent
from bank360.pipeline import parity_fraud_handbook as parity
from bank360.sources.fraud_handbook import CURRENCY, ZONE

pytestmark = pytest.mark.real
DATA = Path(__file__).parents[3] / "shared" / "data" / "fraud_handbook"
DAY = 86_400


@pytest.fixture(scope="module")
def folder():
    if not DATA.is_dir():
        pytest.skip(f"the public data set 'fraud_handbook' is not beside the project (looked for {DATA})")
    return DATA


@pytest.fixture(scope="module")
def bank(folder):
    with parity.handbook_bank(folder, 1) as warehouse:
        yield warehouse


@pytest.fixture(scope="module")
def payments(bank):
    return parity.card_payments(bank, 1)


def test_both_weeks_are_those_of_the_book(payments):
    """The book's tree has 66,498 + 2 + 11 + 131 honest payments and 598 frauds; its test set 0.7 % fraud."""
    fraud = payments.fraud
    assert (payments.train.sum(), fraud[payments.train].sum()) == (67_240, 598)
    assert (payments.test.sum(), fraud[payments.test].sum()) == (58_264, 385)


def test_the_tree_that_the_book_prints_has_the_same_leaves_on_our_inputs(payments):
    """Chapter 3, figure of the tree of depth two: honest payments and frauds in each leaf; no payments are a risk of 0.

    The book prints the splits with two decimals: 0.55 of 7 days, then 218.67 of the amount or 0.66 of 30 days.
    """
    x, fraud = payments.x[payments.train], payments.fraud[payments.train]
    amount, week, month = (x[:, payments.names.index(n)] for n in ("amount", "terminal_risk_7d", "terminal_risk_30d"))
    week, month = np.nan_to_num(week), np.nan_to_num(month)
    leaves = (
        (week <= 0.55) & (amount <= 218.67 * 10 ** exponent(CURRENCY)),
        (week <= 0.55) & (amount > 218.67 * 10 ** exponent(CURRENCY)),
        (week > 0.55) & (month <= 0.66),
        (week > 0.55) & (month > 0.66),
    )
    counts = [(int((leaf & ~fraud).sum()), int((leaf & fraud).sum())) for leaf in leaves]
    assert counts == [(66_498, 236), (2, 127), (11, 222), (131, 13)]


def test_inputs_of_some_payments_are_what_loops_over_the_file_give(folder, payments):
    names = ["TRANSACTION_ID", "TX_DATETIME", "CUSTOMER_ID", "TERMINAL_ID", "TX_AMOUNT", "TX_FRAUD"]
    file = pq.read_table(next(folder.glob("*.parquet")), columns=names)
    number, at, customer, terminal, amount, fraud = (file[name].to_numpy() for name in names)
    at, cents = at.astype("datetime64[s]").astype(np.int64), np.round(amount * 100).astype(np.int64)
    row_of = {str(one): row for row, one in enumerate(number.tolist())}
    rng = np.random.default_rng(5)
    risky = np.flatnonzero(payments.x[:, payments.names.index("terminal_risk_30d")] > 0)
    for place in (*rng.choice(len(payments.payment), 15), *rng.choice(risky, 15)):
        found = dict(zip(payments.names, payments.x[place].tolist(), strict=True))
        row = row_of[payments.payment[place]]
        assert found["amount"] == cents[row]
        own, there = customer == customer[row], terminal == terminal[row]
        for days in (1, 7, 30):
            mine = own & (at > at[row] - days * DAY) & (at <= at[row])
            assert found[f"customer_payments_{days}d"] == mine.sum()
            assert found[f"customer_mean_{days}d"] == cents[mine].sum() / mine.sum()
            aged = there & (at > at[row] - (7 + days) * DAY) & (at <= at[row] - 7 * DAY)
            assert found[f"terminal_payments_{days}d"] == aged.sum()
            risk = fraud[aged].sum() / aged.sum() if aged.any() else np.nan
            np.testing.assert_equal(found[f"terminal_risk_{days}d"], risk)


def test_no_report_known_in_the_test_week_or_later_moves_an_input_of_a_payment_before_it(bank, payments):
    """Such reports are taken away, others are invented, and those there are come to be about other payments."""
    known = np.datetime64(int(day_starts([day_number(parity.FIRST_TEST)], ZONE)[0]), "us").item()
    bank.execute("CREATE TABLE before_it AS SELECT * FROM fraud_cases")
    later = "known_time >= CAST(? AS TIMESTAMP)"
    bank.execute(f"DELETE FROM fraud_cases WHERE {later} AND hash(case_id) % 3 = 0", [str(known)])
    bank.execute(
        f"UPDATE fraud_cases SET subject = CAST(hash(subject) % 1700000 AS VARCHAR) WHERE {later}", [str(known)]
    )
    bank.execute(
        "INSERT INTO fraud_cases SELECT * EXCLUDE (transaction_id)"
        " REPLACE (case_id || '+' AS case_id, transaction_id AS subject)"
        " FROM (SELECT * FROM fraud_cases WHERE known_time >= CAST(? AS TIMESTAMP) LIMIT 2000)"
        " POSITIONAL JOIN (SELECT transaction_id FROM transactions"
        "  WHERE event_time BETWEEN TIMESTAMP '2018-06-20' AND TIMESTAMP '2018-07-31' LIMIT 2000)",
        [str(known)],
    )
    try:
        again = parity.card_payments(bank, 1)
    finally:
        bank.execute("DELETE FROM fraud_cases")
        bank.execute("INSERT INTO fraud_cases SELECT * FROM before_it")
        bank.execute("DROP TABLE before_it")
    assert again.payment[again.train].tolist() == payments.payment[payments.train].tolist()
    np.testing.assert_array_equal(again.x[again.train], payments.x[payments.train])
    both, mine, theirs = np.intersect1d(
        payments.payment[payments.test].astype(str), again.payment[again.test].astype(str), return_indices=True
    )
    assert len(both) > 50_000
    moved = again.x[again.test][theirs] != payments.x[payments.test][mine]
    assert moved.any(), "what is known in the test week itself does count there"


@pytest.mark.proof
def test_the_published_values_lie_within_our_intervals(folder, capsys):
    report = parity.parity_fraud_handbook(folder, threads=1)
    with capsys.disabled():
        sys.stdout.write("\n" + "".join(f"{line}\n" for line in report.lines()))
    assert report.seeds == 10
    for (name, low, high), (measured, found, seeds) in zip(parity.PUBLISHED, report.measures, strict=True):
        assert name == measured
        assert seeds[0] <= found.value <= seeds[1]
        assert found.low <= low < high <= found.high, name
