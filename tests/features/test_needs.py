"""A feature has no value at an instant before which what it needs was not delivered; every other value is untouched."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bank360.bank.vocabulary import Category
from bank360.features.compute import compute, compute_in_parts
from bank360.features.families import ALL_FEATURES
from bank360.features.feature import Calendar, Derived, Feature, Measure
from bank360.features.needs import Need, all_needs, data_from, needs, said, without_data
from bank360.features.ops import Op
from bank360.features.packing import NEVER
from bank360.features.spine import Snapshots, Spine
from tests.features import untidy
from tests.features.bits import assert_same_bits

BY_NAME = {feature.name: feature for feature in ALL_FEATURES}
HELD = (Need("transactions", "actor_customer_id"), Need("account_parties"))


def of(name):
    return needs(BY_NAME[name], BY_NAME)


def test_a_sum_of_money_needs_rows_an_owner_one_of_its_codes_and_the_banks_currency():
    assert of("gambling_90d") == (
        (Need("transactions"),),
        HELD,
        (Need("transactions", "category", (Category.GAMBLING,)),),
        (Need("transactions", "currency", against="same"),),
    )


def test_a_balance_needs_products_and_accounts_to_know_its_line_and_currency():
    assert of("savings_mean_90d") == (
        (Need("balances"),),
        (Need("account_parties"),),
        (Need("accounts"),),
        (Need("products", "line", ("savings",)),),
        (Need("accounts", "currency", against="same"),),
    )


def test_what_is_derived_needs_what_its_inputs_need_once():
    assert set(of("gambling_share_90d")) == {*of("gambling_90d"), *of("spend_90d")}
    assert len(set(of("gambling_share_90d"))) == len(of("gambling_share_90d"))


def test_velocity_and_night_need_a_time_of_day_and_abroad_a_country_other_than_the_banks_own():
    timed = (Need("transactions", "event_precision", ("second",)),)
    assert timed in of("payments_1h")
    assert timed in of("night_purchases_90d")
    assert timed not in of("transactions_90d")
    assert (Need("applications", "event_precision", ("second",)),) in of("applications_24h")
    assert of("applications_90d") == ((Need("applications"),), (Need("application_parties", "customer_id"),))
    assert (Need("transactions", "country", against="other"),) in of("abroad_365d")


def test_a_need_is_met_by_any_of_its_alternatives_and_the_latest_need_decides():
    by_account, category, rows = HELD[1], Need("transactions", "category", ("cash",)), Need("transactions")
    feature = BY_NAME["withdrawals_90d"]
    assert of("withdrawals_90d") == ((rows,), HELD, (category,))
    known = {rows: 10, by_account: 30, HELD[0]: 20, category: 15}
    assert data_from([feature], known) == {"withdrawals_90d": 20}
    assert data_from([feature], {rows: 10, by_account: 30}) == {"withdrawals_90d": NEVER}
    assert without_data([feature], known, 20) == {"withdrawals_90d": (HELD,)}  # known at the instant is not before it
    assert without_data([feature], known, 21) == {}


def test_what_is_missing_is_said_in_words():
    assert [said(one) for one in of("withdrawals_90d")] == [
        "rows in 'transactions'",
        "transactions.actor_customer_id or rows in 'account_parties'",
        "transactions.category: cash",
    ]
    assert (
        said((Need("transactions", "country", against="other"),)) == "transactions.country: other than the bank's own"
    )


COUNTED = Measure("movement", "transactions", None, "a movement", "count")
CASH = Measure("cash", "transactions", "amount", "cash", "minor units", where=(("channel", "in", ("atm",)),), limit=50)
FEATURES: tuple[Feature | Derived, ...] = (
    Feature("movements", COUNTED, Op.COUNT, Calendar(30), "count", "movements"),
    Feature("cash", CASH, Op.SUM, Calendar(30), "minor units", "cash"),
    Derived("mean", "ratio", ("cash", "movements"), "minor units", "cash a movement"),
)
NEEDS = all_needs(FEATURES)
KNOWN = st.dictionaries(st.sampled_from(NEEDS), untidy.times())


@settings(max_examples=25, deadline=None)
@given(st.lists(untidy.events(), max_size=12), untidy.spines(), KNOWN)
def test_values_are_those_of_everything_delivered_but_for_what_was_not_yet(events, spine, known):
    """By every route: an arbitrary spine, snapshots, in parts, and one customer alone."""
    whole = untidy.histories_of([untidy.batch_of(events)], FEATURES)
    told = replace(whole, known_from=known)
    last = data_from(FEATURES, known)
    customers, as_ofs = (np.array([row[k] for row in spine], dtype=np.int64) for k in (0, 1))
    rows = Spine(np.arange(len(spine)), customers.astype(np.int32), as_ofs)
    instants = np.unique(as_ofs)
    for asked, at in (
        (rows, as_ofs),
        (Snapshots(untidy.N_CUSTOMERS, instants), np.tile(instants, untidy.N_CUSTOMERS)),
    ):
        expected = compute(whole, asked, FEATURES).values.copy()
        for j, feature in enumerate(FEATURES):
            expected[at <= last[feature.name], j] = np.nan
        found = compute(told, asked, FEATURES).values
        assert_same_bits(found, expected)
        for part in compute_in_parts(told, asked, FEATURES):
            assert_same_bits(part.values, expected[part.rows])
    for customer in range(untidy.N_CUSTOMERS):
        alone = compute(told.customer(customer), Snapshots(1, instants), FEATURES).values
        together = compute(told, Snapshots(untidy.N_CUSTOMERS, instants), FEATURES).values
        assert_same_bits(alone, together[customer * len(instants) : (customer + 1) * len(instants)])
