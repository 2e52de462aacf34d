"""The table ``customer_features``: each customer's features as of one instant; derived, replaced by every build."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bank360.storage.warehouse import Warehouse


def customer_ids(warehouse: Warehouse) -> list[str]:
    """Return the stable customer ids in the order of their dense index."""
    rows = warehouse.query("SELECT customer_id FROM customer_index ORDER BY customer")
    return [str(customer_id) for customer_id in rows.column(0).to_pylist()]


def store_snapshot(
    warehouse: Warehouse,
    ids: Sequence[str],
    as_of: datetime,
    names: Sequence[str],
    values: npt.NDArray[np.float64],
) -> None:
    """Replace ``customer_features``: ``customer_id``, ``as_of`` (UTC) and one nullable double per feature.

    Parameters
    ----------
    ids
        Customers, in the order of the rows of ``values``.
    as_of
        The instant described (aware).
    names, values
        The features; NaN ("no value") is stored as null. Shape ``(n_customers, n_features)``.
    """
    at = pa.scalar(as_of.astimezone(UTC).replace(tzinfo=None), pa.timestamp("us"))
    table = pa.table({"customer_id": pa.array(ids, pa.string()), "as_of": pa.repeat(at, len(ids))})
    for position, name in enumerate(names):
        column = np.ascontiguousarray(values[:, position])
        table = table.append_column(name, pa.array(column, mask=np.isnan(column)))
    warehouse.replace_table("customer_features", table)
