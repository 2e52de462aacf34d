"""The demonstration bank's users, one per role, with a password that all know; and whether a bank still has them."""

from collections.abc import Callable

from bank360.bank.vocabulary import Role
from bank360.pipeline.users import add_user, log_in
from bank360.storage.decision_log import DecisionLog
from bank360.storage.store.engine import Store
from bank360.storage.users import user_named

SAMPLE_PASSWORD = "bank360 sample password"
DEMO_USERS: tuple[tuple[str, Role], ...] = (
    ("victor", Role.VIEWER),
    ("mara", Role.MARKETER),
    ("ann", Role.RISK_ANALYST),
    ("olga", Role.RISK_OFFICER),
    ("otto", Role.RISK_OFFICER),  # the second person of an override
    ("mo", Role.MODEL_APPROVER),
    ("ada", Role.ADMIN),
    ("scoring", Role.SERVICE),
)


def add_demo_users(log: DecisionLog, fresh: Callable[[], str], by: str, at_us: int) -> None:
    """Add the users of the demonstration bank that it does not have yet.

    Parameters
    ----------
    fresh
        Gives a random id at each call.
    """
    with log.store.reading() as connection:
        missing = [one for one in DEMO_USERS if user_named(connection, one[0]) is None]
    for name, role in missing:
        add_user(log, name, role, SAMPLE_PASSWORD, (fresh(), fresh()), by, at_us)


def users_with_sample_password(store: Store) -> tuple[str, ...]:
    """Return the names of demonstration users that still have the password that everybody knows."""
    with store.reading() as connection:
        there = [name for name, _ in DEMO_USERS if user_named(connection, name) is not None]
    return tuple(name for name in there if log_in(store, name, SAMPLE_PASSWORD) is not None)
