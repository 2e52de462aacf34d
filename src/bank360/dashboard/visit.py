"""One look at one page: whose bank, who looks, what is published, and when. Pages get this and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass

from streamlit.navigation.page import Page as StreamlitPage

from bank360.bank.vocabulary import Role
from bank360.dashboard.opened import OpenBank
from bank360.policies.access import Principal, allowed, authorize
from bank360.policies.access_table import Action, FieldClass, Resource


@dataclass(frozen=True)
class Visit:
    """One run of one page.

    Parameters
    ----------
    bank
        The bank that is open.
    name, principal
        Under which name the user logged in, and who that is to rights.
    at_us
        The wall clock when the run began, microseconds UTC.
    addresses
        The pages that the user may open, by their paths.
    """

    bank: OpenBank
    name: str
    principal: Principal
    at_us: int
    addresses: Mapping[str, StreamlitPage]

    def may(self, action: Action, resource: Resource, fields: FieldClass = FieldClass.ORDINARY) -> bool:
        """Return whether the user may; what they may not is left out of the page."""
        return allowed(self.principal.role, action, resource, fields)

    def must(self, action: Action, resource: Resource, fields: FieldClass = FieldClass.ORDINARY) -> None:
        """Return if the user may, before anything is read or done.

        Raises
        ------
        NotAllowed
            If not.
        """
        authorize(self.principal, action, resource, (fields,))


ROLE_NAMES = {
    Role.VIEWER: "Executive",
    Role.MARKETER: "Marketing",
    Role.RISK_ANALYST: "Risk analyst",
    Role.RISK_OFFICER: "Risk officer",
    Role.MODEL_APPROVER: "Model approver",
    Role.ADMIN: "Administrator",
    Role.SERVICE: "Program",
}
