"""Laws of features and marts on a small bank made by hand, each held on every engine.

Neighbours: `tests/engines.py` has the engines; `test_build.py`, `test_portfolio.py`, `test_holdings.py` and
`tests/walks/test_nothing_later_moves_a_spine.py` run on each of them too. What an engine cannot do would be a strict
xfail here, with the reason, and a row in docs/how-to/outgrow-one-machine.md.
"""

from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest

from bank360.bank.calendar import day_starts, instant, local_days, to_datetime
from bank360.bank.table import Tag
from bank360.bank.tables_star import DIM_CUSTOMER, FACT_TRANSACTIONS
from bank360.features.families import ALL_FEATURES
from bank360.features.feature import Feature
from bank360.features.history_bytes import customer_bytes, history_of, with_events
from bank360.features.layout import layouts
from bank360.features.needs import all_needs, data_from
from bank360.features.one_customer import describing_one
from bank360.features.one_history import no_events, one_history
from bank360.features.packing import pack
from bank360.features.scan import Entity, entity_of, scan_plan
from bank360.features.spine import Snapshots
from bank360.pipeline.build import events_of, packed_histories
from bank360.pipeline.feature_tables import BEHAVIOUR, lifetime_rows, month_instants, monthly_rows
from bank360.pipeline.holdings import holdings
from bank360.storage.customer_features import customer_ids
from bank360.storage.delivered import known_from
from bank360.storage.holders import owners
from bank360.storage.ledger import prepare
from bank360.storage.reads_holdings import HoldingRows
from bank360.storage.reconciliation import reconciled
from bank360.storage.star import Star
from bank360.storage.star_customers import dim_customer
from bank360.storage.warehouse import open_warehouse
from tests.rows import fill, micros, stored

OWN = ("Europe/London", "GBP", "GB")
LONDON = OWN[0]
PAYMENTS = tuple(
    f for f in ALL_FEATURES
    if isinstance(f, Feature) and entity_of(f) is Entity.CUSTOMER and f.measure.table == "transactions"
)  # fmt: skip
ALL_OF_CUSTOMERS = frozenset(column.name for column in DIM_CUSTOMER.columns)
# The text of a payment stays on this machine.
SENT_OF_FACTS = frozenset(column.name for column in FACT_TRANSACTIONS.columns if Tag.PII not in column.tags)


@pytest.fixture
def bank(tmp_path):
    """Ann owns A, which Bob holds with her, and S alone; known from 2020 on."""
    with open_warehouse(tmp_path / "w.duckdb", 1, "500MB") as warehouse:
        prepare(warehouse)
        people = (("ann", "CA"), ("bob", "CB"))
        fill(warehouse, "source_keys", *({"source": "s", "source_key": k, "customer_id": c} for k, c in people))
        index = pa.table({"customer_id": ["CA", "CB"], "customer": pa.array([0, 1], pa.int32())})
        warehouse.replace_table("customer_index", index)
        fill(warehouse, "customers", *({"customer_id": key, "type": "person"} for key, _ in people))
        lines = (("CUR", "current_account"), ("SAV", "savings"))
        fill(warehouse, "products", *({"product_id": p, "line": one, "family": "deposits"} for p, one in lines))
        accounts = (("A", "CUR"), ("S", "SAV"))
        fill(warehouse, "accounts", *({"account_id": a, "product_id": p, "currency": "GBP"} for a, p in accounts))
        parties = (("A", "ann", "owner"), ("A", "bob", "joint_holder"), ("S", "ann", "owner"))
        fill(warehouse, "account_parties", *({"account_id": a, "customer_id": k, "role": r} for a, k, r in parties))
        yield warehouse


def bought(bank, name, when, amount, known=None, **more):
    at = stored(when)
    row = {"transaction_id": name, "account_id": "A", "event_time": at, "booked_on": at.date(), "amount": -amount}
    row |= {"category": "groceries", "scheme": "card", "channel": "pos", "country": "GB", "currency": "GBP"}
    fill(bank, "transactions", row | {"event_precision": "second", "known_time": stored(known or when)} | more)


def test_what_happened_on_the_3rd_and_became_known_on_the_9th_is_absent_at_the_5th_and_there_at_the_10th(bank, open_on):
    bought(bank, "before", "2024-05-01 12:00", 70)
    bought(bank, "late", "2024-05-03 12:00", 500, "2024-05-09 06:00")
    # On the 20th it turns out that 70 were 7: then, and never before.
    bank.execute("UPDATE transactions SET superseded_time = '2024-05-20' WHERE transaction_id = 'before'")
    bought(bank, "before", "2024-05-01 12:00", 7, "2024-05-20")
    spent = next(f for f in ALL_FEATURES if f.name == "spend_90d")
    as_ofs = np.array([micros(f"2024-05-{day} 00:00") for day in ("05", "09", "10", "20", "21")])
    with open_on(bank, *OWN) as engine:
        matrix = engine.describe(Snapshots(2, as_ofs), (spent,)).matrix
    assert matrix.column("spend_90d").reshape(2, 5).tolist() == [[70, 70, 570, 570, 507], [0, 0, 0, 0, 0]]


def test_what_is_held_is_what_nobody_knew_to_have_ended_by_every_route(bank, open_on):
    """On the 9th it is known that the shared account was closed on the 3rd; on the 12th Ann's savings end that day."""
    fill(bank, "accounts", {"account_id": "nobodys", "closed_on": date(2020, 1, 1)})  # that closings are told is known
    was = "UPDATE accounts SET superseded_time = '{}' WHERE account_id = '{}'"
    for name, product, known, closed in (("A", "CUR", "2024-05-09 06:00", 3), ("S", "SAV", "2024-05-11 06:00", 12)):
        bank.execute(was.format(known, name))
        fill(bank, "accounts", {"account_id": name, "product_id": product, "currency": "GBP",
                                "closed_on": date(2024, 5, closed), "known_time": stored(known)})  # fmt: skip
    held = tuple(f for f in ALL_FEATURES if f.name in ("accounts_held", "product_lines_held"))
    days = ("05-05", "05-09", "05-10", "05-12", "05-13")
    as_ofs = np.array([micros(f"2024-{day} 12:00") if day != "05-09" else micros("2024-05-09 06:00") for day in days])
    with open_on(bank, *OWN) as engine:
        found = engine.describe(Snapshots(2, as_ofs), held).matrix
    for name in ("accounts_held", "product_lines_held"):
        assert found.column(name).reshape(2, 5).tolist() == [[2, 2, 1, 1, 0], [1, 1, 0, 0, 0]]
    histories = packed_histories(bank, *OWN, held)
    packed = {"holdings": layouts(held)["holdings"]}
    describe = describing_one(held, packed, LONDON, data_from(held, histories.known_from))
    for customer, data in enumerate(customer_bytes(histories)):
        online = [describe(history_of(data, packed), at, {})["accounts_held"] for at in as_ofs.tolist()]
        assert online == found.column("accounts_held").reshape(2, 5)[customer].tolist()


def test_a_month_put_in_one_by_one_is_what_the_engine_gives_each_night(bank, open_on):
    draw, start = np.random.default_rng(5), micros("2024-05-01 00:00")
    for number in range(150):
        at = start + int(draw.integers(0, 31 * 24 * 60)) * 60_000_000
        precision = "day" if draw.random() < 0.1 else "second"
        if precision == "day":
            at = int(day_starts(local_days(at, LONDON), LONDON))
        known = at + int(draw.choice([0, 2, 3_600, 86_400, 6 * 86_400])) * 1_000_000 + 1
        happened, told = (str(to_datetime(one).replace(tzinfo=None)) for one in (at, known))
        more = {"channel": ["atm", "pos", "online"][draw.integers(3)], "country": ["GB", "FR"][draw.integers(2)],
                "merchant_id": [None, "m1", "m2", "m3"][draw.integers(4)], "event_precision": precision}  # fmt: skip
        bought(bank, f"t{number}", happened, int(draw.integers(-20_000, 50_000)), told, **more)
    nights = day_starts(local_days(start, LONDON) + np.arange(1, 38), LONDON)
    with open_on(bank, *OWN) as engine:
        found = engine.describe(Snapshots(2, nights), PAYMENTS).matrix
    assert np.isfinite(found.values).mean() > 0.5
    (scan,), layout = scan_plan(PAYMENTS), layouts(PAYMENTS)["transactions"]
    since = data_from(PAYMENTS, known_from(bank, all_needs(PAYMENTS), *OWN[1:]))
    describe = describing_one(PAYMENTS, {"transactions": layout}, LONDON, since)
    events = pa.Table.from_batches(list(events_of(bank, scan, *OWN))).sort_by("known_time").combine_chunks()
    instants = events["known_time"].cast(pa.int64()).to_pylist()
    history, taken = no_events(layout), 0
    for row, night in enumerate(map(int, nights)):
        while taken < len(instants) and instants[taken] < night:
            (one,) = events.slice(taken, 1).to_batches()
            history, taken = with_events(history, layout, pack(one, layout, LONDON)), taken + 1
        online = describe(one_history({"transactions": history}, {"transactions": layout}), night, {})
        wanted = np.array([online[name] for name in found.names])
        assert np.array_equal(np.isnan(wanted), np.isnan(found.values[row]))
        there = ~np.isnan(wanted)
        assert np.array_equal(wanted[there].view(np.int64), found.values[row][there].view(np.int64))
    assert taken == 150


def test_the_monthly_and_the_lifetime_table_hold_what_the_engine_gives_at_their_instants(bank, open_on):
    bought(bank, "in time", "2024-05-31 22:59", 500, "2024-06-05 22:00")
    bought(bank, "next month", "2024-05-31 23:00", 70)
    bought(bank, "late", "2024-05-10 12:00", 9000, "2024-06-05 23:00")
    bought(bank, "bobs", "2024-06-10 12:00", 30, actor_customer_id="bob")
    now = "2024-07-20 12:00"
    as_of = datetime.fromisoformat(now).replace(tzinfo=UTC)
    versions = dim_customer(bank, as_of, ALL_OF_CUSTOMERS)
    ids, histories = customer_ids(bank), packed_histories(bank, *OWN, BEHAVIOUR, 1)
    starts, instants = month_instants(micros("2024-04-10 12:00"), micros(now), LONDON)
    monthly = [r for b in monthly_rows(histories, starts, instants, ids, versions, 1) for r in b.to_pylist()]
    lifetime = [r for b in lifetime_rows(histories, micros(now), ids, versions, 1) for r in b.to_pylist()]
    with open_on(bank, *OWN) as engine:
        for rows, at in ((monthly, instants), (lifetime, np.array([micros(now)]))):
            matrix = engine.describe(Snapshots(2, at), BEHAVIOUR).matrix
            assert len(rows) == 2 * len(at)  # ordered by customer, then by month, as snapshots are
            for row, values in zip(rows, matrix.values, strict=True):
                shown = {n: None if np.isnan(v) else v for n, v in zip(matrix.names, values, strict=True) if n in row}
                assert shown == {name: row[name] for name in shown}
                assert len(shown) > 10
    assert [row["spend_month"] for row in monthly] == [None, 500, 70, None, 0, 30]
    assert [row["spend_lifetime"] for row in lifetime] == [9570, 30]


def test_the_star_schema_gives_a_joint_account_to_both_and_each_payment_to_one(bank, open_on):
    bought(bank, "anns", "2024-05-10 12:00", 500)
    bought(bank, "bobs", "2024-05-11 12:00", 30, actor_customer_id="bob")
    as_of = datetime(2024, 7, 20, 12, tzinfo=UTC)
    customers, acting = dim_customer(bank, as_of, ALL_OF_CUSTOMERS), owners(bank, LONDON)
    with open_on(bank, *OWN) as engine:
        star = Star(engine.tables, as_of, as_of.date(), LONDON, customers, acting)
        facts = [row for batch in star.facts(SENT_OF_FACTS) for row in batch.to_pylist()]
        assert [(row["account_id"], row["holders"]) for row in star.accounts().to_pylist()] == [("A", 2), ("S", 1)]
    assert [(row["customer_id"], row["amount"]) for row in facts] == [("CA", -500), ("CB", -30)]


def test_a_joint_account_is_held_by_both(bank, open_on):
    with open_on(bank, *OWN) as engine:
        rows = HoldingRows(engine.tables, datetime(2024, 7, 20, 12, tzinfo=UTC), date(2024, 7, 20), "GBP")
        found = rows.by_line().to_pylist()
    assert [tuple(row.values()) for row in found] == [("current_account", 2, 2), ("savings", 1, 1)]


def test_the_money_of_a_joint_account_counts_once(bank, open_on):
    fill(bank, "balances", {"account_id": "A", "date": date(2023, 5, 31), "booked": 1_000})
    bank.replace_table(
        "customer_features",
        pa.table({"customer_id": ["CA", "CB"], "salaries_90d": [3, 0], "pension_90d": [0, 0], "benefits_90d": [0, 0]}),
    )
    at = instant(datetime(2024, 7, 20, 12, tzinfo=UTC))
    with open_on(bank, *OWN) as engine:
        found = holdings(engine.tables, at, LONDON, "GBP")
    assert (found.customers, found.main_bank, found.booked) == (2, 1, 1_000)


def test_a_salary_is_income_whatever_it_is_called_and_none_once_it_is_known_to_be_taken_back(bank, open_on):
    pay = {"category": "other_transfer", "scheme": "transfer", "channel": "system", "counterparty_token": "firm"}
    # On the 19th of each month: 19 September 2022 was the one day of a bank holiday, 19 November a Saturday.
    for number, day in enumerate(("08-19", "09-16", "10-19", "11-18")):
        bought(bank, f"pay {number}", f"2022-{day} 06:00", -200_000, **pay)
    bought(bank, "back", "2022-11-21 06:00", 200_000, "2022-11-23 06:00", reverses_id="pay 3", category="unknown")
    bought(bank, "back", "2022-11-21 06:00", 0, "2022-11-28 06:00", reverses_id="pay 3", category="unknown")
    bank.execute(
        "UPDATE transactions SET superseded_time = '2022-11-28 06:00' WHERE transaction_id = 'back' AND amount < 0"
    )
    names = ("salaries_90d", "salary_90d", "income_90d", "payments_sum_365d")
    features = tuple(f for f in ALL_FEATURES if f.name in names)
    days = ("10-19 05:00", "10-20 05:00", "11-22 05:00", "11-24 05:00", "11-29 05:00")
    with open_on(bank, *OWN) as engine:
        matrix = engine.describe(Snapshots(2, np.array([micros(f"2022-{day}") for day in days])), features).matrix
    found = np.column_stack([matrix.column(name) for name in names])[: len(days)].tolist()
    assert found == [  # before the third, with it, with the fourth, while that was said to be taken back, and after
        [0, 0, 0, 0], [3, 600_000, 600_000, 0], [3, 600_000, 600_000, 0], [2, 400_000, 400_000, 0],
        [3, 600_000, 600_000, 0],
    ]  # fmt: skip


def test_a_payment_that_comes_back_and_is_presented_again_is_one_payment_for_what_it_was_for(bank, open_on):
    """Returned on the 11th and presented again on the 15th, for groceries, whatever the ledger calls the two."""
    bought(bank, "paid", "2024-05-10 12:00", 900, category="groceries")
    bought(bank, "back", "2024-05-11 12:00", -900, category="returned_payment", reverses_id="paid")
    bought(bank, "again", "2024-05-15 12:00", 900, category="returned_payment", reverses_id="back")
    features = tuple(f for f in ALL_FEATURES if f.name in ("essential_spend_90d", "payments_sum_365d"))
    as_ofs = np.array([micros(f"2024-05-{day} 00:00") for day in (11, 12, 16)])
    with open_on(bank, *OWN) as engine:
        matrix = engine.describe(Snapshots(2, as_ofs), features).matrix
    for feature in features:
        assert matrix.column(feature.name)[:3].tolist() == [900, 0, 900]


def test_what_a_joint_account_holds_is_split_and_what_it_owes_is_owed_by_each_in_full(bank, open_on):
    bank.execute("UPDATE account_parties SET liability_share = CASE customer_id WHEN 'bob' THEN 0.25 ELSE 0.75 END")
    rows = ((date(2024, 5, 31), 1_000, 1_400), (date(2024, 6, 30), -6_000, -200))
    names = ("account_id", "date", "booked", "available")
    fill(bank, "balances", *(dict(zip(names, ("A", *row), strict=True)) for row in rows))
    wanted = ("balance_min_180d", "balance_mean_90d", "available_min_90d")
    features = tuple(f for f in ALL_FEATURES if f.name in wanted)
    as_ofs = np.array([micros("2024-06-10 00:00"), micros("2024-07-10 00:00")])
    with open_on(bank, *OWN) as engine:
        matrix = engine.describe(Snapshots(2, as_ofs), features).matrix
    found = {name: matrix.column(name).reshape(2, 2).tolist() for name in wanted}
    assert found == {  # Ann's rows, then Bob's: before the debt, and after it
        "balance_min_180d": [[750, -6_000], [250, -6_000]],
        "balance_mean_90d": [[750, (750 - 6_000) / 2], [250, (250 - 6_000) / 2]],
        "available_min_90d": [[1_050, -200], [350, -200]],
    }


def test_a_balance_that_does_not_follow_from_its_movements_differs_to_the_minor_unit(bank, open_on):
    for day in (1, 20):
        bought(bank, f"t{day}", f"2024-05-{day:02} 12:00", 500)
    stated = ((1, 1_000), (10, 1_000), (20, 501))
    fill(bank, "balances", *({"account_id": "A", "date": date(2024, 5, d), "booked": b} for d, b in stated))
    with open_on(bank, *OWN) as engine:
        balances, _ = reconciled(engine.tables, LONDON)
    assert (balances.compared, balances.differing) == (2, 1)
    assert [(one.stated, one.moved) for one in balances.differences] == [(-499, -500)]
