"""Counts for a summary, rows that stand by table and customers by tier, and lists of who is known and who is scored."""

from typing import Any

from bank360.bank.errors import NotReady
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
    """Return how many customers each tier holds, the mildest first."""
    count = "SELECT count(*) FROM scores WHERE tier = ?"
    return {str(tier): warehouse.number(count, (str(tier),)) for tier in RiskTier}


def known_customers(warehouse: Warehouse, most: int) -> list[dict[str, Any]]:
    """Return every customer as identity knows them, by id: customer_id, keys, accounts.

    ``keys`` are those by which sources name them now, each with ``source`` and ``source_key``; ``accounts`` the number
    that they hold or held in any role, None where the bank never said who holds what.

    Parameters
    ----------
    most
        Rows at most.

    Raises
    ------
    NotReady
        If nobody has been identified yet.
    """
    warehouse.require("source_keys", "ingest")
    if not warehouse.number("SELECT count(*) FROM source_keys"):
        raise NotReady(f"Nobody is identified in {warehouse.path} yet. Run 'bank360 build' first.")
    rows: list[dict[str, Any]] = warehouse.query(
        "WITH now AS (SELECT customer_id, source, source_key FROM source_keys WHERE valid_to IS NULL),"
        " held AS (SELECT n.customer_id, count(DISTINCT p.account_id) AS accounts FROM account_parties p"
        "  JOIN now n ON n.source_key = p.customer_id WHERE p.superseded_time IS NULL GROUP BY 1)"
        " SELECT n.customer_id, CASE WHEN EXISTS (SELECT 1 FROM account_parties)"
        " THEN coalesce(any_value(h.accounts), 0) END AS accounts,"
        " list({'source': n.source, 'source_key': n.source_key} ORDER BY n.source, n.source_key) AS keys"
        " FROM now n LEFT JOIN held h USING (customer_id) GROUP BY 1 ORDER BY 1 LIMIT ?",
        (most,),
    ).to_pylist()
    return rows


def scored_customers(warehouse: Warehouse, tier: RiskTier | None, most: int) -> list[dict[str, Any]]:
    """Return who is scored, those in default first, then the riskiest: customer_id, tier, probability, thin_file.

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
        f" ORDER BY tier = '{RiskTier.IN_DEFAULT}' DESC, probability DESC, customer_id LIMIT ?2",
        (None if tier is None else str(tier), most),
    ).to_pylist()
    return rows
