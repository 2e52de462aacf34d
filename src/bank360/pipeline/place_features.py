"""Features of every merchant, or every terminal, at one instant: the rows that a build stores and an export writes.

A row for each one that a transaction names which stood at the instant. Who is who need not be resolved for it, and what
came to be known at or after the instant moves nothing. Neighbours: `described.py` computes, `storage/place_features.py`
keeps.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from bank360.bank.calendar import to_datetime
from bank360.features.needs import Need
from bank360.features.place_tables import PLACE_FEATURES, TABLE_OF
from bank360.features.scan import Entity
from bank360.features.spine import Snapshots
from bank360.pipeline.described import Describe
from bank360.storage.places import place_index
from bank360.storage.warehouse import Warehouse


def place_features(
    warehouse: Warehouse, describe: Describe, entity: Entity, as_of: int
) -> tuple[pa.Table, Mapping[Need, int]]:
    """Return the rows of ``merchant_features`` or ``terminal_features``, by id, and since when their needs were met.

    Parameters
    ----------
    warehouse
        With canonical tables filled.
    describe
        What computes them (`described.Engine`).
    entity
        Merchant or terminal.
    as_of
        The instant in microseconds (UTC).
    """
    places = place_index(warehouse, entity, as_of)
    spine = Snapshots(len(places), np.array([as_of], dtype=np.int64))
    described = describe(spine, PLACE_FEATURES[entity], places)
    matrix = described.matrix
    at = pa.scalar(to_datetime(as_of).replace(tzinfo=None), pa.timestamp("us"))
    columns: dict[str, Any] = {entity.key: places["place_id"], "as_of": pa.repeat(at, len(places))}
    for name in matrix.names:
        values = np.ascontiguousarray(matrix.column(name))
        columns[name] = pa.array(values, mask=np.isnan(values))
    return pa.table(columns).cast(TABLE_OF[entity].arrow_schema), described.known_from
