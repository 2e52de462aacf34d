"""May this principal do this, to these fields: one question, and every face asks the same.

Denied unless `access_table.GRANTS` grants it for **every** class among the fields. An override, a policy and a model
need a second person: whoever approves one must not be whoever made it, and the question without that name is refused.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from bank360.bank.errors import NotAllowed
from bank360.bank.table import Column, Tag
from bank360.bank.vocabulary import Role
from bank360.policies.access_table import GRANTS, SECOND_PERSON, Action, FieldClass, Resource

_GRANTED = {(role, g.action, g.resource, g.fields) for g in GRANTS for role in g.roles}
# The closest class first: a birth date is identifying and protected, and both grants are needed.
_CLASS_OF_TAG = {
    Tag.PII: FieldClass.IDENTITY,
    Tag.PROTECTED: FieldClass.PROTECTED,
    Tag.RESTRICTED: FieldClass.RESTRICTED,
    Tag.TOKEN: FieldClass.TOKEN,
    Tag.KEY: FieldClass.ORDINARY,
    Tag.PLAIN: FieldClass.ORDINARY,
    Tag.MONEY: FieldClass.ORDINARY,
    Tag.PROVENANCE: FieldClass.PROVENANCE,
}


@dataclass(frozen=True)
class Principal:
    """Who asks: a user id, and the one role in which they act."""

    user_id: str
    role: Role


def field_classes(column: Column) -> frozenset[FieldClass]:
    """Return the classes of a column, by its tags; a tag without a class is our own mistake and raises KeyError."""
    classes = {_CLASS_OF_TAG[tag] for tag in column.tags}
    return frozenset(classes - {FieldClass.ORDINARY} or {FieldClass.ORDINARY})


def allowed(role: Role, action: Action, resource: Resource, fields: FieldClass) -> bool:
    """Return whether the table grants one cell; the second person is `authorize`'s question."""
    return (role, action, resource, fields) in _GRANTED


def roles_that_may(action: Action, resource: Resource, fields: Iterable[FieldClass]) -> tuple[Role, ...]:
    """Return the roles that the table lets do it to fields of all these classes, in the order of `Role`."""
    classes = tuple(fields)
    return tuple(role for role in Role if all(allowed(role, action, resource, one) for one in classes))


def authorize(
    principal: Principal,
    action: Action,
    resource: Resource,
    fields: Iterable[FieldClass] = (FieldClass.ORDINARY,),
    first: str | None = None,
) -> None:
    """Return if the principal may do it to all the fields; raise if not.

    Parameters
    ----------
    fields
        Classes of the fields touched (`field_classes`); none at all touches ordinary ones.
    first
        For the act of a second person: the user id of who made what is approved (trained the model, overrode the
        decision, wrote the policy).

    Raises
    ------
    NotAllowed
        If the table does not grant it, or the second person is the first, or nobody says who the first was.
    """
    classes = frozenset(fields) or frozenset({FieldClass.ORDINARY})
    denied = sorted(one for one in classes if not allowed(principal.role, action, resource, one))
    if denied:
        may = ", ".join(roles_that_may(action, resource, classes)) or "nobody"
        raise NotAllowed(
            f"The role {principal.role} may not {action} {resource} ({', '.join(denied)} fields); who may: {may}.",
            of_the_table=True,
        )
    if (action, resource) in SECOND_PERSON:
        if first is None or not first.strip():
            raise NotAllowed(f"To {action} a {resource} it must be known who made it.", of_the_table=True)
        if _same(first) == _same(principal.user_id):
            may = ", ".join(roles_that_may(action, resource, classes))
            raise NotAllowed(
                f"Who made a {resource} may not {action} it: a second person must, in one of the roles {may}.",
                of_the_table=True,
            )


def _same(user_id: str) -> str:
    """Return a user id without what only looks different: case, width, spaces around."""
    return unicodedata.normalize("NFKC", user_id).strip().casefold()
