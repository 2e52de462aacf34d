"""The tables ``merchant_features`` and ``terminal_features``: each one's features as of the last build; derived.

A build replaces them. Neighbours: `features/place_tables.py` declares them, `customer_features.py` has the customers'.
"""

import pyarrow as pa

from bank360.bank.errors import NotReady
from bank360.features.place_tables import PLACE_FEATURES, TABLE_OF
from bank360.features.scan import Entity
from bank360.storage.warehouse import Warehouse, quoted


def store_place_features(warehouse: Warehouse, entity: Entity, rows: pa.Table) -> int:
    """Replace the table of merchants, or of terminals, and return how many rows it has."""
    return warehouse.replace_table(TABLE_OF[entity].name, rows)


def stored_place_features(warehouse: Warehouse, entity: Entity) -> pa.Table:
    """Return the table as it stands, by id.

    Raises
    ------
    NotReady
        If no features of them are built, or one was declared since.
    """
    table = TABLE_OF[entity].name
    warehouse.require(table, "build")
    rows = warehouse.query(f"SELECT * FROM {quoted(table)} ORDER BY {quoted(entity.key)}")
    since = [feature.name for feature in PLACE_FEATURES[entity] if feature.name not in rows.column_names]
    if since:
        raise NotReady(f"'{table}' was built before there was '{since[0]}'. Run 'bank360 build'.")
    return rows
