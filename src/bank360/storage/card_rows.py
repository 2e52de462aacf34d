"""Card files written, and the payments of a bank around one read back with what the file said of them."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from bank360.bank.calendar import MICROS_PER_DAY, MICROS_PER_SECOND, local_micros
from bank360.sources.card_file.layout import COLUMNS, COMPONENTS, CardRows
from bank360.storage.durable import whole_file
from bank360.storage.warehouse import Warehouse

# One row per payment that has components: its facts turned into columns. A payment has at most one confirmed case.
_SQL = f"""
WITH facts AS (
    SELECT transaction_id, {", ".join(f"max(number) FILTER (WHERE fact = '{name}') AS {name}" for name in COMPONENTS)}
    FROM transaction_facts WHERE superseded_time IS NULL GROUP BY transaction_id
), frauds AS (
    SELECT DISTINCT subject FROM fraud_cases
    WHERE superseded_time IS NULL AND kind = 'card' AND outcome = 'confirmed'
)
SELECT epoch_us(t.event_time) AS at, -t.amount AS amount, f.* EXCLUDE (transaction_id), c.subject IS NOT NULL AS fraud
FROM transactions t JOIN facts f USING (transaction_id) LEFT JOIN frauds c ON c.subject = t.transaction_id
WHERE t.superseded_time IS NULL AND {" AND ".join(f"f.{name} IS NOT NULL" for name in COMPONENTS)}
"""


def write_card_file(path: Path, rows: CardRows) -> None:
    """Write a card file as the published one is written; components to six decimals."""
    columns = [pa.array(rows.seconds.astype(np.int64))]
    columns += [pa.array(column) for column in np.round(rows.components, 6).T]
    columns += [pa.array(rows.amount / 100.0), pa.array(rows.fraud.astype(np.int64))]
    with whole_file(path) as spare:
        arrow_csv.write_csv(pa.Table.from_arrays(columns, names=list(COLUMNS)), spare)


def bank_card_rows(warehouse: Warehouse, zone: str) -> CardRows:
    """Return the bank's payments that a card file supplied, as it stands; ``seconds`` counts from local midnight."""
    found = warehouse.query(_SQL)
    at = np.asarray(found.column("at"), dtype=np.int64)
    components = [np.asarray(found.column(name), dtype=np.float64) for name in COMPONENTS]
    return CardRows(
        np.mod(local_micros(at, zone), MICROS_PER_DAY) / MICROS_PER_SECOND,
        np.stack(components, axis=1),
        np.asarray(found.column("amount"), dtype=np.int64),
        np.asarray(found.column("fraud"), dtype=np.bool_),
    )
