"""Until when somebody was a party of an account: what happens on it from that day on is the others' alone.

For statements that read what one person holds (`reads_profile.py`, `reads_everyone.py`). Validity is in local days,
movements are instants: ``ends`` says at which instant each day begins on which anybody ceased to be a party.
"""

from datetime import UTC, date, datetime

import numpy as np

from bank360.bank.calendar import day_starts, to_datetime
from bank360.storage.ledger import naive_utc
from bank360.storage.warehouse import Warehouse

_NEVER = date(9999, 12, 31)  # the end of what has not ended
_NEVER_AT = datetime(9999, 12, 31, tzinfo=UTC)
# Of the rows `h` of account_parties: the first day on which nobody was this party any more.
UNTIL = f"max(coalesce(h.valid_to, DATE '{_NEVER}'))"


def party_ends(warehouse: Warehouse, zone: str) -> str:
    """Return the relation ``ends``: ``until``, a local day of the zone, and ``until_at``, when it begins (UTC)."""
    rows = warehouse.query(
        f"SELECT DISTINCT valid_to AS day FROM account_parties WHERE valid_to < DATE '{_NEVER}' ORDER BY day"
    )
    days = [row["day"] for row in rows.to_pylist()]
    instants = day_starts(np.array(days, dtype="datetime64[D]").astype(np.int64), zone)
    pairs = zip([*days, _NEVER], [*map(to_datetime, instants.tolist()), _NEVER_AT], strict=True)
    cells = ", ".join(f"(DATE '{day}', TIMESTAMP '{naive_utc(at)}')" for day, at in pairs)
    return f"ends AS (SELECT * FROM (VALUES {cells}) e(until, until_at))"
