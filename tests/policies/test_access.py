"""Every role, action, resource and field class against the written table; second persons; fields by their tags."""

import itertools
import re
from pathlib import Path

import pytest

from bank360.bank.errors import NotAllowed
from bank360.bank.table import PROVENANCE, Column, Tag
from bank360.bank.tables import TABLE_BY_NAME, TABLES
from bank360.bank.vocabulary import Role
from bank360.policies.access import Principal, allowed, authorize, field_classes
from bank360.policies.access_table import GRANTS, SECOND_PERSON, Action, FieldClass, Resource

WRITTEN = Path(__file__).parents[2] / "docs" / "reference" / "access.md"
EVERY = list(itertools.product(Role, Action, Resource, FieldClass))


def written():
    """Return the cells that the document grants, and the acts that it marks for a second person."""
    lines = [line for line in WRITTEN.read_text("utf-8").splitlines() if line.startswith("|")]
    header, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    roles = [Role(name) for name in header[3:]]
    assert set(roles) == set(Role)
    cells, second = set(), set()
    for action, resource, fields, *marks in rows:
        act = (Action(action.removesuffix(" (2)")), Resource(resource))
        second |= {act} if action.endswith(" (2)") else set()
        assert set(marks) <= {"yes", "-"}
        cells |= {(r, *act, FieldClass(fields)) for r, mark in zip(roles, marks, strict=True) if mark == "yes"}
    return cells, second


def asked(role, action, resource, fields, first="somebody-else"):
    try:
        authorize(Principal("u1", role), action, resource, [fields], first)
    except NotAllowed:
        return False
    return True


def test_every_cell_equals_the_written_table():
    cells, second = written()
    assert second == SECOND_PERSON
    differ = [cell for cell in EVERY if not (asked(*cell) == allowed(*cell) == (cell in cells))]
    assert differ == []
    assert len(EVERY) == 7 * 8 * 12 * 6


def test_no_right_is_written_twice_or_to_nobody():
    assert len({(g.action, g.resource, g.fields) for g in GRANTS}) == len(GRANTS)
    assert all(grant.roles for grant in GRANTS)


def test_what_definitions_say_of_the_roles():
    """Risk sees identity, marketing and the executive do not; no segment of duties is one person's."""
    reads = {role for role in Role if allowed(role, Action.READ, Resource.CUSTOMER, FieldClass.IDENTITY)}
    assert reads == {Role.RISK_ANALYST, Role.RISK_OFFICER}
    approves = {role for role in Role if allowed(role, Action.APPROVE, Resource.MODEL, FieldClass.ORDINARY)}
    trains = {role for role in Role if allowed(role, Action.TRAIN, Resource.MODEL, FieldClass.ORDINARY)}
    assert approves == {Role.MODEL_APPROVER}
    assert not approves & trains
    assert {g.action for g in GRANTS if Role.VIEWER in g.roles} == {Action.READ}
    customer = {Resource.CUSTOMER, Resource.SCORE, Resource.APPLICATION, Resource.DECISION, Resource.CASE}
    held = [g for g in GRANTS if {Role.ADMIN, Role.VIEWER} & g.roles and g.resource in customer]
    assert {(g.resource, g.fields) for g in held} == {(Resource.CUSTOMER, FieldClass.PROVENANCE)}  # how fresh it is


@pytest.mark.parametrize(("action", "resource"), sorted(SECOND_PERSON))
class TestSecondPerson:
    def role(self, action, resource):
        return next(role for role in Role if allowed(role, action, resource, FieldClass.ORDINARY))

    def test_may_approve_what_somebody_else_made(self, action, resource):
        authorize(Principal("u1", self.role(action, resource)), action, resource, first="u2")

    @pytest.mark.parametrize("first", ["u1", "U1", " u1 ", "ｕ１"])
    def test_may_not_approve_their_own(self, action, resource, first):
        with pytest.raises(NotAllowed, match="a second person must"):
            authorize(Principal("u1", self.role(action, resource)), action, resource, first=first)

    @pytest.mark.parametrize("first", [None, "", "  "])
    def test_is_refused_while_nobody_says_who_the_first_was(self, action, resource, first):
        with pytest.raises(NotAllowed, match="must be known who made it"):
            authorize(Principal("u1", self.role(action, resource)), action, resource, first=first)

    def test_needs_the_right_all_the_same(self, action, resource):
        with pytest.raises(NotAllowed, match="The role viewer may not approve"):
            authorize(Principal("u1", Role.VIEWER), action, resource, first="u2")


def test_one_field_that_is_denied_denies_all_and_is_named():
    analyst = Principal("u1", Role.RISK_ANALYST)
    authorize(analyst, Action.READ, Resource.CUSTOMER, [FieldClass.ORDINARY, FieldClass.IDENTITY])
    may = "may not read customer (protected fields)"
    with pytest.raises(NotAllowed, match=re.escape(f"The role risk_analyst {may}")):
        authorize(analyst, Action.READ, Resource.CUSTOMER, [FieldClass.ORDINARY, FieldClass.PROTECTED])
    with pytest.raises(NotAllowed):
        authorize(Principal("u1", Role.ADMIN), Action.READ, Resource.CUSTOMER, [])


def test_a_field_has_the_classes_of_its_tags_and_none_is_without():
    for table in TABLES:
        for column in (*table.columns, *PROVENANCE):
            assert field_classes(column), (table.name, column.name)
    customers = TABLE_BY_NAME["customers"]
    assert field_classes(customers.column("birth_date")) == {FieldClass.IDENTITY, FieldClass.PROTECTED}
    assert field_classes(customers.column("region")) == {FieldClass.ORDINARY}
    token = TABLE_BY_NAME["identifier_tokens"].column("token")
    assert field_classes(token) == {FieldClass.TOKEN}  # a key too, which loosens nothing
    for tag in Tag:
        assert field_classes(Column("c", "string", "m", (tag,)))
