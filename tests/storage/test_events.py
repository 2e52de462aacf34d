"""Events reach the engine under the right customer, at the right instant, in all their versions."""

from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from bank360.bank.errors import NotReady
from bank360.bank.tables import TABLE_BY_NAME
from bank360.features.feature import Condition
from bank360.features.scan import STREAM_BY_NAME, EventScan
from bank360.identity.customer_ids import KeyMapping
from bank360.storage.crosswalk import identifiers, known_keys, read_crosswalk, write_crosswalk
from bank360.storage.events import accounts_by_currency, customer_count, event_stream
from bank360.storage.ledger import prepare
from bank360.storage.warehouse import open_warehouse

at = datetime.fromisoformat
BANK = ("Europe/London", "GBP", "GB")  # its zone, currency and country
NOW = datetime(2024, 9, 1, tzinfo=UTC)
KNOWN = at("2024-01-01T00:00:00")
PROVENANCE = {"source_system": "core", "batch_id": "b", "source_file_hash": "h", "source_line": 1, "known_time": KNOWN}


def transaction(number: int, **changes: object) -> dict[str, object]:
    """Return a transaction on account A1 in a British summer."""
    row = {
        "transaction_id": f"T{number}",
        "account_id": "A1",
        "event_time": at("2024-07-01T12:00:00"),
        "event_precision": "second",
        "booked_on": date(2024, 7, 1),
        "amount": -100 * number,
        "currency": "GBP",
        "channel": "pos",
        "scheme": "card",
        "category": "groceries",
        "country": "GB",
    }
    return row | changes


@pytest.fixture
def warehouse():
    """Ann (C1) owns A1 with Bob (C2); Ann is known by a second key too; A2 is nobody's."""
    party = {"account_id": "A1", "valid_from": date(2024, 1, 1), "liability_share": 0.5}
    product = {"product_id": "P1", "valid_from": date(2020, 1, 1), "family": "deposits", "line": "current_account",
               "name": "Current", "secured": False, "revolving": True, "rate_type": "none", "fee": 0,
               "transfer_rate": 0.0}  # fmt: skip
    account = {"account_id": "A1", "product_id": "P1", "opened_on": date(2024, 1, 1), "currency": "GBP"}
    with open_warehouse(Path(":memory:"), threads=1, memory_limit="500MB") as opened:
        prepare(opened)
        fill(opened, "customers", *({"customer_id": key, "type": "person"} for key in ("k-ann", "k-ann-2", "k-bob")))
        fill(opened, "products", product)
        fill(opened, "accounts", account)
        fill(opened, "account_parties", party | {"customer_id": "k-ann", "role": "owner"})
        fill(opened, "account_parties", party | {"customer_id": "k-bob", "role": "joint_holder"})
        yield opened


@pytest.fixture
def known(warehouse):
    """The same after identity has run."""
    day = date(2024, 1, 1)
    owners = {"k-ann": "C1", "k-ann-2": "C1", "k-bob": "C2"}
    write_crosswalk(warehouse, [KeyMapping("core", key, day, customer) for key, customer in owners.items()], NOW)
    return warehouse


def fill(warehouse, table: str, *rows: dict[str, object]) -> None:
    """Add rows to a table."""
    schema = TABLE_BY_NAME[table].arrow_schema
    warehouse.append(table, pa.Table.from_pylist([PROVENANCE | row for row in rows], schema=schema))


def events(warehouse, stream: str, *columns: str, where=()):
    """Read a stream's rows, sorted by everything shown."""
    batches = event_stream(warehouse, EventScan(STREAM_BY_NAME[stream], columns, where), *BANK)
    return sorted((row for batch in batches for row in batch.to_pylist()), key=str)


def test_before_identity_has_run_there_are_no_customers_to_count_by(warehouse):
    with pytest.raises(NotReady, match="customer_index"):
        next(event_stream(warehouse, EventScan(STREAM_BY_NAME["transactions"], ()), *BANK))


def test_customers_are_numbered_from_0_in_the_order_of_their_ids(known):
    assert known.query("SELECT * FROM customer_index ORDER BY customer").to_pylist() == [
        {"customer_id": "C1", "customer": 0},
        {"customer_id": "C2", "customer": 1},
    ]
    assert customer_count(known) == 2


def test_a_transaction_is_the_actors_else_the_owners_else_left_out(known):
    fill(
        known,
        "transactions",
        transaction(1),
        transaction(2, actor_customer_id="k-bob"),
        transaction(3, actor_customer_id="k-ann-2"),
        transaction(4, account_id="A2"),
    )
    found = events(known, "transactions", "amount")
    assert sorted((row["amount"], row["customer"]) for row in found) == [(-300, 0), (-200, 1), (-100, 0)]


def test_codes_leave_as_dictionaries_and_the_product_line_comes_along(known):
    fill(known, "transactions", transaction(1))
    scan = EventScan(STREAM_BY_NAME["transactions"], ("channel", "product_line"))
    (batch,) = event_stream(known, scan, *BANK)
    assert pa.types.is_dictionary(batch.schema.field("channel").type)
    assert batch.schema.field("customer").type == pa.int32()
    (row,) = batch.to_pylist()
    assert (row["channel"], row["product_line"], row["date_only"]) == ("pos", "current_account", False)


def test_all_versions_of_a_corrected_row_are_streamed(known):
    corrected = at("2024-07-05T00:00:00")
    fill(known, "transactions", transaction(1, superseded_time=corrected))
    fill(known, "transactions", transaction(1, amount=-90, known_time=corrected))
    found = events(known, "transactions", "amount")
    assert [(row["amount"], row["known_time"], row["superseded_time"]) for row in found] == [
        (-100, KNOWN, corrected),
        (-90, corrected, None),
    ]


def test_money_in_another_currency_is_told_apart_by_the_banks_own(known):
    fill(known, "transactions", transaction(1), transaction(2, currency="EUR"))
    found = events(known, "transactions", "amount", "home_currency")
    assert [(row["amount"], row["home_currency"]) for row in found] == [(-100, True), (-200, False)]
    scan = EventScan(STREAM_BY_NAME["transactions"], ("amount", "home_currency"))
    (batch,) = event_stream(known, scan, "Europe/Berlin", "EUR", "DE")
    assert sorted((row["amount"], row["home_currency"]) for row in batch.to_pylist()) == [(-200, True), (-100, False)]
    assert accounts_by_currency(known) == {"GBP": 1}


def test_balances_have_the_currency_of_their_account_and_none_without_it(known):
    fill(known, "accounts", {"account_id": "A3", "product_id": "P1", "opened_on": date(2024, 1, 1), "currency": "EUR"})
    party = {"customer_id": "k-ann", "role": "owner", "valid_from": date(2024, 1, 1), "liability_share": 1.0}
    fill(known, "account_parties", party | {"account_id": "A3"}, party | {"account_id": "A4"})
    for account in ("A3", "A4"):
        fill(known, "balances", {"account_id": account, "date": date(2024, 7, 31), "booked": 10, "available": None})
    fill(known, "balances", {"account_id": "A1", "date": date(2024, 7, 31), "booked": 8, "available": None})
    found = events(known, "balances", "booked", "home_currency")
    # A1 is Ann's and Bob's, half each; A4 is in no account file: nobody knows what its money is.
    assert sorted(((row["booked"], row["home_currency"]) for row in found), key=str) == [
        (10, False), (10, None), (4, True), (4, True),
    ]  # fmt: skip


def test_a_joint_balance_is_split_and_a_joint_debt_is_not(known):
    days = ((date(2024, 7, 31), 9, 3), (date(2024, 8, 31), -9, -3), (date(2024, 9, 30), -9, None))
    for day, booked, available in days:
        fill(known, "balances", {"account_id": "A1", "date": day, "booked": booked, "available": available})
    found = events(known, "balances", "available", "booked")
    for customer in (0, 1):  # Ann and Bob; a half is rounded away from zero
        own = sorted((r["booked"], r["available"] or 0) for r in found if r["customer"] == customer)
        assert own == [(-9, -3), (-9, 0), (5, 2)]


def test_abroad_is_outside_the_banks_country(known):
    fill(known, "transactions", transaction(1), transaction(2, country="FR"))
    scan = EventScan(STREAM_BY_NAME["transactions"], ("abroad", "amount", "home_currency"))
    (home,) = event_stream(known, scan, *BANK)
    (away,) = event_stream(known, scan, "Europe/Paris", "EUR", "FR")
    # Two settings at once: each meets its own column.
    assert sorted((row["amount"], row["abroad"]) for row in home.to_pylist()) == [(-200, True), (-100, False)]
    assert sorted((row["amount"], row["abroad"]) for row in away.to_pylist()) == [(-200, False), (-100, True)]
    assert not any(row["home_currency"] for row in away.to_pylist())


def test_a_reversal_has_the_purpose_and_direction_of_what_it_gives_back(known):
    fill(
        known,
        "transactions",
        transaction(1, category="utilities"),
        transaction(2, amount=100, category="returned_payment", reverses_id="T1"),
        transaction(3, amount=300, category="benefits"),
        transaction(4, amount=-300, category="benefits", reverses_id="T3"),
        transaction(5, amount=500),  # a refund refers to nothing
        transaction(6, amount=600, category="returned_payment", reverses_id="T-unheard-of"),
    )
    found = {row["amount"]: row for row in events(known, "transactions", "amount", "purpose", "outgoing")}
    assert {amount: (row["purpose"], row["outgoing"]) for amount, row in found.items()} == {
        -100: ("utilities", True),
        100: ("utilities", True),
        300: ("benefits", False),
        -300: ("benefits", False),
        500: ("groceries", False),
        600: ("returned_payment", True),
    }


def test_a_reversal_is_for_what_its_original_was_known_to_be_for_at_each_time(known):
    reversal_known, corrected = at("2024-07-03T00:00:00"), at("2024-07-05T00:00:00")
    back = {"amount": 100, "category": "returned_payment", "reverses_id": "T1", "known_time": reversal_known}
    fill(known, "transactions", transaction(1, superseded_time=corrected))
    fill(known, "transactions", transaction(1, category="fuel", known_time=corrected))
    fill(known, "transactions", transaction(2, **back))
    found = [row for row in events(known, "transactions", "amount", "purpose") if row["amount"] > 0]
    assert [(row["purpose"], row["known_time"], row["superseded_time"]) for row in found] == [
        ("groceries", reversal_known, corrected),
        ("fuel", corrected, None),
    ]


def test_until_its_original_is_known_a_reversal_is_for_what_it_says_itself(known):
    first, later = at("2024-07-03T00:00:00"), at("2024-07-05T00:00:00")
    back = {"amount": 100, "category": "returned_payment", "reverses_id": "T1", "known_time": first}
    fill(known, "transactions", transaction(1, known_time=later), transaction(2, **back))
    found = [row for row in events(known, "transactions", "amount", "purpose") if row["amount"] > 0]
    assert [(row["purpose"], row["known_time"], row["superseded_time"]) for row in found] == [
        ("returned_payment", first, later),
        ("groceries", later, None),
    ]


def test_a_reversal_that_is_taken_back_is_for_what_the_first_of_the_chain_was_for(known):
    """Paid, returned, presented again and returned again; and a benefit taken back and given after all."""
    fill(
        known,
        "transactions",
        transaction(1, category="utilities"),
        transaction(2, amount=200, category="returned_payment", reverses_id="T1"),
        transaction(3, amount=-300, category="returned_payment", reverses_id="T2"),
        transaction(4, amount=400, category="unknown", reverses_id="T3"),
        transaction(5, amount=500, category="benefits"),
        transaction(6, amount=-600, category="unknown", reverses_id="T5"),
        transaction(7, amount=700, category="unknown", reverses_id="T6"),
        transaction(8, amount=800, category="fuel", reverses_id="T-unheard-of"),
        transaction(9, amount=-900, category="unknown", reverses_id="T8"),
        transaction(10, amount=1000, category="rent", reverses_id="T11"),  # in a circle
        transaction(11, amount=-1100, category="travel", reverses_id="T10"),
        transaction(12, amount=-1200, category="tax", reverses_id="T12"),
    )
    found = {row["amount"]: row for row in events(known, "transactions", "amount", "purpose", "outgoing")}
    assert {amount: (row["purpose"], row["outgoing"]) for amount, row in found.items() if abs(amount) < 1000} == {
        -100: ("utilities", True),
        200: ("utilities", True),
        -300: ("utilities", True),
        400: ("utilities", True),
        500: ("benefits", False),
        -600: ("benefits", False),
        700: ("benefits", False),
        800: ("fuel", True),
        -900: ("fuel", True),
    }
    assert [found[amount]["purpose"] for amount in (1000, -1100, -1200)] == ["travel", "rent", "tax"]


def test_a_reversal_taken_back_is_for_what_the_first_was_known_to_be_for_at_each_time(known):
    """The payment comes to be known on the 5th and is corrected on the 7th; its return was corrected on the 6th."""
    third, fourth, fifth, sixth, seventh = (at(f"2024-07-0{day}T00:00:00") for day in range(3, 8))
    back = {"amount": 200, "reverses_id": "T1"}
    fill(
        known,
        "transactions",
        transaction(1, known_time=fifth, superseded_time=seventh),
        transaction(1, known_time=seventh, category="fuel"),
        transaction(2, known_time=third, superseded_time=sixth, category="returned_payment", **back),
        transaction(2, known_time=sixth, category="unknown", **back),
        transaction(3, known_time=fourth, category="leisure", reverses_id="T2"),
    )
    found = [row for row in events(known, "transactions", "amount", "purpose", "outgoing") if row["amount"] == -300]
    spans = sorted((row["known_time"], row["superseded_time"] or "", row["purpose"]) for row in found)
    assert spans == [
        (fourth, fifth, "returned_payment"),  # what its original said itself
        (fifth, sixth, "groceries"),
        (sixth, seventh, "groceries"),
        (seventh, "", "fuel"),
    ]
    assert all(row["outgoing"] for row in found)


def test_row_conditions_are_bound(known):
    fill(known, "transactions", transaction(1), transaction(2, channel="atm"), transaction(3, merchant_id="M'1"))
    where: tuple[Condition, ...] = (("channel", "in", ("atm", "online")),)
    assert [row["amount"] for row in events(known, "transactions", "amount", where=where)] == [-200]
    where = (("merchant_id", "not null", ()), ("amount", "<=", (-300,)), ("merchant_id", "in", ("M'1",)))
    assert [row["amount"] for row in events(known, "transactions", "amount", where=where)] == [-300]


def test_a_date_happens_at_the_local_midnight_that_starts_it_and_value_is_split_by_share(known):
    fill(known, "balances", {"account_id": "A1", "date": date(2024, 7, 31), "booked": 1001, "available": None})
    found = events(known, "balances", "booked")
    # British summer time is an hour ahead of UTC; half of 1001 is 500.5, rounded away from zero.
    assert [(row["customer"], row["event_time"], row["booked"]) for row in found] == [
        (0, at("2024-07-30T23:00:00"), 501),
        (1, at("2024-07-30T23:00:00"), 501),
    ]


def test_a_party_booked_the_day_after_the_opening_holds_the_account_from_its_first_day(known):
    account = {"account_id": "A3", "product_id": "P1", "opened_on": date(2024, 7, 1), "currency": "GBP"}
    fill(known, "accounts", account)
    party = {"account_id": "A3", "customer_id": "k-ann", "role": "owner", "valid_from": date(2024, 7, 2)}
    fill(known, "account_parties", party | {"liability_share": 1.0})
    fill(known, "transactions", transaction(1, account_id="A3", event_time=at("2024-07-01T09:00:00")))
    opened = [row for row in events(known, "accounts", "product_line") if row["event_time"] > at("2024-06-30")]
    assert [(row["customer"], row["product_line"]) for row in opened] == [(0, "current_account")]
    assert [row["customer"] for row in events(known, "transactions")] == [0]


def test_an_event_is_the_owners_of_its_day_and_a_later_change_does_not_rewrite_the_past(known):
    # On 20 July the bank books that A1 went from Ann to Bob on 10 July.
    booked = at("2024-07-20T00:00:00")
    ann = {"account_id": "A1", "customer_id": "k-ann", "role": "owner", "liability_share": 0.5}
    known.execute("UPDATE account_parties SET superseded_time = ? WHERE customer_id = 'k-ann'", [str(booked)])
    fill(known, "account_parties", ann | {"valid_from": date(2024, 1, 1), "valid_to": date(2024, 7, 10),
                                          "known_time": booked})  # fmt: skip
    fill(
        known,
        "transactions",
        transaction(1, event_time=at("2024-07-09T22:59:00"), known_time=at("2024-07-09T23:00:00")),
        transaction(2, event_time=at("2024-07-09T23:00:00"), known_time=at("2024-07-09T23:00:00")),
        transaction(3, event_time=at("2024-07-21T12:00:00"), known_time=at("2024-07-21T12:00:00")),
    )
    found = events(known, "transactions", "amount")
    # Midnight of the 10th is 23:00 of the 9th in UTC: 1 stays Ann's; 2 was Ann's until it was booked otherwise.
    assert sorted((row["amount"], row["customer"], row["known_time"], row["superseded_time"]) for row in found) == [
        (-300, 1, at("2024-07-21T12:00:00"), None),
        (-200, 0, at("2024-07-09T23:00:00"), booked),
        (-200, 1, booked, None),
        (-100, 0, at("2024-07-09T23:00:00"), None),
    ]


def test_before_its_holder_is_known_a_balance_is_nobodys(known):
    party = {"account_id": "A2", "customer_id": "k-bob", "role": "owner", "valid_from": date(2024, 7, 1)}
    fill(known, "account_parties", party | {"liability_share": 1.0, "known_time": at("2024-09-01")})
    fill(known, "balances", {"account_id": "A2", "date": date(2024, 7, 31), "booked": 7, "available": None})
    assert [(row["customer"], row["known_time"]) for row in events(known, "balances")] == [(1, at("2024-09-01"))]


def test_a_product_line_corrected_later_gives_the_opening_a_second_version(known):
    corrected = at("2024-08-01T00:00:00")
    known.execute("UPDATE products SET superseded_time = ?", [str(corrected)])
    known.execute(
        "INSERT INTO products SELECT * REPLACE ('savings' AS line, CAST(? AS TIMESTAMP) AS known_time,"
        " NULL AS superseded_time) FROM products",
        [str(corrected)],
    )
    found = [row for row in events(known, "accounts", "product_line") if row["customer"] == 0]
    assert [(row["product_line"], row["known_time"], row["superseded_time"]) for row in found] == [
        ("current_account", KNOWN, corrected),
        ("savings", corrected, None),
    ]


def test_an_applicant_told_apart_later_is_a_correction(known):
    corrected = at("2024-08-01T00:00:00")
    request = {"application_id": "P", "product_id": "P1", "channel": "online", "requested_amount": 1,
               "submitted_at": at("2024-07-01T12:00:00"), "event_precision": "second",
               "outcome": "pending"}  # fmt: skip
    fill(known, "applications", request)
    party = {"application_id": "P", "seq": 1}
    fill(known, "application_parties", party | {"customer_id": "k-ann", "superseded_time": corrected})
    fill(known, "application_parties", party | {"customer_id": "k-bob", "known_time": corrected})
    found = events(known, "applications")
    assert [(row["customer"], row["known_time"], row["superseded_time"]) for row in found] == [
        (0, KNOWN, corrected),
        (1, corrected, None),
    ]


def test_debt_counts_in_full_for_each_obligor(known):
    month = {"account_id": "A1", "month_end": date(2024, 7, 31), "balance": 1000, "amount_due": 10, "paid": 10,
             "arrears": 0, "days_past_due": 0, "status": "performing", "forbearance": False,
             "written_off": 0}  # fmt: skip
    fill(known, "credit_months", month)
    assert [(row["customer"], row["balance"]) for row in events(known, "credit_months", "balance")] == [
        (0, 1000),
        (1, 1000),
    ]


def test_every_source_key_is_known_with_its_source_and_first_instant(warehouse):
    person = {"valid_from": date(2024, 1, 1), "family_name": "Ann", "source": "cards"}
    fill(warehouse, "customer_personal", person | {"customer_id": "k-ann"})
    fill(warehouse, "transactions", transaction(1, actor_customer_id="k-new", known_time=at("2024-08-01T00:00:00")))
    micros = int(KNOWN.replace(tzinfo=UTC).timestamp() * 1_000_000)
    later = int(datetime(2024, 8, 1, tzinfo=UTC).timestamp() * 1_000_000)
    assert known_keys(warehouse, NOW) == [
        ("k-ann", "cards", micros),
        ("k-ann-2", "core", micros),
        ("k-bob", "core", micros),
        ("k-new", "core", later),
    ]
    assert [key for key, _, _ in known_keys(warehouse, datetime(2024, 7, 1, tzinfo=UTC))] == [
        "k-ann",
        "k-ann-2",
        "k-bob",
    ]


def test_identifiers_are_those_that_stood_and_had_begun(warehouse):
    rows = [
        {"customer_id": "k-ann", "valid_from": date(2024, 1, 1), "source": "core", "superseded_time": at("2024-02-01")},
        {"customer_id": "k-ann", "valid_from": date(2024, 1, 1), "source": "core", "known_time": at("2024-02-01")},
        {"customer_id": "k-bob", "valid_from": date(2025, 1, 1), "source": "core"},
    ]
    fill(warehouse, "customer_personal", *rows)
    found = identifiers(warehouse, NOW, date(2024, 9, 1)).to_pylist()
    assert [(row["source_key"], row["known_time"]) for row in found] == [("k-ann", at("2024-02-01"))]


def test_a_mapping_that_stays_keeps_the_time_when_it_became_known(known):
    mappings = read_crosswalk(known)
    new = KeyMapping("core", "k-new", date(2024, 9, 1), "C3")
    write_crosswalk(known, [*mappings, new], datetime(2024, 10, 1, tzinfo=UTC))
    times = known.query("SELECT source_key, known_time FROM source_keys ORDER BY 1").to_pylist()
    assert {row["source_key"]: row["known_time"].month for row in times} == {
        "k-ann": 9, "k-ann-2": 9, "k-bob": 9, "k-new": 10,
    }  # fmt: skip
    assert read_crosswalk(known) == tuple(sorted([*mappings, new]))
