"""What a build stores of merchants and terminals is what loops over the rows give at its instant, and nothing later.

Banks are the untidy ones of `test_place_histories.py`: versions of payments and cases that come and go.
"""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank360.bank.calendar import MICROS_PER_DAY
from bank360.bank.errors import NotReady
from bank360.features.needs import all_needs, without_data
from bank360.features.place_tables import PLACE_FEATURES, TABLE_OF
from bank360.features.scan import Entity
from bank360.pipeline.described import one_machine
from bank360.pipeline.place_features import place_features
from bank360.pipeline.riskiest_places import riskiest_places
from bank360.storage.delivered import known_from, store_known_from
from bank360.storage.place_features import store_place_features, stored_place_features
from tests.features.untidy import START, ZONE
from tests.pipeline.test_place_histories import (
    BANKS,
    ENTITY,
    HOUR,
    SETTINGS,
    by_loops,
    empty_warehouse,
    holding,
    stands,
)

OWN = (ZONE, "GBP", "GB")
# Payments lie in the first four days: some nights see them whole, others the frauds of a year alone, the last nothing.
FEW = settings(SETTINGS, max_examples=15)
NIGHTS = st.sampled_from([3, 9, 16, 40, 41, 200, 370]).map(lambda days: START + days * MICROS_PER_DAY + 5 * HOUR)


def rows(bank, entity, as_of):
    """Return the stored rows of a night on a bank."""
    warehouse = holding(bank)
    describe = one_machine(warehouse, *OWN, lambda: pytest.fail("no customer is asked for"), 1).describe
    table, _ = place_features(warehouse, describe, entity, as_of)
    assert store_place_features(warehouse, entity, table) == len(table)
    stored = stored_place_features(warehouse, entity)
    assert [(f.name, f.type) for f in stored.schema] == [(f.name, f.type) for f in TABLE_OF[entity].arrow_schema]
    return stored.to_pylist()


@FEW
@given(bank=BANKS, entity=ENTITY, as_of=NIGHTS)
def test_what_is_stored_is_what_loops_give_at_that_night_of_each_place_that_a_standing_payment_names(
    bank, entity, as_of
):
    found = rows(bank, entity, as_of)
    named = {row[entity.key] for row in bank[0] if row[entity.key] is not None and stands(row, as_of)}
    assert [row[entity.key] for row in found] == sorted(named)
    features = PLACE_FEATURES[entity]
    nothing = without_data(features, known_from(empty_warehouse(), all_needs(features), *OWN[1:]), as_of)
    for row in found:
        assert row["as_of"] == datetime.fromtimestamp(as_of / 1e6, UTC).replace(tzinfo=None)
        wanted = by_loops(bank, entity, row[entity.key], as_of, features)
        for feature in features:
            value = np.nan if row[feature.name] is None else row[feature.name]
            np.testing.assert_equal(value, np.nan if feature.name in nothing else wanted[feature.name], feature.name)


@FEW
@given(bank=BANKS, entity=ENTITY, as_of=NIGHTS)
def test_what_becomes_known_at_the_night_or_later_moves_nothing_that_is_stored(bank, entity, as_of):
    def known(row):
        return row | {"superseded": row["superseded"] if row["superseded"] and row["superseded"] < as_of else None}

    then = tuple([known(row) for row in side if row["known"] < as_of] for side in bank)
    # A fraud of every payment, reported at the very instant, and a payment that comes then at a place unheard of.
    later = [
        {"case_id": f"later {n}", "subject": f"t{n}", "kind": "card", "outcome": "confirmed", "closed": None,
         "known": as_of, "superseded": None}
        for n in range(5)
    ]  # fmt: skip
    new = [row | {"transaction_id": "new", "merchant_id": "new", "terminal_id": "new", "known": as_of,
                  "superseded": None} for row in bank[0][:1]]  # fmt: skip
    assert rows((bank[0] + new, bank[1] + later), entity, as_of) == rows(then, entity, as_of)


def bank_of(*places):
    """Return a bank by ``(place, payments, frauds, days ago)``; each fraud was confirmed a day after its payment."""
    payments, cases = [], []
    for place, many, frauds, ago in places:
        at = START + (400 - ago) * MICROS_PER_DAY
        for n in range(many):
            name = f"{place} {n}"
            payments.append({"transaction_id": name, "at": at, "event_precision": "second", "amount": -5,
                             "account_id": "a", "merchant_id": place, "terminal_id": None, "scheme": "card",
                             "currency": "GBP", "reverses_id": None, "known": at, "superseded": None})  # fmt: skip
            if n < frauds:
                cases.append({"case_id": name, "subject": name, "kind": "card", "outcome": "confirmed", "closed": None,
                              "known": at + MICROS_PER_DAY, "superseded": None})  # fmt: skip
    return payments, cases


def listed(bank, most=9):
    warehouse, as_of = holding(bank), START + 400 * MICROS_PER_DAY
    describe = one_machine(warehouse, *OWN, lambda: pytest.fail("no customer is asked for"), 1).describe
    table, known = place_features(warehouse, describe, Entity.MERCHANT, as_of)
    store_place_features(warehouse, Entity.MERCHANT, table)
    store_known_from(warehouse, known)
    return riskiest_places(warehouse, Entity.MERCHANT, most)


def test_the_riskiest_are_those_of_whose_share_most_is_certain_then_those_with_a_fraud_of_the_year():
    found = listed(bank_of(("once", 1, 1, 20), ("often", 4, 3, 20), ("clean", 50, 0, 20), ("fresh", 2, 1, 3),
                           ("old", 3, 1, 100), ("forgotten", 9, 9, 380)))  # fmt: skip
    # Three of four: Beta(3.5, 1.5) is over 0.28 but for 2.5 %; one of one: Beta(1.5, 0.5) over 0.15.
    assert [(one.id, one.frauds, one.payments, one.share, one.days_since) for one in found.places] == [
        ("often", 3, 4, 0.75, 20),
        ("once", 1, 1, 1.0, 20),
        ("fresh", 0, 0, None, 3),  # too fresh for a share: not all of its frauds are reported yet
        ("old", 0, 0, None, 100),
    ]
    assert [round(one.at_least, 2) for one in found.places] == [0.28, 0.15, 0, 0]
    assert (found.described, found.with_fraud, found.no_data) == (6, 4, ())
    assert [one.id for one in listed(bank_of(("a", 1, 1, 20), ("b", 2, 2, 20)), most=1).places] == ["b"]


def test_a_trader_whose_name_is_an_account_number_is_masked():
    (one,) = listed(bank_of(("DE89370400440532013000", 2, 1, 20))).places
    assert one.id == "•••3000"


def test_a_bank_that_delivers_no_cases_is_told_so_and_one_without_merchants_too():
    found = listed(bank_of(("a", 5, 0, 20)))
    assert (found.described, found.with_fraud, found.places) == (1, 0, ())
    assert found.no_data == ("fraud_cases.kind: card", "fraud_cases.outcome: confirmed")
    assert listed(([], [])).as_of is None


def test_before_a_build_the_command_to_run_is_named():
    warehouse = holding(([], []))
    warehouse.execute("DROP TABLE IF EXISTS terminal_features")
    with pytest.raises(NotReady, match=r"no table 'terminal_features'\. Run 'bank360 build' first"):
        stored_place_features(warehouse, Entity.TERMINAL)
