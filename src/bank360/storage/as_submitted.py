"""SQL for what an application's own rows said, and for rows as they stood at an instant; shared by the spines.

An application's own rows (request, parties, form, tokens) are read in their first version: a later correction is not
what was submitted. They may arrive after it, at the latest with the decision (`in_time`). A bureau report counts as
known before submission. Everything else is read as it stood just before an instant (`standing`). Source keys are
resolved as the crosswalk stands (``docs/decisions/0015``).
"""

from bank360.bank.calendar import to_datetime

# How long what belongs to an application without decision may take to arrive.
UNDECIDED_DAYS = 30


def sql_instant(micros: int) -> str:
    """Return an instant (microseconds UTC) as the text that a TIMESTAMP is cast from."""
    return to_datetime(micros).replace(tzinfo=None).isoformat(sep=" ")


def first(table: str, key: str, more: str = "") -> str:
    """Return SQL for the first version of each key of a table, if known before an instant, the one parameter."""
    return (
        f"(SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY {key} ORDER BY known_time) AS version{more}"
        f" FROM {table} WHERE known_time < CAST(? AS TIMESTAMP)) WHERE version = 1)"
    )


# Until when rows of the request ``r`` are its own: its decision, or when the request itself became known, if later.
OWN_UNTIL = f"greatest(coalesce(r.decided, r.submitted_at + INTERVAL {UNDECIDED_DAYS} DAY), r.known_time)"


def in_time(own: str) -> str:
    """Return SQL for: a row of the request ``r`` came before its decision was over, or no later than the request."""
    return f"{own}.application_id = r.application_id AND {own}.known_time <= {OWN_UNTIL}"


def standing(table: str, key: str) -> str:
    """Return SQL for the version of each key that stood just before an instant, the one parameter."""
    return (
        f"(SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY {key} ORDER BY known_time DESC) AS version"
        f" FROM {table} WHERE known_time < CAST(? AS TIMESTAMP)) WHERE version = 1)"
    )


# A report is pulled for the application before it is submitted; one known at the very instant is not yet known.
REPORTS = (
    "(SELECT * FROM (SELECT a.application_id, b.*, row_number() OVER (PARTITION BY a.application_id"
    " ORDER BY b.pulled_at DESC, b.known_time DESC, b.report_id) AS place FROM requests a"
    " JOIN bureau_reports b ON b.subject = a.application_id AND b.known_time < a.submitted_at) WHERE place = 1)"
)
_DECIDED = ", min(decided_at) OVER (PARTITION BY application_id) AS decided"
REQUESTS = first("applications", "application_id", _DECIDED)
