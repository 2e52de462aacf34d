"""What a bank had delivered by an instant, against a loop over every row; and what a version tells of it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank360.bank.calendar import instant
from bank360.bank.errors import NotReady
from bank360.pipeline.find_alerts import RULE_NEEDS
from bank360.pipeline.queue_found import found_in
from bank360.storage import version_schema as v
from bank360.storage.known import (
    CONTACTS,
    LEAVERS,
    LENDING,
    PARTS,
    TOLD,
    Known,
    as_words,
    features_without,
    known_at,
    parts_without,
)
from bank360.storage.ledger import prepare
from bank360.storage.publications import Described, publish_version
from bank360.storage.published import Published, VersionMeta
from bank360.storage.published_lists import OwedByCustomers, found_customers, owed_by_customers
from bank360.storage.version_place import place_of
from bank360.storage.warehouse import open_warehouse
from tests.pipeline.nights import Bank
from tests.storage.test_publications import meta

START = datetime(2024, 3, 1, 8, tzinfo=UTC)
NEEDED = [need for wanted in PARTS.values() for any_of in wanted for need in any_of]


@pytest.fixture
def bank():
    with open_warehouse(Path(":memory:"), 1, "500MB") as warehouse:
        prepare(warehouse)
        yield Bank(warehouse)


@pytest.fixture(scope="module")
def empty():
    """A warehouse without a row."""
    with open_warehouse(Path(":memory:"), 1, "500MB") as warehouse:
        prepare(warehouse)
        yield warehouse


def known(bank, at):
    return known_at(bank.warehouse, (*TOLD, *RULE_NEEDS.values()), instant(at), "GBP", "GB")


def test_a_table_is_known_of_from_after_its_first_row_became_known(bank):
    bank.receive(interactions=[{"interaction_id": "i1", "customer_id": "c1", "at": START}])
    received = bank.now  # 2 March, when its rows became known
    assert known(bank, received).lacks(CONTACTS) == ("rows in 'interactions'",), (
        "what is known then is not known before"
    )
    assert known(bank, received + timedelta(microseconds=1)).of(CONTACTS)
    assert known(bank, received + timedelta(days=1)).lacks(LENDING) == ("rows in 'credit_months'",)


def test_leavers_are_known_by_the_end_of_an_account_or_of_a_party_of_one(bank):
    account, party = {"account_id": "a1"}, {"account_id": "a1", "customer_id": "c1"}
    bank.receive(accounts=[account | {"closed_on": None}], account_parties=[party | {"valid_to": None}])
    at = timedelta(hours=1)
    assert known(bank, bank.now + at).lacks(LEAVERS) == ("accounts.closed_on or account_parties.valid_to",)
    bank.receive(account_parties=[party | {"customer_id": "c2", "valid_to": START.date()}])
    assert known(bank, bank.now + at).of(LEAVERS)


@given(st.dictionaries(st.sampled_from(NEEDED), st.integers(0, 9)), st.integers(0, 9))
def test_a_part_is_known_where_each_of_its_needs_was_met_before(empty, found, at):
    told = known_at(empty, PARTS.values(), at, "GBP", "GB", found)
    for name, wanted in PARTS.items():
        met = all(any(need in found and found[need] < at for need in any_of) for any_of in wanted)
        assert (name not in parts_without(told)) == met


def test_what_is_known_is_kept_with_the_meta_and_comes_back():
    unmet = frozenset({"rows in 'interactions'", "transactions.scheme: direct_debit"})
    kept = replace(meta(1), known=Known(as_words((*TOLD, *RULE_NEEDS.values())), unmet))
    assert VersionMeta.from_json(kept.to_json()) == kept
    assert json.loads(kept.to_json())["known"]["unmet"] == [
        "rows in 'interactions'", "transactions.scheme: direct_debit",
    ]  # fmt: skip


def test_of_a_need_that_nobody_looked_for_it_is_not_said_that_all_of_it_was_delivered():
    known = Known(as_words([CONTACTS]), frozenset())
    assert known.of(CONTACTS)
    for asked in (LENDING, (*CONTACTS, *LENDING)):
        with pytest.raises(NotReady, match="rows in 'credit_months' was not looked for yet\\. Run 'bank360 publish'"):
            known.of(asked)


def test_where_nobody_knows_of_debts_a_version_tells_none(store, tmp_path):
    unmet = frozenset({"rows in 'credit_months'", "rows in 'account_parties'", "rows in 'interactions'"})
    lacking = Known(as_words(TOLD), unmet)

    def fill(new):
        new.about("meta", replace(meta(new.number), known=lacking).to_json())
        new.rows(v.customers, ({
            "customer_id": "c1", "family_key": None, "name": None, "region": None, "probability": 0.2, "tier": "high",
            "thin_file": False, "exposure": 0, "days_past_due": None, "in_default": False, "at_stake": 0,
            "expected_loss": 0, "alerts": 0, "place": 0,
        },))  # fmt: skip
        return Described(new.number, 1)

    place = place_of(store.address, tmp_path / "published")
    publish_version(store, place, fill, 1)
    with Published(store, place) as published, published.current() as version:
        (one,) = found_customers(version).rows
        assert (one.exposure, one.days_past_due, one.at_stake, one.expected_loss) == (None,) * 4
        assert owed_by_customers(version) == OwedByCustomers(None, None)
        (case,) = found_in(version)
        assert (case.source, case.money_at_stake, case.expected_loss) == ("tier", None, None)
        assert set(parts_without(version.meta.known)) == {
            "accounts", "product_lines", "movements", "lending", "contacts", "complaints",
        }  # fmt: skip
        assert features_without(version.meta.known)["past_due_max_365d"] == (
            "rows in 'credit_months'", "rows in 'account_parties'",
        )  # fmt: skip


def test_a_version_of_an_older_format_says_what_to_do():
    older = json.dumps(json.loads(meta(1).to_json()) | {"format": v.FORMAT - 1})
    with pytest.raises(NotReady, match="written by another version of bank360\\. Run 'bank360 publish'"):
        VersionMeta.from_json(older)
