"""The line of credit of a product that is asked for; where the bank has no such product, what it has and what to do."""

from bank360.bank.calendar import local_days, to_date
from bank360.bank.counted import counted
from bank360.bank.errors import NotFound
from bank360.storage.product_lines import product_line, products_at
from bank360.storage.warehouse import Warehouse

_MOST_NAMED = 8


def line_asked(warehouse: Warehouse, product_id: str, as_of: int, zone: str) -> str:
    """Return the line of credit of a product as known at ``as_of`` (microseconds UTC).

    Raises
    ------
    NotFound
        If the bank has no such product, or none at all.
    """
    line = product_line(warehouse, product_id, as_of, str(to_date(int(local_days([as_of], zone)[0]))))
    if line is None:
        raise NotFound(why_no_product(warehouse, product_id, as_of) or f"Nothing is known of product '{product_id}'.")
    return line


def why_no_product(warehouse: Warehouse, product_id: str, as_of: int) -> str | None:
    """Return that the bank does not have a product, what it has, and what to do; None where it has it."""
    have = products_at(warehouse, as_of)
    if product_id in have:
        return None
    if not have:
        return (
            f"No product was delivered, so that nobody knows what kind of credit '{product_id}' is. Map the table "
            "'products' in bank360.yaml (one row per product: product_id, name, family, line such as personal_loan, …; "
            "sql/schema.sql has all its columns), run 'bank360 ingest', and name the product that people ask for "
            "under standard_request.product_id."
        )
    named = ", ".join(f"{name} ({line})" for name, line in list(have.items())[:_MOST_NAMED])
    if len(have) > _MOST_NAMED:
        named += f" and {counted(len(have) - _MOST_NAMED, 'other')}"
    return (
        f"The bank has no product '{product_id}'. It has {named}. "
        "Name the one that people ask for under standard_request.product_id in bank360.yaml."
    )
