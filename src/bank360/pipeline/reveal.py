"""Showing who a customer is: sealed in the log before anything is shown, so that no reveal goes without its record."""

from bank360.pipeline.audit import act
from bank360.pipeline.profile import Profile
from bank360.pipeline.published_rows import published_profile
from bank360.policies.access import Principal, authorize
from bank360.policies.access_table import Action, FieldClass, Resource
from bank360.storage.decision_log import DecisionLog, appending
from bank360.storage.published import Version
from bank360.storage.subjects import name_subject

KIND = "identity.revealed"


def revealed_profile(
    log: DecisionLog, version: Version, customer: str, by: Principal, fresh: tuple[str, str], at_us: int
) -> Profile:
    """Return a customer's 360 with direct identifiers, after sealing who looked.

    Parameters
    ----------
    customer
        A stable customer id, or a key by which a source names the customer.
    fresh
        Two random ids: of the record, and for the customer's pseudonym where there is none yet.

    Raises
    ------
    NotAllowed
        If the role may not read identities.
    NotFound
        If nobody has this id or key.
    """
    authorize(by, Action.READ, Resource.CUSTOMER, (FieldClass.IDENTITY,))
    customer_id = version.customer_called(customer)
    seal_reveal(log, customer_id, by.user_id, fresh, at_us)
    return published_profile(version, customer_id, reveal=True)


def seal_reveal(log: DecisionLog, customer_id: str, by: str, fresh: tuple[str, str], at_us: int) -> None:
    """Seal that somebody looks at who a customer is, before they see it; arguments as `revealed_profile`."""
    with appending(log) as page:
        subject = name_subject(page.connection, customer_id, fresh[1])
        page.append(act(fresh[0], by, subject, KIND, at_us))
