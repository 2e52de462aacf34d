"""What a page is: address, title, who may open it, and the function that draws it."""

from collections.abc import Callable
from dataclasses import dataclass

from bank360.bank.vocabulary import Role
from bank360.dashboard.visit import Visit
from bank360.policies.access import allowed
from bank360.policies.access_table import Action, FieldClass, Resource

Right = tuple[Action, Resource, FieldClass]


@dataclass(frozen=True)
class Page:
    """One page.

    Parameters
    ----------
    path
        The last part of its address.
    rights
        Any one of these opens it; what it then shows is asked for again, piece by piece.
    draw
        Draws it.
    """

    path: str
    title: str
    icon: str
    rights: tuple[Right, ...]
    draw: Callable[[Visit], None]

    def open_to(self, role: Role) -> bool:
        """Return whether a role may open it."""
        return any(allowed(role, action, resource, fields) for action, resource, fields in self.rights)
