"""What is known at or after an instant moves nothing that is computed for it: spines, outcomes, cases, features.

A small generated bank is read twice at T, an instant at which an application was submitted. Once it holds only rows
known before T. The second time every table also holds what the generator tells of the time after, a correction of every
row that stands, known at T itself, and rows of mixed-up keys and values, known just after (`what_came_later.py`).
Neighbour: `test_nothing_later_moves_a_model.py` has the table that each model trains on.

The crosswalk is the same both times: who is who is read as it stands (``docs/decisions/0015``).
"""

from datetime import UTC, timedelta

import numpy as np
import pytest

from bank360.bank.calendar import instant, local_days, to_date
from bank360.features.families import ALL_FEATURES
from bank360.features.spine import Spine
from bank360.storage.customer_spine import customer_spine
from bank360.storage.outcomes import application_cases, application_outcomes
from bank360.storage.product_lines import product_line
from bank360.storage.spines import application_spine
from bank360.storage.warehouse import Warehouse
from tests.engines import OpenOn, engines, opener
from tests.walks.what_came_later import bank, forget, upset

ZONE = "Europe/London"


def told(warehouse: Warehouse, at: int, open_on: OpenOn) -> dict[str, list[object]]:
    """Return everything that is computed for an instant, by name; arrays as lists, in which NaN is 'nan'."""
    day = str(to_date(int(local_days([at], ZONE)[0])))
    spine, night = application_spine(warehouse, at, ZONE), customer_spine(warehouse, at, day)
    outcomes, cases = application_outcomes(warehouse, spine, at), application_cases(warehouse, spine, at)
    found: dict[str, np.ndarray] = {"id": spine.application_id, "customer": spine.customer, "at": spine.submitted_at}
    found |= {f"applications.{name}": values for name, values in spine.columns.items()}
    found |= {"night.id": night.customer_id, "night.customer": night.customer}
    found |= {f"night.{name}": values for name, values in night.columns.items()}
    found |= {f"outcome.{name}": values for name, values in vars(outcomes).items() if name != "repayment"}
    found |= {f"repayment.{name}": values for name, values in vars(outcomes.repayment).items() if name != "currencies"}
    found |= {f"cases.{name}": values for name, values in vars(cases).items()}
    found["line"] = np.array([product_line(warehouse, "LOAN", at, day)])
    rows = np.concatenate([spine.customer, night.customer])
    as_ofs = np.concatenate([spine.submitted_at, np.full(len(night.customer), at)])
    with open_on(warehouse, ZONE, "GBP", "GB") as engine:
        matrix = engine.describe(Spine(np.arange(len(rows)), rows, as_ofs, {}), ALL_FEATURES).matrix
    found |= {f"features.{name}": matrix.values[:, k] for k, name in enumerate(matrix.names)}
    return {name: [str(value) for value in values.tolist()] for name, values in found.items()}


@pytest.fixture(scope="module", params=engines())
def both(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bank")
    on = opener(request.param, folder)
    with bank(folder, 200, 24, 7) as (warehouse, submitted):
        # T is the instant of an application two thirds through, whose own rows became known at that very instant.
        at = submitted[len(submitted) * 2 // 3]
        text = at.isoformat(sep=" ")
        upset(warehouse, text)
        crowded = told(warehouse, instant(at.replace(tzinfo=UTC)), on)
        later = told(
            warehouse, instant(at.replace(tzinfo=UTC)) + int(timedelta(days=1) / timedelta(microseconds=1)), on
        )
        forget(warehouse, text)
        yield crowded, told(warehouse, instant(at.replace(tzinfo=UTC)), on), later


def test_rows_known_at_or_after_an_instant_move_nothing(both):
    crowded, bare, _ = both
    assert [name for name in bare if crowded[name] != bare[name]] == []


def test_there_was_something_to_move(both):
    _, bare, later = both
    assert len(bare["id"]) > 50
    assert len(bare["night.id"]) > 100
    assert sum(value not in ("0", "0.0", "nan") for value in bare["applications.shared_address"]) > 0
    assert set(bare["repayment.days_past_due"]) > {"0"}
    # A day later the corrections are known, and much is told otherwise.
    moved = {name.split(".")[0] for name in bare if later[name] != bare[name]}
    assert moved >= {"night", "outcome", "repayment", "features", "line"}
