"""An act of the logged-in user: who, when, and the fresh ids that its sealed record needs."""

from bank360.dashboard.opened import wall
from bank360.dashboard.visit import Visit
from bank360.home import fresh_id
from bank360.pipeline.case_acts import Acting


def acting(visit: Visit) -> Acting:
    """Return what an act on a case is sealed with; the right is asked by whoever calls."""
    return Acting(visit.principal, wall(), fresh_id(), fresh_id(), None, lambda _case: b"")
