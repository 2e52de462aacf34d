"""Credit held with us: the latest month end of what a customer owes, alone or jointly, and nothing known later."""

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from bank360.bank.table import PROVENANCE
from bank360.bank.tables import TABLE_BY_NAME
from bank360.storage.ledger import prepare
from bank360.storage.reads_credit import CreditStanding, credit_standing, credit_standings
from bank360.storage.warehouse import open_warehouse

NOW, TODAY = datetime(2024, 6, 15, 12, tzinfo=UTC), date(2024, 6, 15)
EARLY = datetime(2020, 1, 1)  # noqa: DTZ001  # stored without a zone, in UTC
_EMPTY = {"string": "-", "int64": 0, "float64": 0.0, "bool": False, "date": date(2020, 1, 1), "timestamp": EARLY}


def fill(warehouse, table, *rows):
    columns = (*TABLE_BY_NAME[table].columns, *PROVENANCE)
    arrays = {
        c.name: pa.array([row.get(c.name, None if c.nullable else _EMPTY[c.type]) for row in rows], c.arrow_type)
        for c in columns
    }
    warehouse.append(table, pa.table(arrays))


def month(account, day, due, overdue=0, status="performing", **more):
    return {
        "account_id": account,
        "month_end": day,
        "amount_due": due,
        "days_past_due": overdue,
        "status": status,
        **more,
    }


MAY, APRIL = date(2024, 5, 31), date(2024, 4, 30)


@pytest.fixture
def bank(tmp_path):
    """Ann (two keys) owes on a loan and a joint card, guarantees nothing; Bob holds the card with her."""
    with open_warehouse(tmp_path / "w.duckdb", 1, "500MB") as warehouse:
        prepare(warehouse)
        keys = (("a1", "CA"), ("a2", "CA"), ("b1", "CB"))
        fill(warehouse, "source_keys", *({"source": "s", "source_key": k, "customer_id": c} for k, c in keys))
        fill(warehouse, "accounts", *({"account_id": a, "currency": "GBP"} for a in ("loan", "card")))
        parties = (("loan", "a1", "owner"), ("card", "b1", "owner"), ("card", "a2", "joint_holder"))
        fill(warehouse, "account_parties", *({"account_id": a, "customer_id": k, "role": r} for a, k, r in parties))
        fill(
            warehouse,
            "credit_months",
            month("loan", APRIL, 20_000, 60),
            month("loan", MAY, 20_000, 12),
            month("card", MAY, 3_000),
        )
        yield warehouse


def standing(bank, customer="CA", now=NOW, day=TODAY):
    return credit_standing(bank, customer, now, day, "GBP")


def test_dues_of_the_latest_month_end_add_up_and_a_joint_debt_counts_in_full(bank):
    assert standing(bank) == CreditStanding(due=23_000, foreign_accounts=0, days_past_due=12, in_default=False)
    assert standing(bank, "CB") == CreditStanding(3_000, 0, 0, False)


def test_who_owes_nothing_has_nothing_due_and_no_days(bank):
    assert standing(bank, "CX") == CreditStanding(0, 0, None, False)


@pytest.mark.parametrize(
    ("row", "in_default"),
    [
        (month("loan", date(2024, 6, 10), 0, 90), False),
        (month("loan", date(2024, 6, 10), 0, 91), True),
        (month("loan", date(2024, 6, 10), 0, 0, "default"), True),
        (month("loan", date(2024, 6, 10), 0, 0, written_off=5), True),
    ],
)
def test_default_is_over_ninety_days_the_banks_own_status_or_a_loss(bank, row, in_default):
    fill(bank, "credit_months", row)
    assert standing(bank).in_default is in_default


def test_a_charge_off_has_the_day_of_its_closing_or_else_of_the_month_end_that_first_shows_it(bank):
    fill(bank, "credit_months", month("loan", date(2024, 6, 10), 0, 200, "charged_off"))
    assert standing(bank).charged_off_on == date(2024, 6, 10)
    fill(bank, "credit_months", month("loan", date(2024, 6, 14), 0, 230, "charged_off"))
    assert standing(bank).charged_off_on == date(2024, 6, 10)
    bank.execute("UPDATE accounts SET closed_on = '2024-06-12', close_reason = 'charged_off' WHERE account_id = 'loan'")
    assert standing(bank) == CreditStanding(3_000, 0, 0, True, charged_off_on=date(2024, 6, 12))
    bank.execute("UPDATE accounts SET closed_on = '2024-06-20' WHERE account_id = 'loan'")  # later than today
    assert standing(bank).charged_off_on == date(2024, 6, 10)
    assert standing(bank, "CB").charged_off_on is None


CLOSED_AS_A_LOSS = "UPDATE accounts SET closed_on = '2024-06-12', close_reason = 'charged_off' WHERE account_id = '{}'"


def test_an_account_closed_as_a_loss_is_one_though_no_month_end_says_so(bank):
    bank.execute(CLOSED_AS_A_LOSS.format("loan"))
    assert standing(bank) == CreditStanding(3_000, 0, 0, True, charged_off_on=date(2024, 6, 12))
    fill(bank, "accounts", {"account_id": "current", "currency": "USD"})  # an overdraft without month ends
    fill(bank, "account_parties", {"account_id": "current", "customer_id": "b1", "role": "owner"})
    assert standing(bank, "CB") == CreditStanding(3_000, 0, 0, False)
    bank.execute(CLOSED_AS_A_LOSS.format("current"))
    assert standing(bank, "CB") == CreditStanding(3_000, 0, 0, True, charged_off_on=date(2024, 6, 12))
    assert credit_standing(bank, "CB", NOW, date(2024, 6, 11), "GBP") == CreditStanding(3_000, 0, 0, False)


@pytest.mark.parametrize(("left", "lost"), [("2024-06-11", None), ("2024-06-12", date(2024, 6, 12))])
def test_a_loss_is_of_those_who_were_parties_until_the_account_was_closed(bank, left, lost):
    """Banks end the parties of an account with it; who had left before has lost nothing."""
    bank.execute(CLOSED_AS_A_LOSS.format("loan"))
    bank.execute(f"UPDATE account_parties SET valid_to = '{left}' WHERE account_id = 'loan'")
    found = standing(bank)
    assert (found.in_default, found.charged_off_on) == (lost is not None, lost)


def test_while_other_credit_is_in_default_the_charge_off_is_not_the_whole_of_it(bank):
    fill(bank, "credit_months", month("loan", date(2024, 6, 10), 0, 200, "charged_off"))
    fill(bank, "credit_months", month("card", date(2024, 6, 10), 0, 91))
    assert standing(bank).in_default
    assert standing(bank).charged_off_on is None
    bank.execute("UPDATE credit_months SET status = 'performing', written_off = 0 WHERE account_id = 'loan'")
    assert standing(bank).charged_off_on is None


def test_what_is_known_or_begins_later_is_not_seen(bank):
    later = {"known_time": datetime(2024, 6, 15, 12)}  # noqa: DTZ001  # at the very instant: not yet known
    fill(
        bank,
        "credit_months",
        month("loan", date(2024, 6, 10), 99, 120, **later),
        month("loan", date(2024, 6, 30), 1, 400),
    )
    assert standing(bank) == CreditStanding(23_000, 0, 12, False)


def test_a_correction_counts_from_when_it_was_known(bank):
    bank.execute("UPDATE credit_months SET superseded_time = '2024-06-10' WHERE account_id = 'card'")
    fill(bank, "credit_months", month("card", MAY, 4_000, known_time=datetime(2024, 6, 10)))  # noqa: DTZ001
    assert standing(bank).due == 24_000
    assert standing(bank, now=datetime(2024, 6, 9, tzinfo=UTC)).due == 23_000


def test_a_settled_account_and_a_former_or_authorised_party_owe_nothing(bank):
    bank.execute("UPDATE accounts SET closed_on = '2024-06-01' WHERE account_id = 'loan'")
    assert standing(bank) == CreditStanding(3_000, 0, 0, False)
    bank.execute("UPDATE account_parties SET valid_to = '2024-06-15' WHERE customer_id = 'a2'")
    assert standing(bank) == CreditStanding(0, 0, None, False)
    bank.execute("UPDATE account_parties SET role = 'authorised' WHERE customer_id = 'b1'")
    assert standing(bank, "CB") == CreditStanding(0, 0, None, False)


def test_a_debt_in_another_currency_is_counted_and_not_added(bank):
    bank.execute("UPDATE accounts SET currency = 'EUR' WHERE account_id = 'loan'")
    assert standing(bank) == CreditStanding(3_000, 1, 12, False)


def test_everybody_at_once_owes_what_each_owes_alone_and_an_exposure_counts_in_full_for_each(bank):
    bank.execute("UPDATE credit_months SET balance = 700 WHERE account_id = 'card'")
    bank.execute("UPDATE credit_months SET balance = 50 WHERE account_id = 'loan' AND month_end = DATE '2024-05-31'")
    together = credit_standings(bank, NOW, TODAY, "GBP")
    assert together == {customer: standing(bank, customer) for customer in ("CA", "CB")}
    assert (together["CA"].exposure, together["CB"].exposure) == (750, 700)
