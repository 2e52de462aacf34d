"""The fraud handbook's payments as a bank: rows by hand, a case a week after each fraud, each customer once."""

from datetime import datetime, timedelta

import pyarrow as pa

from bank360.sources.fraud_handbook import first_payments, fraud_handbook_source

PAYMENTS = [  # payment, instant, customer, terminal, amount as the simulator rounds it, fraud
    (0, datetime(2018, 4, 1, 0, 0, 31), 596, 3156, 57.16, 0),  # noqa: DTZ001
    (1, datetime(2018, 4, 1, 10, 17, 43), 12, 3156, 85.64999999999999, 1),  # noqa: DTZ001
    (2, datetime(2018, 4, 2, 23, 59, 59), 596, 9, 0.0, 1),  # noqa: DTZ001
]
NAMES = ("TRANSACTION_ID", "TX_DATETIME", "CUSTOMER_ID", "TERMINAL_ID", "TX_AMOUNT", "TX_FRAUD")
FILE = pa.table(dict(zip(NAMES, map(list, zip(*PAYMENTS, strict=True)), strict=True))).append_column(
    "TX_FRAUD_SCENARIO", pa.array([0, 2, 3])
)


def converted(file: pa.Table):
    (whole,) = file.combine_chunks().to_batches()
    source = fraud_handbook_source()
    assert source.lookup is not None
    return source.lookup.converts([whole])["transactions"](whole, 1).rows


def test_a_payment_leaves_the_account_at_its_terminal_and_is_known_as_it_happens():
    rows = converted(FILE)["transactions"].to_pylist()
    told = ("transaction_id", "account_id", "card_token", "terminal_id", "amount", "currency", "scheme", "known_time")
    assert [tuple(row[name] for name in told) for row in rows] == [
        ("0", "596", "card-596", "3156", -5716, "EUR", "card", datetime(2018, 4, 1, 0, 0, 31)),  # noqa: DTZ001
        ("1", "12", "card-12", "3156", -8565, "EUR", "card", datetime(2018, 4, 1, 10, 17, 43)),  # noqa: DTZ001
        ("2", "596", "card-596", "9", 0, "EUR", "card", datetime(2018, 4, 2, 23, 59, 59)),  # noqa: DTZ001
    ]


def test_a_fraud_is_a_case_known_to_the_second_a_week_after_its_payment():
    cases = converted(FILE)["fraud_cases"].to_pylist()
    assert [(row["subject"], row["kind"], row["outcome"], row["loss"]) for row in cases] == [
        ("1", "card", "confirmed", 8565),
        ("2", "card", "confirmed", 0),
    ]
    for row, payment in zip(cases, PAYMENTS[1:], strict=True):
        assert row["opened_at"] == row["closed_at"] == row["known_time"] == payment[1] + timedelta(days=7)


def test_how_a_fraud_was_planted_is_not_read():
    assert "TX_FRAUD_SCENARIO" not in {column.name for column in fraud_handbook_source().files[0].columns}


def test_a_customer_comes_with_their_first_payment_wherever_it_lies():
    (whole,) = FILE.take([2, 1, 0]).combine_chunks().to_batches()
    assert first_payments([whole.slice(0, 1), whole.slice(1)]).tolist() == [0, 1]
    rows = converted(FILE.take([2, 1, 0]))
    assert rows["customers"].column("customer_id").to_pylist() == ["12", "596"]
    assert rows["cards"].column("card_token").to_pylist() == ["card-12", "card-596"]
    assert rows["products"].num_rows == 1
