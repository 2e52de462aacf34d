"""Holders, owners, lines and applicants as rectangles of days and instants, against the rule written as loops."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bank360.bank.tables import TABLE_BY_NAME
from bank360.identity.customer_ids import KeyMapping
from bank360.storage import holders
from bank360.storage.crosswalk import write_crosswalk
from bank360.storage.ledger import prepare
from bank360.storage.warehouse import open_warehouse

DAY, KNOWN = date(2024, 7, 1), datetime.fromisoformat("2024-07-01T00:00:00")
PROVENANCE = {"source_system": "core", "batch_id": "b", "source_file_hash": "h", "source_line": 1}
CUSTOMER = {"k1": 0, "k1b": 0, "k2": 1, "stranger": None}  # the dense number of each key; one customer has two


def day(number: int) -> date:
    return DAY + timedelta(days=number)


def at(number: float) -> datetime:
    return KNOWN + timedelta(hours=number)


@pytest.fixture(scope="module")
def warehouse():
    with open_warehouse(Path(":memory:"), threads=1, memory_limit="500MB") as opened:
        prepare(opened)
        mappings = [KeyMapping("core", key, DAY, f"C{n}") for key, n in CUSTOMER.items() if n is not None]
        write_crosswalk(opened, mappings, datetime(2024, 7, 1, tzinfo=UTC))
        yield opened


def fill(warehouse, table, rows):
    """Let a table hold these rows and no others."""
    warehouse.execute(f"DELETE FROM {table}")
    schema = TABLE_BY_NAME[table].arrow_schema
    warehouse.append(table, pa.Table.from_pylist([PROVENANCE | row for row in rows], schema=schema))


def covering(rows, when, instant):
    """Return the rectangles that hold a day and an instant."""
    return [
        row
        for row in rows
        if row.get("valid_from", when) <= when < row.get("valid_to", date.max)
        and row["known_from"] <= instant
        and (row["known_to"] is None or instant < row["known_to"])
    ]


def stands(row, instant):
    return row["known_time"] <= instant and (row["superseded_time"] is None or instant < row["superseded_time"])


# Versions of up to six keys; how long each stands is free, so that some overlap and some leave gaps.
SPAN = st.tuples(st.integers(0, 5), st.one_of(st.none(), st.integers(1, 6)))
PARTY = st.tuples(
    st.sampled_from(list(CUSTOMER)),
    st.sampled_from(["owner", "joint_holder", "authorised_user"]),
    st.integers(0, 3),
    st.one_of(st.none(), st.integers(1, 5)),
    st.sampled_from([0.5, 1.0]),
    SPAN,
)


def parties(drawn):
    return [
        {"account_id": "A", "customer_id": key, "role": role, "valid_from": day(begins), "liability_share": share,
         "valid_to": None if ends is None else day(ends), "known_time": at(known),
         "superseded_time": None if lasts is None else at(known + lasts)}
        for key, role, begins, ends, share, (known, lasts) in drawn
    ]  # fmt: skip


def naive_parties(rows, when, instant):
    """Return (customer, rank, began, share) of all who hold the account on a day, as known at an instant."""
    visible = [
        (CUSTOMER[row["customer_id"]], int(row["role"] != "owner"), row["valid_from"], row["liability_share"],
         row["valid_to"] or date.max)
        for row in rows
        if stands(row, instant) and row["role"] != "authorised_user" and CUSTOMER[row["customer_id"]] is not None
        and (row["valid_to"] is None or row["valid_to"] > row["valid_from"])
    ]  # fmt: skip
    first = min((began for _, _, began, _, _ in visible), default=None)
    return [
        (customer, rank, began, share)
        for customer, rank, began, share, ends in visible
        if (began <= when or began == first) and when < ends
    ]


MANY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@MANY
@given(st.lists(PARTY, max_size=6))
@example(  # an owner of the first day acts before a joint holder of that day who became an owner on the next
    [("k1", "owner", 1, None, 0.5, (0, None)), ("k1", "joint_holder", 0, None, 0.5, (0, None)),
     ("k2", "owner", 0, None, 0.5, (0, None))]
)  # fmt: skip
def test_at_every_day_and_instant_the_holders_are_those_of_the_rule(warehouse, drawn):
    rows = parties(drawn)
    fill(warehouse, "account_parties", rows)
    found = holders.holders(warehouse).to_pylist()
    owners = holders.owners(warehouse, "UTC").to_pylist()
    for number in range(-1, 7):
        for hour in range(13):
            holding = naive_parties(rows, day(number), at(hour))
            shares = {c: max(share for who, _, _, share in holding if who == c) for c, *_ in holding}
            cells = covering(found, day(number), at(hour))
            assert sorted((cell["customer"], cell["share"]) for cell in cells) == sorted(shares.items())
            # A customer in two parts counts as the better of them, from the day on which that began.
            ranked = sorted((*min((rank, began) for who, rank, began, _ in holding if who == c), c) for c in shares)
            noon = datetime.combine(day(number), datetime.min.time()) + timedelta(hours=12)
            acting = [row["customer"] for row in covering(owners, noon, at(hour))]
            assert acting == [c for _, _, c in ranked[:1]]


PRODUCT = st.tuples(st.sampled_from("PQ"), st.integers(0, 3), st.sampled_from(["savings", "mortgage"]))
ACCOUNT = st.tuples(st.sampled_from("PQX"), st.sampled_from(["GBP", "EUR"]))


def chains(drawn):
    """Give drawn (key, values, hours until the next version) their known and superseded times, as a load does."""
    clock, last = {}, {}
    for key, row, wait in drawn:
        known = at(clock.get(key, 0) + wait)
        clock[key] = clock.get(key, 0) + wait
        if key in last:
            last[key]["superseded_time"] = known
        last[key] = row | {"known_time": known, "superseded_time": None}
        yield last[key]


@MANY
@given(
    st.lists(st.tuples(PRODUCT, st.integers(1, 3)), max_size=5),
    st.lists(st.tuples(ACCOUNT, st.integers(1, 3)), max_size=3),
)
def test_line_and_currency_are_those_of_the_day_as_known(warehouse, drawn_products, drawn_accounts):
    base = {"family": "deposits", "name": "-", "secured": False, "revolving": False, "rate_type": "none", "fee": 0,
            "transfer_rate": 0.0}  # fmt: skip
    products = list(
        chains(
            ((p, begins), base | {"product_id": p, "valid_from": day(begins), "line": line}, wait)
            for (p, begins, line), wait in drawn_products
        )
    )
    accounts = list(
        chains(
            ("A", {"account_id": "A", "product_id": p, "currency": currency, "opened_on": DAY}, wait)
            for (p, currency), wait in drawn_accounts
        )
    )
    fill(warehouse, "products", products)
    fill(warehouse, "accounts", accounts)
    found = holders.lines(warehouse).to_pylist()
    for number in range(-1, 5):
        for hour in range(14):
            cells = covering(found, day(number), at(hour))
            account = [row for row in accounts if stands(row, at(hour))]
            told = [row for row in products if stands(row, at(hour)) and account[:1]
                    and row["product_id"] == account[0]["product_id"]]  # fmt: skip
            begun = [row for row in told if row["valid_from"] <= day(number)]
            # The latest that has begun; before the first, the first.
            line = max(begun, key=lambda row: row["valid_from"]) if begun else None
            line = line or min(told, key=lambda row: row["valid_from"], default=None)
            expected = (account[0]["currency"] if account else None, line["line"] if line else None)
            if accounts:
                assert [(cell["currency"], cell["line"]) for cell in cells] == [expected]
            else:
                assert cells == []


@MANY
@given(st.lists(st.tuples(st.sampled_from(list(CUSTOMER)), st.integers(1, 2), SPAN), max_size=5))
def test_applicants_are_those_known_at_every_instant(warehouse, drawn):
    rows = [
        {"application_id": "P", "seq": seq, "customer_id": key, "known_time": at(known),
         "superseded_time": None if lasts is None else at(known + lasts)}
        for key, seq, (known, lasts) in drawn
    ]  # fmt: skip
    fill(warehouse, "application_parties", rows)
    found = holders.applicants(warehouse).to_pylist()
    for hour in range(13):
        numbers = [CUSTOMER[row["customer_id"]] for row in rows if stands(row, at(hour))]
        expected = {number for number in numbers if number is not None}
        assert sorted(row["customer"] for row in covering(found, DAY, at(hour))) == sorted(expected)


def test_what_does_not_change_is_one_row_whatever_else_does(warehouse):
    one = {"account_id": "A", "customer_id": "k1", "role": "owner", "valid_from": day(0), "liability_share": 0.5}
    other = one | {"customer_id": "k2", "role": "joint_holder", "valid_from": day(9), "known_time": at(9 * 24)}
    fill(warehouse, "account_parties", [one | {"known_time": at(0)}, other])
    assert holders.owners(warehouse, "UTC").num_rows == 1
    ann, bob = sorted(holders.holders(warehouse).to_pylist(), key=lambda row: (row["customer"], row["valid_from"]))[::2]
    assert (ann["known_from"], bob["known_from"]) == (at(0), at(9 * 24))


def test_a_day_begins_at_the_banks_midnight(warehouse):
    base = {"account_id": "A", "role": "owner", "liability_share": 1.0, "known_time": at(0)}
    first = base | {"customer_id": "k1", "valid_from": day(0), "valid_to": day(4)}
    fill(warehouse, "account_parties", [first, base | {"customer_id": "k2", "valid_from": day(4)}])
    rows = holders.owners(warehouse, "Europe/London").to_pylist()
    # In a British summer the 5th begins at 23:00 of the 4th in UTC.
    change = datetime.fromisoformat("2024-07-04T23:00:00")
    assert {(row["customer"], row["valid_to"] == change, row["valid_from"] == change) for row in rows} == {
        (0, True, False),
        (1, False, True),
    }
