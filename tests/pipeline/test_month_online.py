"""A month of events by the API, published each working night: what is asked online is what the night gives, to the bit.

Each event is taken in when it becomes known, and asked about from the published version and what arrived since, as a
decision asks. Files bring corrections meanwhile. In the end the warehouse has it all, and describes the same moments.
Neighbours: `test_arriving_events.py` has one case of each, `tests/features/test_replayed_month.py` the kernel alone.
"""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from bank360.bank.calendar import MICROS_PER_DAY, day_starts, instant, local_days, to_date, to_datetime
from bank360.features.compute import compute
from bank360.features.feature import Feature
from bank360.features.one_customer import describing_one
from bank360.features.spine import Snapshots
from bank360.pipeline.desk import packing
from bank360.pipeline.take_events import ArrivedEvent
from tests.features.bits import assert_same_bits
from tests.pipeline.micro_bank import NUMERIC, MicroBank
from tests.rows import fill

ZONE = "Europe/London"
# Clocks go forward on the 29th, Good Friday is on 3 April, Easter Monday on the 6th.
START = instant(datetime(2026, 3, 15, tzinfo=UTC))
MIDNIGHTS = [int(night) for night in day_starts(local_days(START, ZONE) + np.arange(31), ZONE)]
NIGHTS = [night for night in MIDNIGHTS if to_date(int(local_days([night], ZONE)[0])).weekday() < 5]
MINUTE, HOUR = 60_000_000, 3_600_000_000
CURRENCY = {"acc-a": "GBP", "acc-b": "GBP", "joint": "GBP", "euros": "EUR"}
BOUGHT = (
    ("groceries", "pos", "card"), ("restaurants", "pos", "card"), ("travel", "pos", "card"), ("cash", "atm", "cash"),
    ("gambling", "online", "card"), ("shopping", "mobile", "card"), ("utilities", "online", "direct_debit"),
    ("fee", "system", "fee"), ("own_transfer", "online", "transfer"), ("rent", "branch", "transfer"),
    ("insurance_premium", "phone", "card"),
)  # fmt: skip
RECEIVED = ("benefits", "pension", "returned_payment", "shopping", "other_income")
WEEKLY = ("03-06", "03-13", "03-20", "03-27", "04-02", "04-10")  # what is due on Good Friday comes on Thursday
MONTHLY = ("02-04", "03-04", "04-02")  # so does what is due on the Saturday after


def bought(draw, number, at):
    """Return a payment: mostly by the account's owner, some abroad, some in euros, at any hour."""
    category, channel, scheme = BOUGHT[draw.integers(len(BOUGHT))]
    account = list(CURRENCY)[draw.integers(len(CURRENCY))]
    actor = [None, "a", "b"][draw.integers(3)] if account == "joint" or draw.random() < 0.1 else None
    country = ["GB", "GB", "FR", "ES" if number < 1_000 else "GB"][draw.integers(4)]
    merchant = [None, f"m{number % 50}"][draw.integers(2)]
    return ArrivedEvent(
        f"E{number}", account, at, -int(draw.integers(1, 90_000)), CURRENCY[account], channel, scheme, category,
        country, actor, merchant_id=merchant,
    )  # fmt: skip


def received(number, account, at, amount, category, payer=None):
    return ArrivedEvent(
        f"E{number}", account, at, amount, "GBP", "online", "transfer", category, "GB", counterparty_token=payer
    )


def wages():
    """Return Ann's by the week and Bob's by the month, half of them without a category that says so."""
    of = [("acc-a", 60_000, "boss", day) for day in WEEKLY] + [("acc-b", 210_000, "mill", day) for day in MONTHLY]
    for number, (account, amount, payer, day) in enumerate(of, 1_000):
        at = instant(datetime.fromisoformat(f"2026-{day} 03:00").replace(tzinfo=UTC))
        yield received(number, account, at, amount + number, ("salary", "unknown")[number % 2], payer)


def month():
    """Return (known, event) by arrival: at once or up to 20 days late, some sent back, at once or days later."""
    draw, told = np.random.default_rng(3), []
    for number in range(240):
        at = START + int(draw.integers(0, 30 * 24 * 60)) * MINUTE
        late = int(draw.choice([0, 0, 1, 3_600, 86_400, 6 * 86_400, 20 * 86_400])) * 1_000_000
        told.append((at + late, bought(draw, number, at)))
    for number, (known, one) in enumerate(told[:60:3], 300):
        back = known + int(draw.choice([0, HOUR, MICROS_PER_DAY, 8 * MICROS_PER_DAY]))
        said = {"amount": -one.amount, "category": ("unknown", one.category)[number % 2]}
        changed = replace(one, transaction_id=f"E{number}", event_us=back, reverses_id=one.transaction_id, **said)
        told.append((back, changed))
    for number in range(400, 440):
        at = START + int(draw.integers(0, 30 * 24 * 60)) * MINUTE
        account = ("acc-a", "acc-b", "joint")[number % 3]
        told.append((at + 1, received(number, account, at, 1_000 + number, RECEIVED[number % len(RECEIVED)])))
    told += [(one.event_us + MINUTE, one) for one in wages() if one.event_us >= START]
    told.append((NIGHTS[9], bought(draw, 500, NIGHTS[9])))  # known at the very night, which does not know it yet
    return sorted((row for row in told if row[0] < NIGHTS[-1]), key=lambda row: row[0])


def delivered(one):
    """Return an event as a row of the warehouse, known when it happened."""
    at = to_datetime(one.event_us).replace(tzinfo=None)
    row = vars(one) | {"event_time": at, "known_time": at, "booked_on": at.date(), "event_precision": "second"}
    return {name: value for name, value in row.items() if name != "event_us"}


@pytest.fixture
def bank(tmp_path):
    """Ann and Bob, an account that both hold and one in euros; what they did in 200 days before came by file."""
    made = MicroBank(tmp_path, f"sqlite:///{tmp_path / 'store.sqlite3'}")
    accounts = [{"account_id": name, "product_id": "CUR", "currency": CURRENCY[name]} for name in ("joint", "euros")]
    fill(made.warehouse, "accounts", *accounts)
    for account, who, role in (("joint", "a", "owner"), ("joint", "b", "joint_holder"), ("euros", "b", "owner")):
        fill(made.warehouse, "account_parties", {"account_id": account, "customer_id": who, "role": role})
    draw = np.random.default_rng(7)
    before = [bought(draw, 2_000 + n, START - int(draw.integers(1, 200 * 24 * 60)) * MINUTE) for n in range(200)]
    for number, kind in enumerate(RECEIVED):
        before.append(received(3_000 + number, "acc-a", START - (80 + 20 * number) * MICROS_PER_DAY, 100, kind))
    before += [one for one in wages() if one.event_us < START]
    fill(made.warehouse, "transactions", *map(delivered, before))
    yield made
    made.close()


def asked(bank, at):
    """Return the features of Ann and of Bob as a decision would have them at an instant."""
    with bank.published.current() as version:
        describe = describing_one(NUMERIC, packing(), ZONE, version.meta.data_from)
    return [describe(bank.history(customer_id, at), at, {}) for customer_id in ("CA", "CB")]


def of_transactions():
    """Return the names of all features that what arrived may move: of transactions, of salaries, and derived."""
    by_name = {feature.name: feature for feature in NUMERIC}
    streams = {"transactions", "income"}

    def moves(feature):
        if isinstance(feature, Feature):
            return feature.measure.table in streams
        return all(moves(by_name[name]) for name in feature.inputs)

    return {feature.name for feature in NUMERIC if moves(feature)}


def test_what_is_asked_online_in_a_month_of_events_is_what_the_night_gives(bank):
    rest, found, corrected = month(), {}, 0
    moments = np.random.default_rng(9).integers(START, NIGHTS[-1], 25).tolist()
    bank.now = NIGHTS[0]
    bank.publish()
    for at in sorted({*MIDNIGHTS, *moments} - {night for night in MIDNIGHTS if night > NIGHTS[-1]}):
        while rest and rest[0][0] < at:
            bank.now, one = rest.pop(0)
            bank.take(one)
            last = one
        found[at] = asked(bank, at)
        if at in NIGHTS[1:]:
            bank.now = at
            bank.drain()
            if at in NIGHTS[::4]:
                bank.bring(replace(last, amount=last.amount - 7), f"file{at}")
                corrected += 1
            bank.publish()
            for online, before in zip(asked(bank, at), found[at], strict=True):
                assert_same_bits(list(online.values()), list(before.values()))
    assert (rest, corrected) == ([], 5)
    instants, names = np.array(list(found)), list(found[NIGHTS[0]][0])
    wanted = compute(bank.histories(), Snapshots(2, instants), NUMERIC, names).values
    values = np.array([list(found[at][customer].values()) for customer in (0, 1) for at in found])
    assert_same_bits(values, wanted)
    by_customer = values.reshape(2, len(instants), -1)
    moved = (np.nan_to_num(by_customer) != np.nan_to_num(by_customer[:, :1])).any(axis=(0, 1))
    assert of_transactions() - {name for name, moves in zip(names, moved, strict=True) if moves} == set()
