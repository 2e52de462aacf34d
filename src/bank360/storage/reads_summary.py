"""Counts for a summary: rows that stand by table, customers by tier."""

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
