"""Who may do what to which fields: the whole of it, in one table. What is not granted here is denied.

A row grants an action on a resource, for fields of one class, to roles. A grant never implies another: who may reveal
an identity may not therefore read a protected attribute. Neighbour: `access.py`, which asks;
``docs/reference/access.md`` is this table as a matrix, and a test holds the two together cell by cell.
"""

from dataclasses import dataclass
from enum import StrEnum

from bank360.bank.vocabulary import Role


class Action(StrEnum):
    """What somebody does."""

    READ = "read"
    EXPORT = "export"
    WRITE = "write"
    DECIDE = "decide"
    OVERRIDE = "override"
    TRAIN = "train"
    APPROVE = "approve"
    MANAGE = "manage"


class Resource(StrEnum):
    """What it is done to."""

    PORTFOLIO = "portfolio"
    CUSTOMER = "customer"
    SCORE = "score"
    MARKETING = "marketing"
    APPLICATION = "application"
    DECISION = "decision"
    CASE = "case"
    EVENT = "event"
    MODEL = "model"
    POLICY = "policy"
    USER = "user"
    AUDIT = "audit"


class FieldClass(StrEnum):
    """How closely a field is held; `access.field_class` reads it off the tags of its column."""

    ORDINARY = "ordinary"  # keys, money, business data
    PROVENANCE = "provenance"  # where a row came from and when it was known
    IDENTITY = "identity"  # identifies a person: masked, and each reveal logged
    PROTECTED = "protected"  # protected attribute: fairness and the customer's own profile only
    RESTRICTED = "restricted"  # vulnerability and health
    TOKEN = "token"  # keyed hashes of identifiers


@dataclass(frozen=True)
class Grant:
    """Roles that may do an action to a resource's fields of one class."""

    action: Action
    resource: Resource
    fields: FieldClass
    roles: frozenset[Role]


_A, _R, _F = Action, Resource, FieldClass
_VIEWER, _MARKETER, _ANALYST, _OFFICER, _APPROVER, _ADMIN, _SERVICE = Role
_RISK = (_ANALYST, _OFFICER)


def _grant(action: Action, resource: Resource, fields: FieldClass, *roles: Role) -> Grant:
    return Grant(action, resource, fields, frozenset(roles))


GRANTS: tuple[Grant, ...] = (
    _grant(_A.READ, _R.PORTFOLIO, _F.ORDINARY, _VIEWER, _MARKETER, *_RISK, _APPROVER),
    _grant(_A.EXPORT, _R.PORTFOLIO, _F.ORDINARY, _OFFICER),
    _grant(_A.READ, _R.CUSTOMER, _F.ORDINARY, _MARKETER, *_RISK, _SERVICE),
    _grant(_A.READ, _R.CUSTOMER, _F.PROVENANCE, _VIEWER, _MARKETER, *_RISK, _APPROVER, _SERVICE),
    _grant(_A.READ, _R.CUSTOMER, _F.IDENTITY, *_RISK),
    _grant(_A.READ, _R.CUSTOMER, _F.PROTECTED, _OFFICER),
    _grant(_A.READ, _R.CUSTOMER, _F.RESTRICTED, *_RISK),
    _grant(_A.READ, _R.CUSTOMER, _F.TOKEN, *_RISK),
    _grant(_A.EXPORT, _R.CUSTOMER, _F.ORDINARY, _OFFICER),
    _grant(_A.READ, _R.SCORE, _F.ORDINARY, *_RISK, _APPROVER, _SERVICE),
    _grant(_A.READ, _R.MARKETING, _F.ORDINARY, _MARKETER, _APPROVER),
    _grant(_A.WRITE, _R.MARKETING, _F.ORDINARY, _MARKETER),
    _grant(_A.EXPORT, _R.MARKETING, _F.ORDINARY, _MARKETER),
    _grant(_A.READ, _R.APPLICATION, _F.ORDINARY, *_RISK, _SERVICE),
    _grant(_A.READ, _R.APPLICATION, _F.PROVENANCE, *_RISK, _APPROVER, _SERVICE),
    _grant(_A.READ, _R.APPLICATION, _F.TOKEN, *_RISK),
    _grant(_A.DECIDE, _R.APPLICATION, _F.ORDINARY, *_RISK, _SERVICE),
    _grant(_A.READ, _R.DECISION, _F.ORDINARY, *_RISK, _APPROVER, _SERVICE),
    _grant(_A.OVERRIDE, _R.DECISION, _F.ORDINARY, *_RISK),
    _grant(_A.APPROVE, _R.DECISION, _F.ORDINARY, _OFFICER),
    _grant(_A.READ, _R.CASE, _F.ORDINARY, *_RISK),
    _grant(_A.WRITE, _R.CASE, _F.ORDINARY, *_RISK),
    _grant(_A.WRITE, _R.EVENT, _F.ORDINARY, _SERVICE),
    _grant(_A.READ, _R.MODEL, _F.ORDINARY, _VIEWER, _MARKETER, *_RISK, _APPROVER),
    _grant(_A.READ, _R.MODEL, _F.PROTECTED, _APPROVER),  # the fairness report
    _grant(_A.TRAIN, _R.MODEL, _F.ORDINARY, *_RISK),
    _grant(_A.APPROVE, _R.MODEL, _F.ORDINARY, _APPROVER),
    _grant(_A.READ, _R.POLICY, _F.ORDINARY, *_RISK, _APPROVER),
    _grant(_A.WRITE, _R.POLICY, _F.ORDINARY, _OFFICER),
    _grant(_A.APPROVE, _R.POLICY, _F.ORDINARY, _OFFICER),
    _grant(_A.READ, _R.USER, _F.ORDINARY, _ADMIN),
    _grant(_A.READ, _R.USER, _F.IDENTITY, _ADMIN),
    _grant(_A.MANAGE, _R.USER, _F.ORDINARY, _ADMIN),
    _grant(_A.MANAGE, _R.USER, _F.IDENTITY, _ADMIN),
    _grant(_A.READ, _R.AUDIT, _F.ORDINARY, _OFFICER, _APPROVER, _ADMIN),
)

# Acts of a second person: each needs the name of who did the first, and is refused to that very one.
SECOND_PERSON: frozenset[tuple[Action, Resource]] = frozenset(
    {(_A.APPROVE, _R.DECISION), (_A.APPROVE, _R.MODEL), (_A.APPROVE, _R.POLICY)}
)
