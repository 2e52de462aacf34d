"""How applications were decided, as known before an instant. Never an input: a decision comes after the application."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bank360.bank.calendar import to_datetime
from bank360.storage.warehouse import Warehouse

_DECISIONS = """
SELECT p.position, r.outcome FROM $positions p JOIN (
    SELECT *, row_number() OVER (PARTITION BY application_id ORDER BY known_time DESC) AS version
    FROM applications WHERE known_time < CAST(? AS TIMESTAMP)
) r ON r.application_id = p.application_id AND r.version = 1
ORDER BY p.position
"""


def application_decisions(
    warehouse: Warehouse, application_id: npt.NDArray[np.object_], until: int
) -> npt.NDArray[np.object_]:
    """Return the outcome code of each application as it stood just before ``until``; None where it was not known.

    Parameters
    ----------
    until
        Instant, microseconds UTC.
    """
    n = len(application_id)
    ids = pa.table({"application_id": pa.array(application_id.tolist(), pa.string()), "position": pa.array(range(n))})
    with warehouse.registered(ids) as positions:
        at = to_datetime(until).replace(tzinfo=None).isoformat(sep=" ")
        rows = warehouse.query(_DECISIONS.replace("$positions", positions), [at])
    answer = np.full(n, None, dtype=np.object_)
    answer[rows["position"].to_numpy()] = rows["outcome"].to_pylist()
    return answer
