"""Counts for a summary, rows that stand by table and customers by tier, and the list of who is scored."""

from typing import Any

from bank360.bank.tables import TABLES
from bank360.bank.vocabulary import RiskTier
from bank360.storage.warehouse import Warehouse, quoted


def standing_rows(warehouse: Warehouse) -> dict[str, int]:
    """Return the rows that no correction replaced, by table, without empty tables."""
    counts = {
        table.name: warehouse.number(f"SELECT count(*) FROM {quoted(table.name)} WHERE superseded_time IS NULL")
        for table in TABLES
    }
    return {name: count for name, count in counts.items() if count}


def tier_counts(warehouse: Warehouse) -> dict[str, int]:
    """Return how many customers each tier holds, from low to high."""
    count = "SELECT count(*) FROM scores WHERE tier = ?"
    return {str(tier): warehouse.number(count, (str(tier),)) for tier in RiskTier}


def scored_customers(warehouse: Warehouse, tier: RiskTier | None, most: int) -> list[dict[str, Any]]:
    """Return who is scored, the riskiest first: customer_id, tier, probability, thin_file.

    Parameters
    ----------
    tier
        Only customers of this tier; None for all.
    most
        Rows at most.

    Raises
    ------
    NotReady
        If nobody is scored yet.
    """
    warehouse.require("scores", "score")
    rows: list[dict[str, Any]] = warehouse.query(
        "SELECT customer_id, tier, probability, thin_file FROM scores WHERE tier = coalesce(?1, tier)"
        " ORDER BY probability DESC, customer_id LIMIT ?2",
        (None if tier is None else str(tier), most),
    ).to_pylist()
    return rows
