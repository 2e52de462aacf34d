# ruff: noqa: F401, F811 - fixtures come by their names
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest

from bank360.bank.errors import NotFound, NotReady
from bank360.features.families import ALL_FEATURES
from bank360.features.needs import all_needs
from bank360.pipeline.identify import identify
from bank360.pipeline.profile import Profile, profile
from bank360.pipeline.profile_blocks import Listing, Value
from bank360.storage.customer_features import customer_ids
from bank360.storage.delivered import store_known_from
from bank360.storage.reads_everyone import ROWS, Moment
from bank360.storage.reads_profile import CustomerRows
from bank360.storage.warehouse import Warehouse
from tests.pipeline.profile_bank import NOTHING_DUE, NOW, OWN, ZONE, Put, at, bank, put, scored, warehouse
from tests.rows import ANN


def value(found: Profile, block: int, name: str) -> Value:
    return next(v for v in found.blocks[block].values if v.name == name)


def listing(found: Profile, block: int, name: str) -> Listing:
    return next(part for part in found.blocks[block].listings if part.name == name)


def test_identity_is_masked_unless_asked_for(bank: Warehouse) -> None:
    hidden, shown = profile(bank, "c1", NOW, *OWN), profile(bank, "c1", NOW, *OWN, reveal=True)
    assert value(hidden, 0, "family_name").value == "M•••"
    assert value(hidden, 0, "family_name").masked
    assert value(shown, 0, "family_name").value == "Marsden"
    text = repr(hidden)
    assert not [v for v in ("Marsden", "Mill Lane", "Bath", "BA1", "home.example", "900123", "1980, 7") if v in text]


def test_a_key_that_is_a_personal_number_is_masked_as_names_are_and_leads_to_its_customer(
    warehouse: Warehouse, put: Put
) -> None:
    # Two IBANs that end alike, and an e-mail address as the customer's key.
    ibans = ("DE89370400440532013000", "NL57RABO0300063000")
    put("products")
    put("customers", customer_id="ann@home.example")
    put("customer_personal", customer_id="ann@home.example", given_name="Ann")
    for iban in (*ibans, "A7"):
        put("accounts", account_id=iban)
        put("account_parties", account_id=iban, customer_id="ann@home.example")
    put(
        "transactions", transaction_id="t1", account_id=ibans[1], event_time=at(2026, 6, 20), amount=-5, category="fuel"
    )
    put("credit_months", account_id=ibans[0], month_end=date(2026, 5, 31), balance=100, **NOTHING_DUE)
    identify(warehouse, ZONE, NOW)
    found = profile(warehouse, "ann@home.example", NOW, *OWN)
    assert not [said for said in (*ibans, "ann@home") if said in repr(found)]
    shown = {row[0] for row in listing(found, 2, "accounts").rows}
    assert shown == {"•••3000", "•••3000 (2)", "A7"}
    assert [row[-1] for row in listing(found, 2, "movements").rows] == ["•••3000 (2)"]  # of the second, everywhere
    assert [row[0] for row in listing(found, 2, "arrears").rows] == ["•••3000"]
    assert [row[1] for row in listing(found, 0, "records").rows] == ["a•••@•••"]
    assert [key.source_key for key in found.keys] == ["a•••@•••"]
    whole = profile(warehouse, found.customer_id, NOW, *OWN, reveal=True)
    assert {row[0] for row in listing(whole, 2, "accounts").rows} == {*ibans, "A7"}
    assert [key.source_key for key in whole.keys] == ["ann@home.example"]


def test_all_records_of_a_merged_customer_count(bank: Warehouse) -> None:
    found = profile(bank, "c1", NOW, *OWN, reveal=True)
    assert {(key.source, key.source_key) for key in found.keys} == {("core", "c1"), ("cards", "k1")}
    # The cards record has no e-mail address: the core record's counts, and says so.
    assert value(found, 0, "email").value == "ann@home.example"
    assert value(found, 0, "email").source == "customer_personal (core)"
    assert {row[0] for row in listing(found, 2, "accounts").rows} == {"own", "joint"}
    assert [(row[0], row[2]) for row in listing(found, 2, "applications").rows] == [
        ("a1", datetime(2026, 3, 1, tzinfo=UTC))
    ]
    assert len(listing(found, 0, "records").rows) == 2


def test_an_application_of_which_only_the_day_is_known_shows_the_day(bank: Warehouse, put: Put) -> None:
    put("applications", application_id="a2", requested_amount=100, submitted_at=at(2026, 6, 14, 23), outcome="pending",
        event_precision="day")  # fmt: skip
    put("application_parties", application_id="a2", seq=1, customer_id="c1")
    rows = listing(profile(bank, "c1", NOW, *OWN), 2, "applications").rows
    assert [(row[0], row[2]) for row in rows] == [("a2", date(2026, 6, 15)), ("a1", datetime(2026, 3, 1, tzinfo=UTC))]


def test_a_customer_is_here_since_the_first_record_and_until_the_last(bank: Warehouse) -> None:
    found = profile(bank, "c1", NOW, *OWN)
    assert value(found, 0, "onboarded_on").value == date(2015, 5, 5)
    assert "left_on" not in {v.name for v in found.blocks[0].values}


def test_the_age_is_taken_on_the_local_day(bank: Warehouse) -> None:
    assert value(profile(bank, "c1", NOW, *OWN), 0, "age").value == 45  # born 2 July 1980: tomorrow 46
    midnight = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)  # 2 July in London
    aged = value(profile(bank, "c1", midnight, *OWN), 0, "age")
    assert aged.value == 46
    # An age is of the instant that it is taken at, however long the birth date has been known.
    assert aged.as_of == midnight
    assert value(profile(bank, "c1", midnight, *OWN), 0, "birth_date").as_of != midnight


def test_credit_is_told_with_what_is_owed_and_its_month_ends_newest_first(bank: Warehouse, put: Put) -> None:
    put("accounts", account_id="house", opened_on=date(2021, 1, 1))
    put("account_parties", account_id="house", customer_id="c1")
    for month in (4, 6, 5):
        for account in ("joint", "house"):
            put(
                "credit_months",
                account_id=account,
                month_end=date(2026, month, 30),
                balance=1_000 - month,
                **NOTHING_DUE,
            )
    put(
        "credit_months",
        account_id="house",
        month_end=date(2026, 3, 31),
        balance=9,
        known_time=at(2026, 7, 2),
        **NOTHING_DUE,
    )
    found = profile(bank, "c1", NOW, *OWN)
    accounts = listing(found, 2, "accounts")
    owed = {row[0]: dict(zip(accounts.columns, row, strict=True)) for row in accounts.rows}
    assert [(owed[one]["balance"], owed[one]["owed"]) for one in ("own", "joint", "house")] == [
        (777, None), (None, 994), (None, 994),
    ]  # fmt: skip
    assert [row[:2] for row in listing(found, 2, "arrears").rows] == [
        (account, date(2026, month, 30)) for month in (6, 5, 4) for account in ("house", "joint")
    ]


def test_a_fact_is_the_latest_that_has_begun(bank: Warehouse) -> None:
    income = value(profile(bank, "c1", NOW, *OWN), 0, "income")
    assert (income.value, income.unit) == (2000.0, "minor units a month")


def test_a_contact_about_a_complaint_is_told_with_its_day_and_when_it_became_known(bank: Warehouse) -> None:
    found = value(profile(bank, "c1", NOW, *OWN), 1, "complained_on")
    assert (found.value, found.source, found.headline) == (date(2026, 6, 1), "interactions", True)
    assert "of 2 in 365 days" in found.label
    assert found.as_of is not None
    later = datetime(2027, 7, 1, tzinfo=UTC)  # more than a year after
    assert value(profile(bank, "c2", NOW, *OWN), 1, "complained_on").value == date(2026, 6, 9)
    assert "complained_on" not in {v.name for v in profile(bank, "c2", later, *OWN).blocks[1].values}


def test_balances_and_movements_are_those_known_before_the_instant(bank: Warehouse) -> None:
    found = profile(bank, "c1", NOW, *OWN)
    accounts = listing(found, 2, "accounts")
    own = dict(zip(accounts.columns, next(row for row in accounts.rows if row[0] == "own"), strict=True))
    assert (own["balance"], own["balance_on"], own["product"]) == (777, date(2026, 5, 31), "Everyday")
    movements = listing(found, 2, "movements")
    amounts = [dict(zip(movements.columns, row, strict=True))["amount"] for row in movements.rows]
    # Not John's line, not the ones known now or tomorrow, not the superseded one; newest first.
    assert amounts == [2000, -500, -700, -1]
    # Booked for a day: local midnight of 30 June is 23:00 UTC the evening before.
    assert movements.rows[0][0] == date(2026, 6, 30)


def test_an_account_whose_product_no_file_describes_is_shown_by_its_products_id(bank: Warehouse) -> None:
    ids = bank.query("SELECT account_id, product_id FROM accounts WHERE superseded_time IS NULL").to_pylist()
    bank.execute("DELETE FROM products")
    accounts = listing(profile(bank, "c1", NOW, *OWN), 2, "accounts")
    shown = {row[0]: dict(zip(accounts.columns, row, strict=True))["product"] for row in accounts.rows}
    assert shown
    assert shown == {row["account_id"]: row["product_id"] for row in ids if row["account_id"] in shown}


def test_accounts_that_went_wrong_come_first_then_open_ones_by_amount_then_closed_ones(
    bank: Warehouse, put: Put
) -> None:
    def account(name: str, closed: date | None = None, why: str | None = None, **state: Any) -> None:
        put("accounts", account_id=name, opened_on=date(2020, 1, 1), closed_on=closed, close_reason=why)
        put("account_parties", account_id=name, customer_id="c1")
        if "booked" in state:
            put("balances", account_id=name, date=date(2026, 5, 31), booked=state["booked"])
        if "limit" in state:
            put("account_terms", account_id=name, credit_limit=state["limit"])
        if "owed" in state:
            put("credit_months", account_id=name, month_end=date(2026, 5, 31), balance=state["owed"],
                credit_limit=state.get("limit"), **(NOTHING_DUE | {"days_past_due": state.get("late", 0)} | {
                    "status": state.get("status", "performing")}))  # fmt: skip

    account("closed", date(2024, 3, 1), "good_standing")
    account("closed later", date(2025, 3, 1), "switched")
    account("savings", booked=900_000)
    account("loan", owed=2_000)
    account("unarranged", booked=-1)
    account("card over limit", owed=501, limit=500)
    account("at the limit", owed=500, limit=500)
    account("30 late", owed=10, late=30)
    account("60 late", owed=10, late=60)
    account("lost", date(2023, 5, 5), "charged_off", owed=0, status="charged_off")
    account("lost later", owed=7, status="charged_off", late=400)
    rows = listing(profile(bank, "c1", NOW, *OWN), 2, "accounts")
    assert [row[0] for row in rows.rows] == [
        "lost later", "lost", "60 late", "30 late", "card over limit", "unarranged", "savings", "loan", "own",
        "at the limit", "joint", "closed later", "closed",
    ]  # fmt: skip
    days = [row[rows.columns.index("charged_off_on")] for row in rows.rows]
    assert days == [date(2026, 5, 31), date(2023, 5, 5), *[None] * 11]


def test_the_last_90_days_are_summed_by_category(bank: Warehouse) -> None:
    categories = listing(profile(bank, "c1", NOW, *OWN), 2, "categories")
    rows = [dict(zip(categories.columns, row, strict=True)) for row in categories.rows]
    assert [(r["category"], r["money_in"], r["money_out"], r["times_out"]) for r in rows] == [
        ("salary", 2000, 0, 0),
        ("groceries", 0, 1200, 2),
    ]


def test_every_value_and_listing_says_where_it_comes_from_and_as_of_when(bank: Warehouse) -> None:
    customer = profile(bank, "c1", NOW, *OWN).customer_id
    nothing = pa.array([None], pa.float64())
    columns = {"as_of": [at(2026, 7, 1, 12)], "spend_90d": [12.0], "cash_90d": [3.0], "income_90d": nothing}
    features = pa.table({"customer_id": [customer]} | columns)
    bank.replace_table("customer_features", features)
    store_known_from(bank, dict.fromkeys(all_needs(ALL_FEATURES), 0))
    found = profile(bank, "c1", NOW, *OWN)
    assert [block.name for block in found.blocks] == ["demographic", "behavioural", "transactional"]
    assert (value(found, 1, "cash_90d").value, value(found, 2, "spend_90d").unit) == (3.0, "minor units")
    assert "income_90d" not in {v.name for v in found.blocks[2].values}, "no value, nothing to show"
    for block in found.blocks:
        parts: list[Value | Listing] = [*block.values, *block.listings]
        for part in parts:
            assert part.source
            assert part.as_of is not None
            assert part.as_of.tzinfo is not None
            assert part.label
    assert found.currency == "GBP"
    # What features add up is the bank's money, whatever the customer's accounts are in.
    assert profile(bank, "c1", NOW, ZONE, "CZK", "CZ").currency == "CZK"


def test_what_the_last_build_did_not_compute_is_not_said_to_be_undelivered(bank: Warehouse) -> None:
    customer = profile(bank, "c1", NOW, *OWN).customer_id
    nothing = pa.array([None], pa.float64())
    bank.replace_table(
        "customer_features",
        pa.table({"customer_id": [customer], "as_of": [at(2026, 7, 1, 12)], "spend_90d": nothing}),
    )
    store_known_from(bank, {})
    shown = {v.name: v.no_data for v in profile(bank, "c1", NOW, *OWN).blocks[2].values}
    assert shown["spend_90d"], "computed, and nothing it needs was there"
    assert "income_90d" not in shown, "declared since the last build"


def test_scores_come_with_their_reasons_in_words(bank: Warehouse) -> None:
    customer = profile(bank, "c1", NOW, *OWN).customer_id
    scored(bank, (customer, 0.2, False))
    bank.replace_table("score_reasons", pa.table({
        "customer_id": [customer] * 2, "model": ["application_pd"] * 2, "version": ["1"] * 2, "rank": [2, 1],
        "as_of": [at(2026, 7, 1)] * 2, "reason": ["R01", "R12"], "contribution": [0.1, 0.4],
    }))  # fmt: skip
    (score,) = profile(bank, "c1", NOW, *OWN).scores
    assert (score.tier, score.probability, score.as_of.tzinfo) == ("high", 0.2, UTC)
    assert [(r.rank, r.wording) for r in score.reasons] == [
        (1, "Returned direct debits or other unpaid items"),
        (2, "Credit bureau score"),
    ]


def test_a_customer_is_found_by_id_by_source_key_and_by_a_retired_id(bank: Warehouse, put: Put) -> None:
    found = profile(bank, "k1", NOW, *OWN)
    assert profile(bank, found.customer_id, NOW, *OWN) == found
    john = profile(bank, "c2", NOW, *OWN).customer_id
    put("customer_personal", customer_id="c2", valid_from=date(2026, 7, 5), known_time=at(2026, 7, 5), **ANN)
    later = datetime(2026, 8, 1, tzinfo=UTC)
    identify(bank, ZONE, later)
    assert profile(bank, john, later, *OWN).customer_id == found.customer_id


def test_nobody_of_that_name_is_said_in_one_line(bank: Warehouse) -> None:
    with pytest.raises(NotFound, match="No customer and no source key is called 'zz'"):
        profile(bank, "zz", NOW, *OWN)


def test_before_identity_has_run_the_remedy_is_named(warehouse: Warehouse) -> None:
    with pytest.raises(NotReady, match="customer_index"):
        profile(warehouse, "c1", NOW, *OWN)


def test_a_loss_on_the_day_on_which_its_parties_ended_is_theirs_alone_and_of_everybody(
    bank: Warehouse, put: Put
) -> None:
    closed = date(2026, 5, 5)
    for name, left in (("with it", closed), ("before", date(2026, 5, 4)), ("never", None)):
        put("accounts", account_id=name, opened_on=date(2020, 1, 1), closed_on=closed, close_reason="charged_off")
        put("account_parties", account_id=name, customer_id="c1", valid_to=left)
    lost = {"with it": closed, "before": None, "never": closed, "own": None, "joint": None}
    found = listing(profile(bank, "c1", NOW, *OWN), 2, "accounts")
    shown = {row[0]: row[found.columns.index("charged_off_on")] for row in found.rows}
    assert shown == lost
    day = date(2026, 7, 1)
    everybody = ROWS["accounts"](bank, Moment(NOW, day, ZONE, NOW, NOW, 10)).to_pylist()
    assert {row["account_id"]: row["charged_off_on"] for row in everybody if row["account_id"] in lost} == lost


def test_of_an_account_that_somebody_left_they_see_what_was_before(bank: Warehouse, put: Put) -> None:
    bank.execute("UPDATE account_parties SET valid_to = '2026-06-20' WHERE account_id = 'joint' AND customer_id = 'c1'")
    put("account_parties", account_id="loan", customer_id="c1", valid_to=date(2026, 6, 20))
    put("accounts", account_id="loan", opened_on=date(2020, 1, 1), closed_on=date(2026, 6, 25), close_reason="repaid")
    for account, day, booked in (("joint", date(2026, 6, 19), 41), ("joint", date(2026, 6, 20), 99)):
        put("balances", account_id=account, date=day, booked=booked)
    for day, late in ((date(2026, 5, 31), 0), (date(2026, 6, 30), 40)):
        put("credit_months", account_id="loan", month_end=day, balance=10, credit_limit=None,
            **(NOTHING_DUE | {"days_past_due": late}))  # fmt: skip
    # Local midnight of 20 June is 23:00 UTC the evening before.
    for name, moment in (("last", at(2026, 6, 19, 22, 59)), ("later", at(2026, 6, 19, 23))):
        put("transactions", transaction_id=name, account_id="joint", event_time=moment, amount=-7, category="fuel")

    found = profile(bank, "c1", NOW, *OWN)
    accounts = listing(found, 2, "accounts")
    shown = {row[0]: dict(zip(accounts.columns, row, strict=True)) for row in accounts.rows}
    assert {name: row["left_on"] for name, row in shown.items()} == {
        "own": None, "joint": date(2026, 6, 20), "loan": date(2026, 6, 20)
    }  # fmt: skip
    assert (shown["joint"]["balance"], shown["loan"]["days_past_due"], shown["loan"]["closed_on"]) == (41, 0, None)
    assert accounts.rows[0][0] == "own"
    assert [row[1] for row in listing(found, 2, "arrears").rows] == [date(2026, 5, 31)]
    moved = listing(found, 2, "movements")
    assert [row[0] for row in moved.rows if row[-1] == "joint"] == [at(2026, 6, 19, 22, 59).replace(tzinfo=UTC)]
    other = listing(profile(bank, "c2", NOW, *OWN), 2, "accounts")
    assert dict(zip(other.columns, other.rows[0], strict=True))["balance"] == 99

    since, day = datetime(2026, 5, 1, tzinfo=UTC), date(2026, 7, 1)
    when = Moment(NOW, day, ZONE, since, since, 10)
    for customer in customer_ids(bank):
        rows = CustomerRows(bank, customer, NOW, day, ZONE)
        alone = {"accounts": rows.accounts(), "arrears": rows.arrears(), "spending": rows.spending(since),
                 "movements": rows.movements(10)}  # fmt: skip
        for section, expected in alone.items():
            everybody = ROWS[section](bank, when).to_pylist()
            assert [row for row in everybody if row.pop("owner") == customer] == expected
