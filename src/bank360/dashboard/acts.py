"""An act of the logged-in user: who, when, the fresh ids that its sealed record needs, and under which key."""

from bank360.dashboard.fills import request_of
from bank360.dashboard.opened import wall
from bank360.dashboard.visit import Visit
from bank360.home import fresh_id
from bank360.pipeline.case_acts import Acting


def acting(visit: Visit, form: str, *said: object) -> Acting:
    """Return what an act on a case is done and sealed with; the right is asked by whoever calls.

    Parameters
    ----------
    form, said
        As `fills.request_of`: sent twice from one filling-in, it is done once.
    """
    request = request_of(visit, form, said)
    return Acting(visit.principal, wall(), fresh_id(), fresh_id(), request, lambda _case: b"")
