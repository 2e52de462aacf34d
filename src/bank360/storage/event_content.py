"""What a transaction says besides its id, as one number: the same from a row of the warehouse and from an event.

Invariant: equal numbers for equal contents, `content_number` here and `CONTENT_SQL` in the warehouse alike; different
ones for different contents, up to a chance of one in 2**60. Not part of it: when the row became known, what was derived
from other columns (the day of booking), and how exactly its time is known. Neighbours: `reads_publish.py` writes the
numbers into a version, `new_events.py` compares.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

_SAID = (
    "amount", "currency", "channel", "scheme", "category", "country", "card_token", "terminal_id", "merchant_id",
    "counterparty_token", "mandate_id", "reverses_id", "original_amount", "original_currency", "balance_after",
)  # fmt: skip
_HEX = 15  # digits of the digest: 60 bits, a positive 64-bit integer everywhere


def _part(sql: str) -> str:
    text = f"CAST({sql} AS VARCHAR)"
    return f"coalesce(strlen({text}) || ':' || {text}, '-')"  # with its length: no two lists read alike


# Over the columns of the canonical table of transactions; DuckDB.
CONTENT_SQL = (
    "CAST('0x' || substr(sha256("
    + " || ".join(map(_part, ("account_id", "actor_customer_id", "epoch_us(event_time)", *_SAID)))
    + f"), 1, {_HEX}) AS BIGINT)"
)


def content_number(account_id: str, actor: str | None, event_us: int, fields: Mapping[str, Any]) -> int:
    """Return the number of an event's content.

    Parameters
    ----------
    account_id, actor, event_us
        Its account, who acted (None: the account's owner), and when, microseconds UTC.
    fields
        The other columns of the canonical row by name.
    """
    said = (account_id, actor, event_us, *(fields[name] for name in _SAID))
    text = "".join("-" if one is None else f"{len(str(one).encode())}:{one}" for one in said)
    return int(hashlib.sha256(text.encode()).hexdigest()[:_HEX], 16)
