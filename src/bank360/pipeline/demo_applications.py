"""The demonstration bank's waiting applications, decided as its loan channel would: what is referred is in the queue.

They go through the same desk, models and gates as any request, are sealed in the log, and what the policy refers opens
its case. Each is decided once: its id is its idempotency key. A bank of its own sends its applications to the API.
Neighbours: `demo_users.py`, who they are decided by; `score_online.decide`, which does it.
"""

import hashlib
from collections.abc import Callable

from bank360.bank.errors import NotFound
from bank360.bank.vocabulary import Role
from bank360.pipeline.case_acts import open_review
from bank360.pipeline.demo_users import DEMO_USERS
from bank360.pipeline.desk import Desk
from bank360.pipeline.score_online import AskedBy, LoanApplication, decide
from bank360.pipeline.told import Told
from bank360.policies.decision import sealed_bytes
from bank360.storage.decision_log import Request
from bank360.storage.reads_waiting import waiting_applications
from bank360.storage.users import user_named
from bank360.storage.warehouse import Warehouse

_ROUTE = "demonstration bank's applications"
_TOLD = ("employment", "employed_months", "declared_income", "housing_cost", "outgoings", "purpose", "channel")


def decide_waiting(warehouse: Warehouse, desk: Desk, at: int, wall_us: int, fresh: Callable[[], str]) -> int:
    """Decide the applications that wait for a product of the policy's line; return how many were new.

    Parameters
    ----------
    at
        What counts as now for the bank, microseconds UTC.
    wall_us
        The wall clock, microseconds UTC: when the cases open.
    fresh
        Gives a random id at each call.

    Raises
    ------
    NotFound
        If the demonstration users are not there yet.
    NotReady
        If nothing is published.
    """
    name = next(name for name, role in DEMO_USERS if role is Role.SERVICE)
    with desk.log.store.reading() as connection:
        user = user_named(connection, name)
    if user is None:
        raise NotFound(
            f"There is no user '{name}'. Run 'bank360 serve', which adds the demonstration users.", of="user"
        )
    with desk.published.current() as version:
        lines = version.meta.product_lines
    new = 0
    for row in waiting_applications(warehouse, at):
        if lines.get(row["product_id"]) != desk.policy.product_line:
            continue
        application_id = str(row["application_id"])
        told = Told(**{column: row[column] for column in _TOLD})
        wanted = LoanApplication(
            row["customer_id"], row["product_id"], row["requested_amount"], row["term_months"], told,
            application_id=application_id,
        )  # fmt: skip
        payload = hashlib.sha256(repr(wanted).encode()).digest()
        request = Request(user.user_id, _ROUTE, application_id, payload)
        made = decide(
            desk,
            wanted,
            AskedBy(user.user_id, at, fresh(), fresh(), request),
            sealed_bytes,
            also=lambda page, record, customer_id: open_review(page, record, customer_id, wall_us),
        )
        new += not made.repeated
    return new
