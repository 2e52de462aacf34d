"""Events that arrive now: refused or taken in once, in features at the next request, drained into the warehouse."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from bank360.bank.errors import EventConflict, EventRefused
from bank360.features.compute import compute
from bank360.features.one_history import partitions_in
from bank360.features.spine import Spine
from bank360.pipeline.arrivals import Taken
from bank360.pipeline.desk import packing
from bank360.storage.new_events import arrived_ids, undrained
from tests.pipeline.micro_bank import NOON, NUMERIC, MicroBank, event, process_ends
from tests.rows import fill

HOUR, DAY = 3_600_000_000, 86_400_000_000


@pytest.fixture
def bank(tmp_path):
    made = MicroBank(tmp_path, f"sqlite:///{tmp_path / 'store.sqlite3'}")
    yield made
    made.close()


def same_once_drained(bank):
    """Return both customers' features at five moments, which the warehouse gives to the bit when all is drained."""
    moments = [bank.now, bank.now + 1, bank.now + DAY, bank.now + 9 * DAY, bank.now + 40 * DAY]
    online = {(c, at): bank.features(c, at) for c in ("CA", "CB") for at in moments}
    bank.drain()
    histories = replace(bank.histories(), known_from=None)  # as if every kind of row had been delivered
    for place, customer_id in enumerate(("CA", "CB")):
        ids, places = np.arange(len(moments)), np.full(len(moments), place, dtype=np.int32)
        matrix = compute(histories, Spine(ids, places, np.array(moments)), NUMERIC)
        for row, at in enumerate(moments):
            expected = dict(zip(matrix.names, matrix.values[row].tolist(), strict=True))
            np.testing.assert_equal(online[customer_id, at], expected)
    return online


def same_once_published(bank, online):
    """Hold what was told online before the drain to what is told after the next publish."""
    bank.publish()
    for (customer_id, at), expected in online.items():
        np.testing.assert_equal(bank.features(customer_id, at), expected)


def test_an_event_counts_in_rolling_features_at_the_next_request_and_in_calendar_ones_from_the_next_day(bank):
    bank.publish()
    before = bank.features("CA", bank.now)
    assert bank.take(event()) == Taken(1, 0)
    soon = bank.features("CA", bank.now + 1)
    next_day = bank.features("CA", bank.now + 86_400_000_000)
    assert (before["payments_1h"], soon["payments_1h"], next_day["payments_1h"]) == (0, 1, 0)
    assert (before["transactions_90d"], soon["transactions_90d"], next_day["transactions_90d"]) == (0, 0, 1)
    assert bank.features("CB", bank.now + 1)["payments_1h"] == 0


def test_it_is_seen_only_after_it_arrived(bank):
    bank.publish()
    bank.take(event())
    assert bank.features("CA", bank.now)["payments_1h"] == 0  # known at the very instant: not yet known


def test_online_features_are_those_of_the_warehouse_once_drained(bank):
    """Salaries, a reversal, abroad, another actor and a late event: every feature, at five moments, to the last bit."""
    bank.publish()
    pay = [
        event(n, at=NOON - timedelta(days=7 * k, hours=3), amount=50_000, category="salary", scheme="transfer",
              channel="online", counterparty_token="boss", merchant_id=None)
        for n, k in ((1, 0), (2, 1), (3, 2))
    ]  # fmt: skip
    more = [
        event(4, at=NOON - timedelta(days=3), amount=-2_000, category="gambling"),
        event(5, amount=2_000, reverses_id="E4", category="unknown"),
        event(6, amount=-900, country="FR", channel="online"),
        event(7, who="b", actor_customer_id="a", amount=-100, category="cash", channel="atm", scheme="cash"),
        event(8, who="b", at=NOON - timedelta(days=20), amount=-77),
    ]
    bank.take(*pay, *more)
    online = same_once_drained(bank)
    assert online["CA", bank.now + DAY]["salary_90d"] == 150_000
    same_once_published(bank, online)


def test_a_reversal_that_is_taken_back_counts_online_as_in_the_warehouse(bank):
    """Paid 2,000 to gambling, returned, taken again; the return is published first, then all arrive at once."""
    bank.publish()
    paid = event(1, at=NOON - timedelta(days=3), amount=-2_000, category="gambling")
    returned = event(2, at=NOON - timedelta(days=2), amount=2_000, category="returned_payment", reverses_id="E1")
    again = event(3, at=NOON - timedelta(days=1), amount=-2_000, category="returned_payment", reverses_id="E2")
    bank.take(paid, returned)
    bank.drain()
    bank.now += HOUR
    bank.publish()
    bank.take(again)
    online = same_once_drained(bank)
    assert [online["CA", bank.now + 1][name] for name in ("gambling_90d", "payments_sum_365d")] == [2_000, 2_000]
    chain = [
        event(4, at=NOON - timedelta(days=1), amount=2_000, category="unknown", reverses_id="E3"),
        event(5, at=NOON - timedelta(days=1), amount=-2_000, category="unknown", reverses_id="E4"),
    ]
    bank.take(*chain)
    online = same_once_drained(bank)
    assert online["CA", bank.now + 1]["gambling_90d"] == 2_000
    same_once_published(bank, online)


def test_reversals_in_a_circle_count_online_as_in_the_warehouse(bank):
    """One of itself, two of each other, and two that lead into these: untidy files have such."""
    bank.publish()
    said = ((1, -100, "gambling", "E1"), (2, -2_000, "groceries", "E3"), (3, 30_000, "fuel", "E2"),
            (4, -400_000, "leisure", "E2"), (5, 5_000_000, "rent", "E4"))  # fmt: skip
    bank.take(*(event(n, amount=amount, category=category, reverses_id=of) for n, amount, category, of in said))
    same_once_drained(bank)


def test_a_salary_taken_back_after_the_publish_is_none_from_the_next_request_on(bank):
    """Paid weekly by somebody whom the ledger calls unknown; both ways, to the last bit, before and after the drain."""
    bank.publish()
    pay = {"category": "unknown", "scheme": "transfer", "channel": "online", "merchant_id": None}
    weeks = [NOON - timedelta(weeks=n) for n in (1, 2, 3)]
    bank.take(*(event(n, at=at, amount=50_000, counterparty_token="boss", **pay) for n, at in enumerate(weeks)))
    bank.drain()
    bank.now += HOUR
    bank.publish()
    bank.now += HOUR
    bank.take(event(9, at=NOON + timedelta(hours=1), amount=-50_000, reverses_id="E0", **pay))
    online = same_once_drained(bank)
    said = [[online["CA", at][name] for name in ("salaries_90d", "income_90d")] for at in (bank.now, bank.now + 1)]
    assert said == [[3, 150_000], [0, 0]]  # at the instant at which it came to be known, and just after
    same_once_published(bank, online)


def test_an_event_belongs_to_who_held_its_account_when_it_happened_though_it_arrives_after_the_account_changed_hands(
    bank,
):
    """Ann hands hers to Bob on the 10th and Bob his to her on the 20th, which is known long before; now it is the 15th.

    That of the 7th is hers, that of the 12th Bob's. Of the 21st, before the next publish: the account is hers by then.
    """
    for who, to, day in (("a", "b", "2026-06-10"), ("b", "a", "2026-06-20")):
        bank.warehouse.execute(f"UPDATE account_parties SET valid_to = '{day}' WHERE account_id = 'acc-{who}'")
        party = {"account_id": f"acc-{who}", "customer_id": to, "role": "owner", "valid_from": date.fromisoformat(day)}
        fill(bank.warehouse, "account_parties", party)
    bank.publish()
    bank.take(event(1, at=NOON - timedelta(days=8)), event(2, at=NOON - timedelta(days=3), amount=-300))
    bank.now += 7 * DAY
    bank.take(event(3, who="b", at=NOON + timedelta(days=6), amount=-20))
    online = same_once_drained(bank)
    assert [online[who, bank.now + 1]["spend_30d"] for who in ("CA", "CB")] == [1_020, 300]


# What it was for is known of the transactions of 31 days, and of what arrived since; what a version has is not packed
# anew. Both are right from the next publish on (docs/decisions/0026).
@pytest.mark.xfail(strict=True, reason="the version lists what transactions of the last 31 days were for")
def test_a_reversal_of_what_was_paid_long_ago_gives_back_what_that_was_for(bank):
    bank.bring(event(1, at=NOON - timedelta(days=20), category="gambling"), "file")
    bank.now += 15 * DAY
    bank.publish()
    bank.take(event(2, at=NOON + timedelta(days=14), amount=1_000, category="unknown", reverses_id="E1"))
    same_once_drained(bank)


@pytest.mark.xfail(strict=True, reason="a published history is added to and not packed anew")
def test_a_reversal_that_was_published_before_its_original_arrived_gives_back_what_that_was_for(bank):
    bank.publish()
    bank.take(event(2, amount=1_000, category="unknown", reverses_id="E1"))
    bank.drain()
    bank.now += DAY
    bank.publish()
    bank.take(event(1, category="gambling"))
    same_once_drained(bank)


def test_the_same_event_again_changes_nothing_and_another_under_its_id_is_refused(bank):
    bank.publish()
    assert bank.take(event(), event()) == Taken(1, 1)
    bank.now += 1_000_000
    assert bank.take(event()) == Taken(0, 1)
    with pytest.raises(EventConflict, match="arrived before with other content"):
        bank.take(event(2), event(amount=-1_001))
    with bank.store.reading() as connection:
        assert [one.event_id for one in undrained(connection, 9)] == ["E1"]  # E2 came with it, and neither was taken


def test_what_a_file_brought_and_was_published_is_known_and_another_under_its_id_is_refused(bank):
    """Each part of it counts; neither call adds or supersedes a row of the file's."""
    one = event(1, who="b", actor_customer_id="a", original_amount=-1_100, original_currency="EUR", balance_after=3)
    bank.bring(one, "file")
    bank.publish()
    assert bank.take(one, one) == Taken(0, 2)
    others = [
        {"account_id": "acc-a"}, {"actor_customer_id": None}, {"actor_customer_id": "b"},
        {"event_us": one.event_us - 1}, {"amount": -1_001}, {"channel": "online"}, {"scheme": "transfer"},
        {"category": "gambling"}, {"country": "FR"}, {"merchant_id": None}, {"merchant_id": "M2"},
        {"original_amount": -1_101}, {"original_currency": "USD"},
        {"balance_after": None}, {"reverses_id": "E0"}, {"card_token": ""}, {"terminal_id": "T"}, {"mandate_id": "D"},
        {"counterparty_token": "P"},
    ]  # fmt: skip
    for other in others:
        with pytest.raises(EventConflict, match="The bank has this id with other content"):
            bank.take(event(2), replace(one, **other))
    assert bank.drain().events == 0
    rows = bank.warehouse.query("SELECT transaction_id, superseded_time FROM transactions").to_pylist()
    assert rows == [{"transaction_id": "E1", "superseded_time": None}]


@pytest.mark.parametrize("amount", [-1_000, -1_500])
def test_an_event_between_a_file_and_its_publish_is_a_later_version_of_the_files_row_and_counts_once(bank, amount):
    """The version cannot know of the file: what the event says counts at once, and stands after the drain."""
    bank.publish()
    bank.bring(event(1), "file")
    bank.now += 1_000_000
    assert bank.take(replace(event(1), amount=amount)) == Taken(1, 0)
    assert bank.drain().events == 1
    rows = bank.warehouse.query("SELECT amount, superseded_time FROM transactions ORDER BY known_time").to_pylist()
    assert [row["amount"] for row in rows] == ([-1_000] if amount == -1_000 else [-1_000, -1_500])
    assert [row["superseded_time"] is None for row in rows] == [False] * (len(rows) - 1) + [True]
    tomorrow = bank.now + 86_400_000_000
    online = bank.features("CA", tomorrow)
    assert (online["transactions_90d"], online["spend_90d"]) == (1, -amount)
    bank.publish()
    np.testing.assert_equal(bank.features("CA", tomorrow), online)
    with pytest.raises(EventConflict):  # now it is known, and a correction takes a delivery
        bank.take(replace(event(1), amount=-1_700))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (event(who="nobody"), "names an account that the bank does not have"),
        (event(actor_customer_id="zed"), "names an actor whom the bank does not know"),
        (event(at=NOON + timedelta(microseconds=1)), "happens later than it arrives"),
        (event(at=NOON - timedelta(days=30, microseconds=1)), "more than 30 days ago"),
        (event(category="yachts"), "has a category that is none of the codes"),
        (event(amount=2**60), "has an amount that no account can have"),
    ],
)
def test_an_event_that_cannot_be_is_refused_with_all_of_its_call_and_not_repeated(bank, wrong, said):
    bank.publish()
    with pytest.raises(EventRefused, match=said) as refused:
        bank.take(event(9), wrong)
    assert "yachts" not in str(refused.value)
    with bank.store.reading() as connection:
        assert undrained(connection, 9) == ()


def test_a_drain_that_was_killed_after_its_load_is_done_again_and_doubles_nothing(bank, monkeypatch):
    bank.publish()
    bank.take(event(1), event(2))
    with monkeypatch.context() as patch:
        patch.setattr("bank360.pipeline.drain_events.mark_drained", process_ends)
        with pytest.raises(KeyboardInterrupt):
            bank.drain()
    bank.take(event(3))
    bank.drain()
    assert bank.warehouse.number("SELECT count(*) FROM transactions") == 3
    assert bank.drain().events == 0


def test_an_event_is_forgotten_once_every_version_has_it_and_it_is_too_old_to_arrive_again(bank):
    bank.publish()
    bank.take(event(1, at=NOON - timedelta(days=2)), event(2))
    bank.drain()
    for days, kept in ((0, ["E1", "E2"]), (29, ["E1", "E2"]), (1, ["E2"])):
        bank.now += days * 86_400_000_000
        bank.publish()
        bank.publish()
        bank.publish()
        with bank.store.reading() as connection:
            assert arrived_ids(connection) == kept
        history = partitions_in(bank.history("CA", bank.now + 1), packing())
        assert len(history["transactions"].records) == 2
