"""Income of some customers at a time is that of all at once, row by row, whatever memory there is."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from bank360.features import income_batches as module
from bank360.features.income_batches import income_batches
from bank360.features.income_events import income_events
from tests.features.test_salary import ZONE, batch_of, credit
from tests.features.test_spilling import Elsewhere

N = 900


def credits_of_many() -> list[pa.RecordBatch]:
    """Return a year's credits in any order: of each customer two payers by the month, some twice at the same instant.

    Some lack a third month, some are known late or corrected, some are nobody's.
    """
    rng, rows = np.random.default_rng(4), []
    for customer in range(-1, N, 7):
        for payer in ("employer", "council"):
            for month in range(1, 1 + int(rng.integers(2, 13))):
                one = credit(date(2023, month, 25), 100_000 + int(rng.integers(0, 3)), payer, customer=customer)
                one["known_time"] = one["event_time"] + int(rng.integers(0, 2)) * 10**12
                one["superseded_time"] = one["known_time"] + 5 * 10**12 if rng.random() < 0.05 else None
                rows += [one] * (1 + int(rng.random() < 0.1))
    order = rng.permutation(len(rows))
    return [batch_of([rows[i] for i in part]) for part in np.array_split(order, 6)]


def by_customer(rows: pa.Table) -> pa.Table:
    """Return rows as histories sort them: by customer and time, and of one instant as they came."""
    order = np.lexsort((rows["event_time"].to_numpy(), rows["customer"].to_numpy()))
    return rows.take(order)


@pytest.mark.parametrize(("budget", "times"), [(None, 0), (0, 6), (20_000, 3)])
@pytest.mark.parametrize(("at_once", "parts"), [(1, 4), (1_300, 2), (module.CREDITS, 1)])
def test_income_is_that_found_among_all_at_once(budget, times, at_once, parts, monkeypatch):
    monkeypatch.setattr(module, "CREDITS", at_once)
    batches, outside = credits_of_many(), Elsewhere(10**12 if budget is None else budget)
    found = list(income_batches(batches, ZONE, "GB", N, outside if times else None))
    whole = pa.Table.from_batches([income_events(batches, ZONE, "GB")])
    assert by_customer(pa.Table.from_batches(found)).equals(by_customer(whole))
    assert len(whole) > 1_000
    assert (len(found), len(outside.given)) == (parts, times)


def test_nobody_has_credits():
    assert list(income_batches([], ZONE, "GB", N)) == []
    nobodys = [batch_of([credit(date(2024, 1, 2), customer=-1)])]
    assert [len(one) for one in income_batches(nobodys, ZONE, "GB", N)] == []
