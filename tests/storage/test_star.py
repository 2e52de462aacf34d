"""The star schema of a bank made by hand: versions from known times, references that resolve, nothing known later."""

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from bank360.bank.table import Tag
from bank360.bank.tables_star import DIM_CUSTOMER, FACT_TRANSACTIONS
from bank360.storage.holders import owners
from bank360.storage.ledger import prepare
from bank360.storage.star import Star, date_rows
from bank360.storage.star_customers import dim_customer
from bank360.storage.warehouse import open_warehouse
from tests.rows import fill, stored

EVERYTHING = frozenset(column.name for column in DIM_CUSTOMER.columns)
ORDINARY = frozenset(c.name for c in DIM_CUSTOMER.columns if not {Tag.PII, Tag.PROTECTED} & set(c.tags))
PERSON = {"type": "person"}


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def bank(tmp_path):
    """Ann (keys a1, a2) and Bob (b1) hold JOINT; Eve (e1) is named by an account and by no customer master."""
    with open_warehouse(tmp_path / "w.duckdb", 1, "500MB") as warehouse:
        prepare(warehouse)
        keys = (("a1", "CA"), ("a2", "CA"), ("b1", "CB"), ("e1", "CE"))
        fill(warehouse, "source_keys", *({"source": "s", "source_key": k, "customer_id": c} for k, c in keys))
        index = pa.table({"customer_id": ["CA", "CB", "CE"], "customer": pa.array([0, 1, 2], pa.int32())})
        warehouse.replace_table("customer_index", index)
        north = PERSON | {"customer_id": "a1", "region": "North", "known_time": stored("2020-01-01")}
        fill(
            warehouse,
            "customers",
            north | {"superseded_time": stored("2021-03-05 04:00"), "marital_status": "single"},
            north | {"region": "South", "known_time": stored("2021-03-05 04:00"), "marital_status": "married"},
            PERSON | {"customer_id": "a2", "region": "South", "known_time": stored("2022-01-01")},  # says nothing new
            PERSON | {"customer_id": "b1", "region": "East", "known_time": stored("2020-06-01")},
        )
        accounts = (("JOINT", "2020-01-01"), ("EVES", "2020-01-01"), ("LATE", "2023-01-01"))
        fill(
            warehouse, "accounts", *({"account_id": a, "currency": "GBP", "known_time": stored(k)} for a, k in accounts)
        )
        parties = (("JOINT", "b1", "joint_holder"), ("JOINT", "a1", "owner"), ("JOINT", "a2", "owner"),
                   ("EVES", "e1", "owner"))  # fmt: skip
        fill(warehouse, "account_parties", *({"account_id": a, "customer_id": k, "role": r} for a, k, r in parties))
        yield warehouse


def star(bank, when="2022-06-15 12:00", columns=ORDINARY):
    as_of = at(when)
    customers = dim_customer(bank, as_of, columns)
    return Star(bank, as_of, as_of.date(), "Europe/London", customers, owners(bank, "Europe/London"))


def paid(name, when, known=None, **more):
    row = {"transaction_id": name, "account_id": "JOINT", "event_time": stored(when), "booked_on": date(2022, 5, 1)}
    return row | {"currency": "GBP", "category": "groceries", "known_time": stored(known or when), **more}


def facts(found, *columns):
    rows = [
        row for batch in found.facts(frozenset(c.name for c in FACT_TRANSACTIONS.columns)) for row in batch.to_pylist()
    ]
    return [tuple(row[name] for name in columns) for row in rows]


def versions(bank, when, columns=ORDINARY, *shown):
    found = dim_customer(bank, at(when), columns).to_pylist()
    return [tuple(row[name] for name in ("customer_id", "valid_from", "valid_to", *shown)) for row in found]


def test_a_version_begins_when_the_bank_knew_and_news_of_nothing_makes_none(bank):
    moved = stored("2021-03-05 04:00")
    assert versions(bank, "2022-06-15", ORDINARY, "region", "is_current") == [
        ("CA", stored("2020-01-01"), moved, "North", False),
        ("CA", moved, None, "South", True),
        ("CB", stored("2020-01-01"), stored("2020-06-01"), None, False),  # named by an account, not delivered yet
        ("CB", stored("2020-06-01"), None, "East", True),
        ("CE", stored("2020-01-01"), None, None, True),  # of whom an account is all that is known
    ]


def test_what_came_to_be_known_at_or_after_the_instant_is_not_there(bank):
    assert versions(bank, "2021-03-05 04:00", ORDINARY, "region")[0] == ("CA", stored("2020-01-01"), None, "North")
    assert versions(bank, "2020-06-01", ORDINARY, "region")[1] == ("CB", stored("2020-01-01"), None, None)
    assert versions(bank, "2020-01-01") == []


def test_a_change_of_a_column_that_is_held_back_makes_no_version_and_keys_stay_the_same(bank):
    bank.execute("UPDATE customers SET region = 'North'")
    few, all_of_it = (dim_customer(bank, at("2022-06-15"), columns).to_pylist() for columns in (ORDINARY, EVERYTHING))
    assert [row["customer_key"] for row in few] == [
        *("CA-1577836800000000", "CB-1577836800000000", "CB-1590969600000000", "CE-1577836800000000"),
    ]
    assert {row["customer_key"] for row in few} < {row["customer_key"] for row in all_of_it}
    assert [row["marital_status"] for row in all_of_it if row["customer_id"] == "CA"] == ["single", "married"]
    assert "marital_status" not in few[0]


def test_names_stand_on_the_current_row_alone(bank):
    fill(bank, "customer_personal", {"customer_id": "a1", "given_name": "Ann", "valid_from": date(2020, 1, 1)})
    rows = dim_customer(bank, at("2022-06-15"), EVERYTHING).to_pylist()
    assert [row["given_name"] for row in rows if row["customer_id"] == "CA"] == [None, "Ann"]


def test_whoever_has_two_records_has_left_with_the_last_of_them(bank):
    gone = {"left_on": date(2022, 2, 1), "leave_reason": "switched", "known_time": stored("2022-02-02")}
    fill(bank, "customers", PERSON | {"customer_id": "b1", "region": "East"} | gone)
    bank.execute(
        "UPDATE customers SET superseded_time = TIMESTAMP '2022-02-02' WHERE customer_id = 'b1' AND left_on IS NULL"
    )
    fill(bank, "customers", PERSON | {"customer_id": "a2", "region": "South"} | gone)
    bank.execute(
        "UPDATE customers SET superseded_time = TIMESTAMP '2022-02-02' WHERE customer_id = 'a2' AND left_on IS NULL"
    )
    now = {
        row[0]: row[3:]
        for row in versions(bank, "2022-06-15", ORDINARY, "left_on", "leave_reason", "valid_to")
        if not row[2]
    }
    assert now == {"CA": (None, None, None), "CB": (date(2022, 2, 1), "switched", None), "CE": (None, None, None)}


def test_a_joint_account_has_an_owner_and_every_holder_once(bank):
    accounts = {row["account_id"]: row for row in star(bank).accounts().to_pylist()}
    assert set(accounts) == {"JOINT", "EVES"}  # LATE is not known yet
    south = "CA-1614916800000000"  # known on 5 March 2021 at 04:00 UTC
    assert (accounts["JOINT"]["owner_customer_key"], accounts["JOINT"]["holders"]) == (south, 2)
    held = star(bank).account_holders().to_pylist()
    assert [(row["account_id"], row["customer_key"], row["role"]) for row in held] == [
        ("EVES", "CE-1577836800000000", "owner"),
        ("JOINT", south, "owner"),  # of both her keys
        ("JOINT", "CB-1590969600000000", "joint_holder"),
    ]


def test_terms_and_product_are_those_in_force_as_known(bank):
    product = {"product_id": "-", "valid_from": date(2020, 1, 1), "line": "current_account", "name": "Everyday"}
    before = product | {"valid_from": date(2019, 1, 1), "name": "Basic"}
    fill(bank, "products", before, product | {"family": "deposits"})
    terms = {"account_id": "JOINT", "valid_from": date(2022, 1, 1), "credit_limit": 50_000}
    later = terms | {"valid_from": date(2022, 7, 1), "credit_limit": 90_000}  # agreed, not in force yet
    first = {"account_id": "JOINT", "valid_from": date(2021, 1, 1), "credit_limit": 10_000, "rate": 0.1}
    fill(
        bank,
        "account_terms",
        first,
        terms,
        later,
        terms | {"credit_limit": 1, "known_time": stored("2022-06-15 12:00")},
    )
    (joint,) = (row for row in star(bank).accounts().to_pylist() if row["account_id"] == "JOINT")
    assert (joint["product"], joint["line"], joint["credit_limit"]) == ("Everyday", "current_account", 50_000)
    assert joint["rate"] is None, "what the terms in force do not say is not taken from those before"


def test_a_fact_is_of_whoever_acted_else_of_the_owner_by_the_version_known_when_the_row_was(bank):
    fill(
        bank,
        "transactions",
        paid("t1", "2021-03-01 10:00", "2021-03-02"),  # Ann was in the North, as far as the bank knew
        paid("t2", "2021-03-01 11:00", "2021-04-01"),
        paid("t3", "2021-03-01 12:00", "2021-04-01", actor_customer_id="b1"),
        paid("t4", "2020-02-01 12:00", "2020-02-02", actor_customer_id="b1"),  # known by his name in an account only
        paid("t5", "2021-03-01 13:00", "2022-06-15 12:00"),  # known at the very instant: not before it
    )
    assert facts(star(bank), "transaction_id", "customer_id", "customer_key") == [
        ("t4", "CB", "CB-1577836800000000"),
        ("t1", "CA", "CA-1577836800000000"),
        ("t2", "CA", "CA-1614916800000000"),
        ("t3", "CB", "CB-1590969600000000"),
    ]


def test_a_day_is_the_banks_own_and_a_correction_takes_the_place_of_what_it_corrects(bank):
    fill(
        bank,
        "transactions",
        paid("t1", "2022-05-31 23:30", amount=-100, superseded_time=stored("2022-06-10")),
        paid("t1", "2022-05-31 23:30", "2022-06-10", amount=-200),
    )
    june, may = date(2022, 6, 1), stored("2022-05-31 23:30")
    assert facts(star(bank), "date", "event_time", "amount") == [(june, may, -200)]  # half past midnight in London
    assert facts(star(bank, "2022-06-10 00:00"), "amount") == [(-100,)]


def test_facts_come_once_each_and_in_order_over_quarters_and_years(bank):
    times = ("2022-04-01 00:00", "2021-12-31 23:59", "2022-01-01 00:00", "2022-03-31 23:59", "2020-05-05 05:05")
    fill(bank, "transactions", *(paid(f"t{n}", when) for n, when in enumerate(times)))
    found = [when for (when,) in facts(star(bank), "event_time")]
    assert found == sorted(stored(when) for when in times)


def test_every_merchant_and_account_that_a_fact_names_has_a_row(bank):
    now = {"merchant_id": "M1", "valid_from": date(2020, 1, 1), "mcc": 5411, "country": "GB"}
    fill(bank, "merchants", {"merchant_id": "M1", "valid_from": date(2019, 1, 1), "name": "Old", "mcc": 1}, now)
    fill(
        bank,
        "transactions",
        paid("t1", "2022-05-01 10:00", merchant_id="M1", country="FR"),
        paid("t2", "2022-05-02 10:00", merchant_id="M2", country="FR"),
        paid("t3", "2022-05-03 10:00", merchant_id="M2", country="FR", category="fuel"),
        paid("t4", "2022-05-04 10:00", merchant_id="M2", country="ES", category="fuel", account_id="NEW"),
    )
    found = star(bank)
    assert [tuple(row.values())[:5] for row in found.merchants().to_pylist()] == [
        ("M1", None, 5411, "groceries", "GB"),
        ("M2", None, None, "fuel", "FR"),
    ]
    new = {row["account_id"]: row for row in found.accounts().to_pylist()}["NEW"]
    assert (new["currency"], new["owner_customer_key"], new["holders"]) == (None, None, 0)
    assert facts(found, "customer_key")[-1] == (None,)


def test_a_merchant_that_nobody_paid_has_the_category_of_its_code(bank):
    fill(
        bank,
        "merchants",
        *(
            {"merchant_id": f"M{n}", "valid_from": date(2020, 1, 1), "name": "Shop", "mcc": mcc, "country": "GB"}
            for n, mcc in enumerate([5411, 5411, 5411, 5812, 5812, None])
        ),
    )
    fill(
        bank,
        "transactions",
        paid("t0", "2022-05-01 10:00", merchant_id="M0"),
        paid("t1", "2022-05-01 11:00", merchant_id="M1", category="fuel"),
        paid("t2", "2022-05-01 12:00", merchant_id="M1", category="fuel"),
    )
    found = star(bank).merchants()
    assert found["merchant_id"].to_pylist() == [f"M{n}" for n in range(6)]
    # Two of the three payments at shops of 5411 were for fuel; of 5812 and of a shop without a code nobody knows.
    assert found["category"].to_pylist() == ["groceries", "fuel", "fuel", None, None, None]


def test_a_fact_says_what_became_of_a_suspicion_and_silence_is_not_clean(bank):
    fill(bank, "transactions", *(paid(f"t{n}", f"2022-05-0{n} 10:00") for n in range(1, 6)))
    case = {"kind": "card", "opened_at": stored("2022-05-09")}
    fill(
        bank,
        "fraud_cases",
        case | {"case_id": "c1", "subject": "t1", "outcome": "confirmed"},
        case | {"case_id": "c2", "subject": "t2", "outcome": "cleared"},
        case | {"case_id": "c3", "subject": "t3"},
        case | {"case_id": "c4", "subject": "t4", "outcome": "confirmed", "known_time": stored("2022-06-15 12:00")},
    )
    assert facts(star(bank), "fraud") == [("confirmed",), ("cleared",), ("open",), (None,), (None,)]


def test_dates_are_whole_years_of_all_facts_without_a_gap(bank):
    assert star(bank).dates().num_rows == 0
    fill(
        bank, "transactions", paid("t1", "2021-12-31 23:30", booked_on=date(2022, 1, 4)), paid("t2", "2022-05-01 10:00")
    )
    days = star(bank).dates()["date"].to_pylist()
    assert (days[0], days[-1], len(days)) == (date(2021, 1, 1), date(2022, 12, 31), 730)


def test_a_day_knows_its_week_its_month_and_whether_banks_work():
    first, second, third = date_rows(date(2022, 6, 3), date(2022, 6, 5)).to_pylist()
    assert (first["uk_bank_holiday"], first["uk_working_day"], first["weekday"]) == ("Platinum Jubilee", False, 5)
    assert (second["uk_bank_holiday"], second["uk_working_day"], second["quarter"]) == (None, False, 2)
    assert (third["weekday"], third["iso_week"]) == (7, 22)
    (new_year,) = date_rows(date(2021, 1, 1), date(2021, 1, 1)).to_pylist()
    assert (new_year["iso_year"], new_year["iso_week"], new_year["month_end"]) == (2020, 53, False)
    assert date_rows(date(2024, 2, 29), date(2024, 2, 29)).to_pylist()[0]["month_end"]


def test_a_holder_who_came_to_be_known_late_has_the_row_from_then_on(bank):
    fill(bank, "account_parties", {"account_id": "LATE", "customer_id": "b1", "role": "owner",
                                   "known_time": stored("2022-03-01")})  # fmt: skip
    fill(bank, "transactions", paid("t1", "2020-02-01 12:00", account_id="LATE"))
    columns = ("customer_id", "customer_key")
    assert facts(star(bank, "2022-03-01"), *columns) == [(None, None)]
    assert facts(star(bank), *columns) == [("CB", "CB-1590969600000000")]  # by what was known of him in March 2022


def test_an_instant_with_nobody_is_an_empty_star(bank):
    empty = star(bank, "2019-01-01")
    assert [empty.accounts().num_rows, empty.account_holders().num_rows, empty.merchants().num_rows] == [0, 0, 0]
    assert facts(empty, "transaction_id") == []
