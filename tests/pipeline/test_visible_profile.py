"""What a role sees of a profile: worked by hand from the written table of rights."""

from datetime import UTC, datetime

import pytest

from bank360.bank.vocabulary import Role
from bank360.pipeline.profile import Profile, Score
from bank360.pipeline.profile_blocks import Block, Listing, Value
from bank360.pipeline.visible_profile import Freshness, freshness, visible_profile

AT = datetime(2026, 7, 1, tzinfo=UTC)
EARLIER, LATER = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 15, tzinfo=UTC)


def _profile(masked: bool) -> Profile:
    names = ("family_name", "birth_date", "sex", "age", "region", "income_90d")
    identifying = {"family_name", "birth_date"}
    values = tuple(
        Value(
            name,
            name,
            "x",
            None,
            "customers (core)",
            {"region": LATER, "age": AT}.get(name, EARLIER),
            masked and name in identifying,
        )
        for name in names
    )
    records = Listing(
        "records", "records", ("source", "birth_date"), (("core", "1980-••-••"),), "customer_personal", None
    )
    applications = Listing("applications", "applications", ("application_id",), (("L1",),), "applications", AT)
    score = Score("application_pd", "v", AT, "LOAN", 500_000, 36, -2.0, 0.1, "medium", False, (), ())
    who, money = Block("demographic", "Who", values, (records,)), Block("transactional", "Money", (), (applications,))
    return Profile("C1", AT, not masked, (), "GBP", (who, Block("behavioural", "How", (), ()), money), (score,), {})


@pytest.mark.parametrize(
    ("role", "masked", "values"),
    [
        # Masked identifiers identify nobody; a birth date, an age and a sex are protected: the risk officer's alone.
        (Role.MARKETER, True, {"family_name", "region", "income_90d"}),
        (Role.RISK_ANALYST, True, {"family_name", "region", "income_90d"}),
        (Role.RISK_OFFICER, True, {"family_name", "birth_date", "sex", "age", "region", "income_90d"}),
        # Revealed, a name is identity.
        (Role.MARKETER, False, {"region", "income_90d"}),
        (Role.RISK_ANALYST, False, {"family_name", "region", "income_90d"}),
        (Role.VIEWER, True, set()),
    ],
)
def test_each_value_needs_every_class_of_its_field(role, masked, values):
    block = visible_profile(_profile(masked), role).blocks[0]
    assert {value.name for value in block.values} == values


@pytest.mark.parametrize(
    ("role", "scores", "applications"),
    [(Role.MARKETER, 0, 0), (Role.RISK_ANALYST, 1, 1), (Role.MODEL_APPROVER, 1, 0), (Role.SERVICE, 1, 1)],
)
def test_scores_and_applications_are_resources_of_their_own(role, scores, applications):
    seen = visible_profile(_profile(masked=True), role)
    assert (len(seen.scores), len(seen.blocks[2].listings)) == (scores, applications)


def test_a_listing_loses_the_columns_that_a_role_may_not_read():
    (records,) = visible_profile(_profile(masked=True), Role.RISK_ANALYST).blocks[0].listings
    assert (records.columns, records.rows) == (("source",), (("core",),))
    (records,) = visible_profile(_profile(masked=True), Role.RISK_OFFICER).blocks[0].listings
    assert records.columns == ("source", "birth_date")


def test_freshness_says_the_latest_of_each_source_and_no_value():
    """An age is taken at the profile's instant off a birth date that may have been known for years."""
    assert freshness(_profile(masked=True)) == (
        Freshness("Who", "customers (core)", 5, LATER),
        Freshness("Who", "customer_personal", 1, None),
        Freshness("Money", "applications", 1, AT),
    )
