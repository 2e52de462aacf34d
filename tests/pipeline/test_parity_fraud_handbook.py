"""The handbook's experiment on a file small enough to work by hand: windows to the second, and who is tested."""

from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bank360.learning.metrics.estimate import Estimate
from bank360.pipeline.parity_fraud_handbook import INPUTS, PUBLISHED, FraudParity, card_payments, handbook_bank

NAMES = ("TRANSACTION_ID", "TX_DATETIME", "CUSTOMER_ID", "TERMINAL_ID", "TX_AMOUNT", "TX_FRAUD")
PAYMENTS = [
    (0, "2018-07-10 12:00:00", 1, 7, 10.0, 1),  # reported on 17 July
    (1, "2018-07-26 12:00:00", 2, 7, 20.0, 0),
    (2, "2018-07-27 12:00:00", 2, 7, 40.0, 1),  # reported on 3 August at noon
    (3, "2018-08-01 10:00:00", 4, 8, 50.0, 1),  # reported on 8 August at 10:00
    (4, "2018-08-03 12:00:00", 3, 7, 5.0, 0),
    (5, "2018-08-08 12:00:00", 4, 8, 6.0, 0),  # 4's fraud was not known when the day began
    (6, "2018-08-09 00:00:00", 4, 8, 6.0, 0),  # now it was
    (7, "2018-08-10 12:00:00", 3, 7, 30.0, 1),
    (8, "2018-08-10 12:00:01", 2, 7, 60.0, 0),  # 2 is known since 3 August
    (9, "2018-08-12 03:00:00", 3, 9, 90.0, 0),  # a Sunday night; 3's fraud of the 10th is not known yet
    (10, "2018-08-15 00:00:00", 3, 9, 1.0, 0),  # after the test week
]


@pytest.fixture(scope="module")
def payments(tmp_path_factory):
    folder = tmp_path_factory.mktemp("handbook")
    columns = dict(zip(NAMES, map(list, zip(*PAYMENTS, strict=True)), strict=True))
    columns["TX_DATETIME"] = [datetime.fromisoformat(when) for when in columns["TX_DATETIME"]]
    pq.write_table(pa.table(columns), folder / "transactions_2018.parquet")
    with handbook_bank(folder, 1) as warehouse:
        return card_payments(warehouse, 1)


def test_the_weeks_are_the_books_and_known_victims_are_not_tested(payments):
    assert payments.payment[payments.train].tolist() == ["1", "2"]
    assert payments.payment[payments.test].tolist() == ["5", "7", "9"]
    assert payments.payment[payments.fraud].tolist() == ["2", "7"]


def of(payments, payment):
    (row,) = np.flatnonzero(payments.payment == payment)
    return dict(zip(payments.names, payments.x[row].tolist(), strict=True))


def test_windows_hold_the_payment_itself_and_not_what_lies_a_whole_window_before_it(payments):
    assert payments.names == INPUTS
    assert len(INPUTS) == 15
    first, second = of(payments, "1"), of(payments, "2")
    assert [first[f"customer_payments_{days}d"] for days in (1, 7, 30)] == [1, 1, 1]
    assert [second[f"customer_payments_{days}d"] for days in (1, 7, 30)] == [1, 2, 2]  # a day to the second: out
    assert [second[f"customer_mean_{days}d"] for days in (1, 7, 30)] == [4000, 3000, 3000]
    # At the terminal, seven days before the 26th: only the fraud of the 10th, within 30 days.
    assert [first[f"terminal_payments_{days}d"] for days in (1, 7, 30)] == [0, 0, 1]
    np.testing.assert_equal([first[f"terminal_risk_{days}d"] for days in (1, 7, 30)], [np.nan, np.nan, 1.0])


def test_a_terminals_window_ends_a_week_before_and_a_report_of_that_very_second_counts(payments):
    """Of 10 August at noon: to 3 August at noon, that payment included; 27 July at noon is seven days before it."""
    found = of(payments, "7")
    assert [found[f"terminal_payments_{days}d"] for days in (1, 7, 30)] == [1, 1, 4]
    assert [found[f"terminal_risk_{days}d"] for days in (1, 7, 30)] == [0, 0, 2 / 4]  # 10 and 27 July


def test_weekend_night_and_amount_are_the_payments_own(payments):
    told = ("amount", "weekend", "night")
    assert [of(payments, "9")[name] for name in told] == [9000, 1, 1]
    assert [of(payments, "7")[name] for name in told] == [3000, 0, 0]


def test_the_table_says_of_each_measure_whether_all_that_was_published_lies_in_its_interval():
    """The published AUC is 0.862 to 0.869, the average precision 0.639 to 0.687."""
    found = [Estimate(0.88, 0.862, 0.9), Estimate(0.66, 0.64, 0.7), Estimate(0.29, 0.25, 0.33)]
    measures = tuple((one[0], estimate, (0.1, 0.9)) for one, estimate in zip(PUBLISHED, found, strict=True))
    lines = FraudParity((280, 14), (270, 13), 60, 100, 10, 500, measures).lines()
    assert "fitted on 280 payments of 2018-07-25 to 2018-07-31 (14 fraud)" in lines[0]
    assert "270 of 2018-08-08 to 2018-08-14 (13 fraud) by 60 customers" in lines[1]
    assert [line.split()[-1] for line in lines[-3:]] == ["yes", "no", "yes"]
    assert max(map(len, lines)) <= 100
