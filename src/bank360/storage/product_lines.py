"""Which line of credit a product was, on a local day and as known at an instant: of one product, or of applications."""

from bank360.storage.as_submitted import sql_instant, standing
from bank360.storage.warehouse import Warehouse

# A product is known by what the bank knew of it when it took the application; told of only later, by its first version.
LINES = """
SELECT arg.position, p.line
FROM $positions arg
LEFT JOIN (
    SELECT a.position, p.line, row_number() OVER (
        PARTITION BY a.position
        ORDER BY p.valid_from <= a.day AND p.known_time < a.at DESC,
            CASE WHEN p.valid_from <= a.day AND p.known_time < a.at THEN p.valid_from END DESC,
            CASE WHEN p.valid_from <= a.day AND p.known_time < a.at THEN p.known_time END DESC,
            p.valid_from, p.known_time
    ) AS place
    FROM $positions a JOIN products p ON p.product_id = a.product_id AND p.known_time < CAST(? AS TIMESTAMP)
) p ON p.position = arg.position AND p.place = 1
ORDER BY arg.position
"""


def product_line(warehouse: Warehouse, product_id: str, as_of: int, day: str) -> str | None:
    """Return the line of a product on a local ``day`` as known at ``as_of``, None where the bank has no such product.

    Before its first day a product has its first line.
    """
    rows = warehouse.query(
        f"SELECT line FROM {standing('products', 'product_id, valid_from')} WHERE product_id = ?"
        " ORDER BY valid_from > CAST(? AS DATE), CASE WHEN valid_from <= CAST(? AS DATE) THEN valid_from END DESC,"
        " valid_from LIMIT 1",
        [sql_instant(as_of), product_id, day, day],
    )
    return None if rows.num_rows == 0 else str(rows["line"][0].as_py())


def products_at(warehouse: Warehouse, as_of: int) -> dict[str, str]:
    """Return the line of every product known at ``as_of`` (microseconds UTC) by its id, in order of the ids."""
    rows = warehouse.query(
        f"SELECT product_id, arg_max(line, valid_from) AS line FROM {standing('products', 'product_id, valid_from')}"
        " GROUP BY product_id ORDER BY product_id",
        [sql_instant(as_of)],
    )
    return {str(row["product_id"]): str(row["line"]) for row in rows.to_pylist()}
