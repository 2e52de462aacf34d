"""Income, worked by hand: salaries by payer and cycle, whatever the ledger calls them; what is no income; what is taken
back; a salary in euros."""

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
    # On the 15th, on 14 June for Saturday the 15th; to the ledger transfers.
    *(
        credit(f"third {day}", f"{day} 06:00", 30_000, "other_transfer", counterparty_token="third employer")
        for day in ("2024-04-15", "2024-05-15", "2024-06-14")
    ),
]
TAKEN_BACK = [  # the last of three, on the day after: two are no salary, and income to the ledger
    *(
        credit(f"fourth {day}", f"{day} 06:00", 10_000, "salary", counterparty_token="fourth employer")
        for day in ("2024-04-10", "2024-05-10", "2024-06-10")
    ),
    credit("back", "2024-06-11 12:00", -10_000, "unknown", reverses_id="fourth 2024-06-10"),
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
SALARY_90 = 200_000 + 210_000 + 220_000 + 3 * 30_000  # 720,000
BENEFITS_90 = 31_000 + 30_000 - 30_000
INCOME_90 = SALARY_90 + BENEFITS_90 + 40_000 + 5000 + (3 - 1) * 10_000  # 816,000
INCOME_365 = INCOME_90 + 200_000 + 41_000  # 1,057,000
MEAN = (200_000 + SALARY_90) / 7  # 920,000 / 7
# Squares of the seven, in millions: 2 * 40,000 + 44,100 + 48,400 + 3 * 900 = 175,200; the sum's is 846,400.
STD = (7 * 175_200_000_000 - 846_400_000_000) ** 0.5 / 7
SPENT = 6000 - 800 + (2500 - 2500)
EXPECTED = {
    "income_90d": INCOME_90,
    "income_365d": INCOME_365,
    # 2, 9, 10, 15 and 25 April; 7, 10, 15 and 24 May; 4, 14, 25 and 30 June. What came on 10 June was taken back.
    "income_days_90d": 13,
    "days_since_income": 1,
    "benefits_90d": BENEFITS_90,
    "pension_90d": 40_000,
    "salaries_90d": 3 + 3 + 3,
    "salary_90d": SALARY_90,
    "salary_mean_365d": MEAN,
    "salary_std_365d": STD,
    "salary_last": 220_000,
    "days_since_salary": 6,  # 25 June to 1 July
    "days_since_first_salary": 31 + 30 + 31 + 6,  # 25 March, April, May, June, to 1 July
    "employers_365d": 3,
    "salary_volatility_365d": STD / MEAN,
    "income_growth": 365 / 90 * 816_000 / 1_057_000 - 1,
    "spend_to_income_90d": SPENT / 816_000,
    "surplus_90d": 816_000 - SPENT,
}


def test_every_feature_of_income():
    assert values("income", {"transactions": SALARIES + TAKEN_BACK + OTHERS}) == pytest.approx(EXPECTED, rel=1e-14)


def test_a_salary_taken_back_next_day_counts_until_that_is_known_and_no_longer():
    rows = [*SALARIES[1:4], credit("back", "2024-06-26 12:00", -220_000, "salary", reverses_id="June")]
    names = ("salaries_90d", "salary_90d", "income_90d")
    before = values("income", {"transactions": rows}, as_of="2024-06-26 12:01")  # known a minute after it happened
    assert [before[name] for name in names] == [3, 630_000, 630_000]
    after = values("income", {"transactions": rows})
    assert [after[name] for name in names] == [0, 0, 410_000]


def test_a_benefit_taken_back_by_mistake_and_given_after_all_is_income_once():
    rows = [
        credit("benefit", "2024-06-10 12:00", 30_000, "benefits"),
        credit("taken back", "2024-06-11 12:00", -30_000, "unknown", reverses_id="benefit"),
        credit("given after all", "2024-06-12 12:00", 30_000, "unknown", reverses_id="taken back"),
    ]
    names = ("income_90d", "benefits_90d", "income_days_90d", "days_since_income")
    for many, said in ((1, [30_000, 30_000, 1, 21]), (2, [0, 0, 0, None]), (3, [30_000, 30_000, 1, 19])):
        found = values("income", {"transactions": rows[:many]})
        assert [found[name] for name in names] == said


@pytest.mark.parametrize("category", ["other_transfer", "unknown"])
def test_what_the_ledger_calls_a_transfer_is_income_once_it_is_seen_to_be_a_salary(category):
    rows = [row | {"category": category} for row in SALARIES[1:4]]
    found = values("income", {"transactions": rows})
    assert (found["salaries_90d"], found["income_90d"], found["income_365d"]) == (3, 630_000, 630_000)
    assert (found["income_days_90d"], found["days_since_income"], found["surplus_90d"]) == (3, 6, 630_000)
    two = values("income", {"transactions": rows[:2]})
    assert (two["salaries_90d"], two["income_90d"], two["days_since_income"]) == (0, 0, None)


def test_two_payments_of_a_payer_are_income_and_no_salary_yet():
    found = values("income", {"transactions": SALARIES[:2]})
    assert (found["income_365d"], found["salaries_90d"], found["salary_last"]) == (400_000, 0, None)
