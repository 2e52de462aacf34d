"""The Portfolio page lists records that may be one person to who may see identity, masked, and to nobody else."""

import pytest
from streamlit.testing.v1 import AppTest

from bank360.bank.vocabulary import Role
from bank360.dashboard.screens import portfolio
from bank360.pipeline.possible_pairs import published_pairs
from bank360.policies.access_table import Action, FieldClass, Resource
from tests.dashboard.bank import published_home, served_home  # noqa: F401 - fixtures
from tests.dashboard.visitor import go, visitor
from tests.policies.test_access import written

CELLS, _ = written()
ASKS = "May they be one person?"


@pytest.mark.usefixtures("served_home")
@pytest.mark.parametrize("role", [Role.VIEWER, Role.MARKETER, Role.RISK_ANALYST, Role.RISK_OFFICER])
def test_who_may_see_identity_is_asked_whether_two_records_are_one_person(role):
    page = go(visitor(role), "portfolio")
    may = (role, Action.READ, Resource.CUSTOMER, FieldClass.IDENTITY) in CELLS
    assert any(ASKS in text.value for text in page.markdown) == may


@pytest.mark.usefixtures("served_home")
@pytest.mark.parametrize(("role", "read"), [(Role.VIEWER, False), (Role.RISK_OFFICER, True)])
def test_of_a_role_that_may_not_see_them_the_pairs_are_not_even_read(role, read, monkeypatch):
    versions = []

    def seen(version):
        versions.append(version)
        return published_pairs(version)

    monkeypatch.setattr(portfolio, "published_pairs", seen)
    assert not go(visitor(role), "portfolio").exception
    assert bool(versions) == read


def test_the_pairs_are_counted_those_listed_and_those_not():
    def draw():
        from bank360.dashboard.screens.portfolio_pairs import possible_pairs
        from bank360.pipeline.possible_pairs import OneOfTwo, PairsToReview, PairToReview

        agree = {"given_name": "same", "family_name": "misspelt", "birth_date": "not known", "address": "same home",
                 "email": "different", "phone": "different"}  # fmt: skip
        one, other = OneOfTwo("C1", "core", "k1", "A••• M•••"), OneOfTwo("C2", "cards", "k2", None)
        pairs = tuple(PairToReview(one, other, likely, agree) for likely in (0.99997, 0.612))
        possible_pairs(None, PairsToReview(120, pairs))  # nobody is asked while no row is chosen

    page = AppTest.from_function(draw, default_timeout=60).run()
    (rows,) = (one.value.to_dict("records") for one in page.dataframe)
    assert [row["How likely"] for row in rows] == ["> 99.9 %", "61.2 %"]
    assert rows[0] | {"How likely": ""} == {
        "How likely": "", "One": "C1  A••• M•••", "The other": "C2  not known", "Given name": "same",
        "Family name": "misspelt", "Birth date": "not known", "Address": "same home", "E-mail": "different",
        "Telephone": "different",
    }  # fmt: skip
    assert any("120 pairs to review, the 2 surest of them here" in caption.value for caption in page.caption)
