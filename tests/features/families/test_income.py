"""Income, worked by hand: salaries by payer and cycle; what is no income; a benefit taken back; a salary in euros."""

import pytest

from tests.features.families.on_paper import movement, values


def credit(name, when, amount, category, account="CUR", **changes):
    """Return money coming in by transfer."""
    return movement(name, when, amount, category, account, **({"scheme": "transfer", "channel": "system"} | changes))


# Paid on the 25th; 25 May 2024 was a Saturday, so the Friday before. The fourth is known before 10:00 on 1 July.
SALARIES = [
    credit("March", "2024-03-25 06:00", 200_000, "salary", counterparty_token="employer"),
    credit("April", "2024-04-25 06:00", 200_000, "salary", counterparty_token="employer"),
    credit("May", "2024-05-24 06:00", 210_000, "salary", counterparty_token="employer"),
    credit("June", "2024-06-25 06:00", 220_000, "salary", counterparty_token="employer"),
    # Every 28 days, on Tuesdays, into the account in euros.
    *(
        credit(f"euro {day}", f"{day} 06:00", 50_000, "salary", "EUR", counterparty_token="second employer")
        for day in ("2024-04-09", "2024-05-07", "2024-06-04")
    ),
]
OTHERS = [
    credit("before a year", "2023-07-01 23:59", 99_999, "other_income"),
    credit("pension before 90 days", "2024-04-01 23:59", 41_000, "pension"),
    credit("first minute of 90 days", "2024-04-02 00:00", 31_000, "benefits"),
    credit("benefit by mistake", "2024-06-10 12:00", 30_000, "benefits"),
    credit("taken back", "2024-06-12 12:00", -30_000, "benefits", reverses_id="benefit by mistake"),
    credit("pension", "2024-06-14 12:00", 40_000, "pension"),
    credit("last minute", "2024-06-30 23:59", 5000, "other_income"),
    credit("today", "2024-07-01 00:00", 1234, "other_income"),
    # No income: from savings, a loan paid out, interest, a bill returned, a refund. And what was spent.
    credit("from savings", "2024-06-15 12:00", 70_000, "own_transfer"),
    credit("loan", "2024-06-16 12:00", 100_000, "loan_disbursement"),
    credit("interest", "2024-06-17", 300, "interest", scheme="interest"),
    movement("bill", "2024-06-03", -2500, "utilities", scheme="direct_debit"),
    movement("bill returned", "2024-06-05", 2500, "returned_payment", scheme="direct_debit", reverses_id="bill"),
    movement("refund", "2024-06-18 12:00", 800, "shopping"),
    movement("food", "2024-06-02 12:00", -6000, "groceries"),
]
SALARY_90 = 200_000 + 210_000 + 220_000  # 630,000
BENEFITS_90 = 31_000 + 30_000 - 30_000
INCOME_90 = SALARY_90 + BENEFITS_90 + 40_000 + 5000  # 706,000
INCOME_365 = INCOME_90 + 200_000 + 41_000  # 947,000
MEAN = (200_000 + SALARY_90) / 4  # 207,500
# From it: -7,500, -7,500, 2,500, 12,500; squares sum to 275,000,000.
STD = (275_000_000 / 4) ** 0.5
SPENT = 6000 - 800 + (2500 - 2500)
EXPECTED = {
    "income_90d": INCOME_90,
    "income_365d": INCOME_365,
    # 2, 9 and 25 April; 7 and 24 May; 4, 10, 14, 25 and 30 June.
    "income_days_90d": 10,
    "days_since_income": 1,
    "benefits_90d": BENEFITS_90,
    "pension_90d": 40_000,
    "salaries_90d": 3 + 3,
    "salary_90d": SALARY_90,
    "salary_mean_365d": MEAN,
    "salary_std_365d": STD,
    "salary_last": 220_000,
    "days_since_salary": 6,  # 25 June to 1 July
    "days_since_first_salary": 31 + 30 + 31 + 6,  # 25 March, April, May, June, to 1 July
    "employers_365d": 2,
    "salary_volatility_365d": STD / MEAN,
    "income_growth": 365 / 90 * 706_000 / 947_000 - 1,
    "spend_to_income_90d": SPENT / 706_000,
    "surplus_90d": 706_000 - SPENT,
}


def test_every_feature_of_income():
    assert values("income", {"transactions": SALARIES + OTHERS}) == pytest.approx(EXPECTED, rel=1e-14)


def test_two_payments_of_a_payer_are_income_and_no_salary_yet():
    found = values("income", {"transactions": SALARIES[:2]})
    assert (found["income_365d"], found["salaries_90d"], found["salary_last"]) == (400_000, 0, None)
