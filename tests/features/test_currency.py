"""No feature adds up money of two currencies: what a foreign account holds may change, and no feature notices."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bank360.bank.calendar import MICROS_PER_DAY, day_starts, local_days
from bank360.bank.table import Tag
from bank360.bank.tables import TABLE_BY_NAME
from bank360.features.compute import compute
from bank360.features.families import ALL_FEATURES
from bank360.features.families.windows import MONEY
from bank360.features.history import Histories, packed_stream
from bank360.features.income_events import income_events
from bank360.features.layout import layouts
from bank360.features.scan import INCOME, STREAM_BY_NAME, scan_plan
from bank360.features.spine import Spine

ZONE = "Europe/London"
AS_OF = 1_719_824_400_000_000  # 2024-07-01 09:00 UTC
PLAN = scan_plan(ALL_FEATURES)
CODES = {"product_line": ("current_account", "savings"), "purpose": ("groceries", "cash", "benefits", "fee")}
N = 40  # rows of each stream
Rows = dict[str, list[Any]]


def drawn(scan, seed: int) -> Rows:
    """Return random rows of a stream, many of them of the last days; amounts of both signs where they may be."""
    rng = np.random.default_rng(seed)
    table = TABLE_BY_NAME[scan.stream.table]
    ages = rng.choice([0.01, 0.03, 0.5, 3, 20, 60, 200], N) * rng.uniform(0.5, 1, N)
    at = AS_OF - (ages * MICROS_PER_DAY).astype(np.int64)
    date_only = rng.random(N) < 0.3 if scan.stream.date_only is None else np.full(N, scan.stream.date_only)
    at = np.where(date_only, day_starts(local_days(at, ZONE), ZONE), at)
    rows: Rows = {"customer": [0] * N, "event_time": at.tolist(), "date_only": date_only.tolist()}
    flags = [bool(flag) for flag in rng.random(N) < 0.5]
    types = {column.name: column for column in table.columns}
    for name in scan.columns:
        if name == "home_currency":
            rows[name] = flags
        elif name in ("abroad", "outgoing"):
            rows[name] = (rng.random(N) < 0.5).tolist()
        elif name in CODES:
            rows[name] = rng.choice(CODES[name], N).tolist()
        elif types[name].type == "bool":
            rows[name] = (rng.random(N) < 0.5).tolist()
        elif types[name].type == "int64":
            low = 0 if types[name].low == 0 else -500
            rows[name] = rng.integers(low, 500, N).tolist()
        elif (codes := types[name].codes) is not None:
            rows[name] = rng.choice([code.value for code in codes], N).tolist()
        else:
            rows[name] = rng.choice(np.array(["a", "b", None], dtype=object), N).tolist()
    if scan.stream.name == INCOME:
        # One payer, one amount, every 28 days, in two accounts of which one is in another currency.
        tuesdays = AS_OF - (6 + 28 * (np.arange(N) // 2 % 12)) * MICROS_PER_DAY
        rows |= {"event_time": tuesdays.tolist(), "date_only": [False] * N, "amount": [1000] * N}
        rows |= {"home_currency": [i % 2 == 0 for i in range(N)], "currency": ["GBP", "EUR"] * (N // 2)}
        rows |= {"counterparty_token": ["payer"] * N, "category": ["salary"] * N, "scheme": ["transfer"] * N}
        rows |= {"reverses_id": [None] * N, "transaction_id": [f"t{i}" for i in range(N)]}
        rows |= {"purpose": rows["category"], "outgoing": [False] * N}
    return rows


def matrix(streams: dict[str, Rows]):
    """Return every feature of the customer at `AS_OF`, by name."""
    packed, histories = layouts(ALL_FEATURES), {}
    for name, rows in streams.items():
        texts = {key for key, column in rows.items() if any(isinstance(value, str) for value in column)}
        types = {"customer": pa.int32(), "event_time": pa.int64()} | dict.fromkeys({*texts, "reverses_id"}, pa.string())
        batch = pa.record_batch({key: pa.array(column, types.get(key)) for key, column in rows.items()})
        events = income_events([batch], ZONE, "GB") if name == INCOME else batch
        histories[name] = packed_stream([events], packed[name], 1, ZONE)
    spine = Spine(np.zeros(1), np.zeros(1, dtype=np.int32), np.array([AS_OF]))
    found = compute(Histories(1, ZONE, histories), spine, ALL_FEATURES)
    return dict(zip(found.names, found.values[0].tolist(), strict=True))


def money_columns(stream: str) -> set[str]:
    table = TABLE_BY_NAME[STREAM_BY_NAME[stream].table]
    return {column.name for column in table.columns if Tag.MONEY in column.tags}


def at_another_rate(stream: str, rows: Rows, rate: int) -> Rows:
    """Return the rows with what is in another currency times ``rate``."""
    return {
        name: [v if home or v is None else v * rate for v, home in zip(column, rows["home_currency"], strict=True)]
        if name in money_columns(stream) and "home_currency" in rows
        else column
        for name, column in rows.items()
    }


def at_home_alone(rows: Rows) -> Rows:
    """Return the rows without those in another currency."""
    if "home_currency" not in rows:
        return rows
    kept = [i for i, home in enumerate(rows["home_currency"]) if home]
    return {name: [column[i] for i in kept] for name, column in rows.items()}


SETTINGS = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SETTINGS
@given(seed=st.integers(0, 2**32 - 1), rate=st.integers(2, 10**6))
def test_the_size_of_a_foreign_amount_changes_nothing(seed: int, rate: int) -> None:
    streams = {scan.stream.name: drawn(scan, seed + i) for i, scan in enumerate(PLAN)}
    other = {name: at_another_rate(name, rows, rate) for name, rows in streams.items()}
    assert matrix(streams) == pytest.approx(matrix(other), rel=0, abs=0, nan_ok=True)


@SETTINGS
@given(seed=st.integers(0, 2**32 - 1))
def test_money_is_that_of_the_accounts_in_the_banks_currency_alone(seed: int) -> None:
    streams = {scan.stream.name: drawn(scan, seed + i) for i, scan in enumerate(PLAN)}
    everything, at_home = matrix(streams), matrix({name: at_home_alone(rows) for name, rows in streams.items()})
    money = {feature.name for feature in ALL_FEATURES if feature.unit == MONEY}
    dates_alone = {f.name for f in ALL_FEATURES if getattr(f, "needs_time_of_day", False)}
    for name in money - dates_alone:
        assert everything[name] == pytest.approx(at_home[name], rel=0, abs=0, nan_ok=True), name
    assert everything["salaries_90d"] == 2 * at_home["salaries_90d"] > 0
