"""The customers whom a new user is pointed to are worth looking at, and told why."""

# ruff: noqa: F401, F811 - fixtures come by their names

import pyarrow as pa
import pytest

from bank360.bank.errors import NotReady
from bank360.pipeline.identify import identify
from bank360.pipeline.profile import find_interesting, profile
from bank360.storage.warehouse import Warehouse
from tests.pipeline.profile_bank import NOW, OWN, ZONE, Put, bank, put, scored, warehouse


def test_three_customers_worth_looking_at_are_three_people(bank: Warehouse, put: Put) -> None:
    put("customers", customer_id="c3")
    put("customers", customer_id="c4")
    identify(bank, ZONE, NOW)
    ann, john, risky, thin = (profile(bank, key, NOW, *OWN).customer_id for key in ("c1", "c2", "c3", "c4"))
    scored(bank, (ann, 0.1, False), (john, 0.2, False), (risky, 0.3, False), (thin, 0.25, True))
    features = pa.table({"customer_id": [ann, john, risky], "returned_debits_365d": [0.0, None, 4.0]})
    bank.replace_table("customer_features", features)
    found = find_interesting(bank)
    assert [one.customer_id for one in found] == [risky, ann, john]
    assert "4 direct debits returned" in found[0].why
    assert "2 records found to be one person: core c1, cards k1" in found[1].why
    assert "jointly" in found[2].why


def test_who_is_in_default_is_not_ranked_by_the_probability_of_a_new_request(bank: Warehouse, put: Put) -> None:
    for key in ("c3", "c4", "c5"):
        put("customers", customer_id=key)
    identify(bank, ZONE, NOW)
    risky, lost, thin = (profile(bank, key, NOW, *OWN).customer_id for key in ("c3", "c4", "c5"))
    scored(bank, (risky, 0.3, False), (lost, 0.9, True), (thin, 0.2, True), in_default=(lost,))
    features = pa.table({"customer_id": [risky, lost], "returned_debits_365d": [2.0, 9.0]})
    bank.replace_table("customer_features", features)
    shown = [one.customer_id for one in find_interesting(bank)]
    assert [one for one in shown if one in (risky, lost, thin)] == [risky, thin]


def test_without_scores_nobody_is_interesting_yet(bank: Warehouse) -> None:
    with pytest.raises(NotReady):
        find_interesting(bank)
