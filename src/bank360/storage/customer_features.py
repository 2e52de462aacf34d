"""The table ``customer_features``: each customer's features as of one instant; derived, replaced by every build."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bank360.storage.warehouse import Warehouse, quoted


def customer_ids(warehouse: Warehouse) -> list[str]:
    """Return the stable customer ids in the order of their dense index."""
    rows = warehouse.query("SELECT customer_id FROM customer_index ORDER BY customer")
    return [str(customer_id) for customer_id in rows.column(0).to_pylist()]


def feature_values(
    warehouse: Warehouse, names: Sequence[str], customer_id: str | None = None
) -> list[tuple[str, dict[str, float]]]:
    """Return each customer's stored values of the named features, NaN where there is none, by customer.

    Parameters
    ----------
    customer_id
        The one customer wanted; None: everybody.

    Raises
    ------
    NotReady
        If no features are built.
    """
    warehouse.require("customer_features", "build")
    columns = ", ".join(quoted(name) for name in ("customer_id", *names))
    rows = warehouse.query(
        f"SELECT {columns} FROM customer_features"
        " WHERE CAST(?1 AS VARCHAR) IS NULL OR customer_id = CAST(?1 AS VARCHAR) ORDER BY customer_id",
        [customer_id],
    ).to_pylist()
    return [(r["customer_id"], {n: math.nan if r[n] is None else float(r[n]) for n in names}) for r in rows]


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


def built_at(warehouse: Warehouse) -> int:
    """Return the instant that the features describe, microseconds UTC.

    Raises
    ------
    NotReady
        If no features are built.
    """
    warehouse.require("customer_features", "build")
    return warehouse.number("SELECT epoch_us(max(as_of)) FROM customer_features")


def snapshot(warehouse: Warehouse) -> pa.Table:
    """Return the table as it stands, by customer.

    Raises
    ------
    NotReady
        If no features are built.
    """
    warehouse.require("customer_features", "build")
    return warehouse.query("SELECT * FROM customer_features ORDER BY customer_id")


def all_values(warehouse: Warehouse) -> tuple[int, dict[str, npt.NDArray[np.float64]]]:
    """Return how many customers have features, and every feature's values over them, NaN where there is none.

    Raises
    ------
    NotReady
        If no features are built.
    """
    warehouse.require("customer_features", "build")
    table = warehouse.query("SELECT * EXCLUDE (customer_id, as_of) FROM customer_features ORDER BY customer_id")
    columns = zip(table.column_names, table.columns, strict=True)
    return len(table), {name: column.to_numpy().astype(np.float64) for name, column in columns}
