"""Do once, before anybody asks, what a decision and a page need: compiled loops, models, plans, connections.

The riskiest and the safest customer of the published version are tried out, one of them as if an event had arrived, and
looked at. Nothing is recorded. What cannot be decided now (nothing published, other features, a changed model) is left
to the requests, which say so. Neighbours: `score_online.py`, `arrived.py`, whose work this is.
"""

from collections.abc import Callable

from bank360.bank.errors import ArtefactRefused, NotFound, NotReady, SettingsError
from bank360.pipeline.arrived import history_now
from bank360.pipeline.desk import Desk
from bank360.pipeline.published_rows import published_profile
from bank360.pipeline.score_online import LoanApplication, try_out
from bank360.storage.new_events import NewEvent
from bank360.storage.published import Version
from bank360.storage.published_lists import found_customers

_WHO = "warm-up"
_FIELDS = ("channel", "scheme", "category", "country", "merchant_id", "counterparty_token", "reverses_id")


def warm_up(desk: Desk, now: Callable[[], int]) -> None:
    """Make a desk ready.

    Parameters
    ----------
    now
        Tells what counts as now, microseconds UTC.
    """
    try:
        at = now()
        with desk.published.current() as version:
            for customer_id in _both_ends(version):
                published_profile(version, customer_id)
                try_out(desk, LoanApplication(customer_id, *version.meta.standard_request), _WHO, at)
                _as_if_something_arrived(desk, version, customer_id, at)
    except (NotReady, NotFound, SettingsError, ArtefactRefused):
        return


def _both_ends(version: Version) -> list[str]:
    riskiest = found_customers(version, most=1).rows
    safest = found_customers(version, after=max(version.meta.customers - 2, 0), most=1).rows
    return [row.customer_id for row in (*riskiest, *safest)]


def _as_if_something_arrived(desk: Desk, version: Version, customer_id: str, at: int) -> None:
    inputs = version.decision_inputs(customer_id)
    if inputs is None:
        return
    fields = dict.fromkeys(_FIELDS, None) | {"category": "groceries", "country": version.meta.country}
    fields |= {"amount": 1, "currency": version.meta.currency}
    event = NewEvent(_WHO, _WHO, None, at, at, fields)
    history_now(version, desk.ready(version).packed, customer_id, inputs.history, (event,))
