"""Who holds what, worked by hand for four customers; and the same from a version."""

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from bank360.bank.calendar import instant
from bank360.pipeline.holdings import (
    CUSTOMERS,
    LEFT,
    MAIN_BANK,
    Holdings,
    LineHoldings,
    counted,
    holdings,
    of_line,
    published_holdings,
)
from bank360.storage.ledger import prepare
from bank360.storage.published_lists import CustomerFilter, count_customers, found_customers
from bank360.storage.warehouse import open_warehouse
from tests.rows import fill

NOW = instant(datetime(2026, 6, 15, 12, tzinfo=UTC))


@pytest.fixture
def bank(tmp_path):
    """Ann holds A1 and, with Bob, S1; Bob held B1 until May; Cid closed C1 and, with Ann, J1 in April; Dee is new."""
    with open_warehouse(tmp_path / "w.duckdb", 1, "500MB") as w:
        prepare(w)
        fill(w, "products", {"product_id": "C", "line": "current_account"}, {"product_id": "S", "line": "savings"})
        # Ann is known by two keys: she is one customer.
        keys = (("a", "CA"), ("a2", "CA"), ("b", "CB"), ("c", "CC"), ("d", "CD"))
        fill(w, "source_keys", *({"source": "s", "source_key": k, "customer_id": c} for k, c in keys))
        accounts = (
            ("A1", "C", "GBP", date(2020, 1, 1), None), ("S1", "S", "GBP", date(2020, 1, 1), None),
            ("B1", "C", "GBP", date(2020, 1, 1), date(2026, 5, 1)),
            ("C1", "S", "GBP", date(2020, 1, 1), date(2026, 4, 2)),
            ("C2", "S", "EUR", date(2020, 1, 1), date(2026, 4, 2)), ("D1", "C", "GBP", date(2026, 2, 1), None),
            ("J1", "S", "GBP", date(2020, 1, 1), date(2026, 4, 2)),
        )  # fmt: skip
        names = ("account_id", "product_id", "currency", "opened_on", "closed_on")
        fill(w, "accounts", *(dict(zip(names, one, strict=True)) for one in accounts))
        parties = (("A1", "a", "owner"), ("A1", "a2", "owner"), ("S1", "a", "owner"), ("S1", "b", "joint_holder"),
                   ("B1", "b", "owner"), ("C1", "c", "owner"), ("C2", "c", "owner"), ("D1", "d", "owner"),
                   ("S1", "c", "guarantor"), ("J1", "a", "owner"), ("J1", "c", "joint_holder"))  # fmt: skip
        fill(w, "account_parties", *({"account_id": a, "customer_id": k, "role": r} for a, k, r in parties))
        booked = (("A1", 100), ("S1", 1_000), ("B1", 50), ("C1", 400), ("C2", 7_000), ("J1", 30))
        fill(w, "balances", *({"account_id": a, "date": date(2025, 5, 31), "booked": m} for a, m in booked),
             {"account_id": "C1", "date": date(2025, 4, 30), "booked": 9_999},
             {"account_id": "C1", "date": date(2025, 6, 30), "booked": 8_888})  # fmt: skip
        salaries = {"customer_id": ["CA", "CB", "CD"], "salaries_90d": [3, None, 0],
                    "pension_90d": [None, None, 5], "benefits_90d": [0, None, 0]}  # fmt: skip
        w.replace_table("customer_features", pa.table(salaries))
        index = pa.table({"customer_id": ["CA", "CB", "CC", "CD"], "customer": pa.array(range(4), pa.int32())})
        w.replace_table("customer_index", index)
        yield w


def test_holders_main_bank_and_what_left_are_those_worked_by_hand(bank, open_on):
    with open_on(bank, "Europe/London", "GBP", "GB") as engine:
        found = holdings(engine.tables, NOW, "Europe/London", "GBP")
    # Today: Ann (A1, S1), Bob (S1), Dee (D1). A year ago: Ann, Bob, Cid; Cid holds nothing now, a guarantee is none.
    # Cid left with the 400 of May 2025 on C1: not what was booked before or after the day, and not the euros.
    # Nor with the 30 of J1, which was Ann's too.
    # Booked a year ago in pounds: 100 + 1,000 (once, though two hold it) + 50 + 400 + 30 = 1,580.
    # Main bank: Ann's salary and Dee's pension.
    assert found == Holdings(
        "GBP", customers=3, customers_before=3, main_bank=2, left=1, left_with=400, booked=1_580,
        lines=(LineHoldings("current_account", 2, 2), LineHoldings("savings", 2, 3)),
    )  # fmt: skip


def test_each_number_counts_just_these_customers(bank, open_on):
    said = {}
    with open_on(bank, "Europe/London", "GBP", "GB") as engine:
        for row in counted(engine.tables, NOW, "Europe/London", "GBP"):
            said.setdefault(row["figure"], []).append(row["customer_id"])
    # Ann and Bob hold the savings account, Ann and Dee a current one; Cid closed his last account in April.
    assert said == {
        CUSTOMERS: ["CA", "CB", "CD"], LEFT: ["CC"], MAIN_BANK: ["CA", "CD"],
        of_line("current_account"): ["CA", "CD"], of_line("savings"): ["CA", "CB"],
    }  # fmt: skip


def test_a_version_holds_the_same_and_counts_whom_its_list_holds(read_bank):
    with read_bank.published.current() as version:
        meta = version.meta
        made = holdings(read_bank.night.warehouse, meta.as_of, meta.zone, meta.currency)
        assert published_holdings(version) == made
        for days in (0, 1, 30):
            rows = found_customers(version, CustomerFilter(least_days_past_due=days), most=500).rows
            assert all(row.days_past_due is not None and row.days_past_due >= days for row in rows)
            assert count_customers(version, CustomerFilter(least_days_past_due=days)) == len(rows)
        numbers = {CUSTOMERS: made.customers, MAIN_BANK: made.main_bank, LEFT: made.left}
        for figure, number in (numbers | {of_line(one.line): one.customers for one in made.lines}).items():
            assert count_customers(version, CustomerFilter(counted_by=figure)) == number
            assert len(found_customers(version, CustomerFilter(counted_by=figure), most=500, by_id=True).rows) == number
        everybody = found_customers(version, most=500).rows
        assert (
            count_customers(version, CustomerFilter(least_days_past_due=0))
            == sum(row.days_past_due is not None for row in everybody)
            > 0
        )
