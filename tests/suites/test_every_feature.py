"""Laws of every declared feature. A new family or feature is checked without asking."""

import re
from importlib import import_module

import pytest

from bank360.bank.reasons import REASON_BY_CODE
from bank360.bank.table import Tag
from bank360.bank.tables import TABLE_BY_NAME, TABLES
from bank360.features.families import ALL_FEATURES, CATALOGUE, FAMILIES, FAMILIES_OF
from bank360.features.families.windows import DAYS, HOME_MONEY, MONEY
from bank360.features.feature import Derived, Feature, Months, SpineColumn, stated_sign
from bank360.features.layout import layouts
from bank360.features.ops import OF_KEYS, Op
from bank360.features.scan import (
    COMPUTED_COLUMNS,
    FRAUD_STREAMS,
    INCOME_KINDS,
    JOINED_COLUMNS,
    STREAM_BY_NAME,
    STREAMS,
    Entity,
    entity_of,
    scan_plan,
)
from bank360.features.wording import counts_said

OWNERS = {"risk", "marketing", "fraud"}
UNITS = {feature.name: feature.unit for feature in CATALOGUE}
EVERY_FAMILY = {family: features for families in FAMILIES_OF.values() for family, features in families.items()}
FORBIDDEN = {Tag.PII, Tag.PROTECTED, Tag.RESTRICTED}
# Of features that risk and fraud answer for, those whose rise says neither riskier nor safer, and why. Any other has a
# direction; one more here is argued for in a review.
GROWS_WITH_THE_SHOP = {
    f"{place}_{what}"
    for place in (Entity.MERCHANT, Entity.TERMINAL)
    for what in ("payments_24h", "payments_7d", "payments_30d", "payers_30d", "aged_payments_7d", "aged_payments_30d")
}
COUNTS_HOW_MUCH_IS_SEEN = {
    "purchases_90d", "timed_purchases_90d", "credit_months_365d", "direct_debits_365d", "recurring_payments_90d",
    "recurring_merchants_90d", "transactions_7d", "transactions_90d", "transactions_365d", "active_days_90d",
    "transaction_growth",
}  # fmt: skip
FOLLOWS_INCOME = {"purchase_mean_90d"}
GIVEN_BACK_FOR_ANY_REASON = {"refunds_365d"}
NONE_IS_AS_BAD_AS_SEVERAL = {"employers_365d"}
MAY_NOT_WEIGH_AGAINST = {"benefits_90d"}  # US Regulation B, 12 CFR 1002.6(b)(2)
NO_DIRECTION = (
    GROWS_WITH_THE_SHOP | COUNTS_HOW_MUCH_IS_SEEN | FOLLOWS_INCOME | GIVEN_BACK_FOR_ANY_REASON
    | NONE_IS_AS_BAD_AS_SEVERAL | MAY_NOT_WEIGH_AGAINST
)  # fmt: skip
# Hand-worked values that are 0 all the same, and why: a feature whose event is not among those of its test is 0 too.
NOTHING_IS_THE_ANSWER: dict[str, str] = {}
CODED = {"purpose": "category"}  # joined columns with the codes of one of the table's own
READ_OFF = COMPUTED_COLUMNS | (set(JOINED_COLUMNS) | set(INCOME_KINDS)) - set(CODED)
FEATURES = pytest.mark.parametrize("feature", CATALOGUE, ids=lambda feature: feature.name)


def test_there_are_at_least_forty_in_the_ten_families():
    assert len(ALL_FEATURES) >= 40
    assert set(FAMILIES) == {
        "spending", "income", "balances", "cash", "digital", "cross_border", "repayment", "rfm", "relationship",
        "velocity",
    }  # fmt: skip


def test_the_catalogue_is_every_family_of_every_entity_and_a_customers_features_come_first():
    assert [feature for features in EVERY_FAMILY.values() for feature in features] == list(CATALOGUE)
    assert CATALOGUE[: len(ALL_FEATURES)] == ALL_FEATURES
    assert set(FAMILIES_OF) == set(Entity)


@pytest.mark.parametrize("entity", FAMILIES_OF)
def test_a_family_describes_one_entity_alone(entity):
    features = [feature for family in FAMILIES_OF[entity].values() for feature in family]
    assert {entity_of(feature) for feature in features if isinstance(feature, Feature)} == {entity}
    own = {feature.name for feature in features}
    assert all(set(feature.inputs) <= own for feature in features if isinstance(feature, Derived))


def test_what_is_known_to_be_fraud_is_counted_over_payments_old_enough_to_have_been_reported():
    counted = {feature.name: feature for feature in CATALOGUE if isinstance(feature, Feature)}
    shares = [feature for feature in CATALOGUE if isinstance(feature, Derived) and feature.inputs[0] in counted]
    rates = [one for one in shares if counted[one.inputs[0]].measure.table in FRAUD_STREAMS]
    assert len(rates) == 4
    for rate in rates:
        frauds, payments = (counted[name] for name in rate.inputs)
        assert frauds.window == payments.window
        assert not isinstance(frauds.window, Months)
        assert frauds.window.ago >= 7
        assert frauds.measure.where == payments.measure.where


@pytest.mark.parametrize("family", EVERY_FAMILY)
def test_every_feature_is_worked_by_hand(family):
    """Its family's test compares all it computes with ``EXPECTED``, each value derived there in the open."""
    worked = import_module(f"tests.features.families.test_{family}")
    file = f"tests/features/families/test_{family}.py"
    unlike = set(worked.EXPECTED) ^ {feature.name for feature in EVERY_FAMILY[family]}
    assert not unlike, f"{sorted(unlike)}: work each in EXPECTED of {file}, and take away what the family has no more"
    assert callable(getattr(worked, f"test_every_feature_of_{family}"))
    assert None not in worked.EXPECTED.values(), "a value that is not there shows nothing"
    nothing = {name for name, value in worked.EXPECTED.items() if value == 0} - set(NOTHING_IS_THE_ANSWER)
    assert not nothing, f"{sorted(nothing)}: 0 without any event too. Put an event that counts into {file}"


def test_names_are_unique():
    assert len({feature.name for feature in CATALOGUE}) == len(CATALOGUE)


@FEATURES
def test_it_says_what_it_is(feature):
    assert feature.name.isidentifier()
    assert feature.name == feature.name.lower()
    assert feature.meaning
    assert feature.unit
    assert feature.owner in OWNERS


@FEATURES
def test_what_is_of_some_hours_says_whose_they_are(feature):
    inputs = feature.inputs if isinstance(feature, Derived) else (feature.name,)
    measures = [one.measure for one in CATALOGUE if isinstance(one, Feature) and one.name in inputs]
    if any(name == "local_hour" and kind == "in" for one in measures for name, kind, _ in one.where):
        assert re.search(r"from \d\d:00 to \d\d:00 in the bank's zone", feature.meaning)
        assert isinstance(feature, Derived) or "; hour in the bank's zone is one of" in counts_said(feature)


@FEATURES
def test_it_states_the_sign_that_risk_expects_of_it_or_that_none_is_expected(feature):
    assert stated_sign(feature) in (-1, 0, 1)
    if feature.owner in {"risk", "fraud"}:
        assert (feature.sign == 0) == (feature.name in NO_DIRECTION), "a direction, or among those with none and why"


def test_a_sign_left_out_is_refused_and_named():
    unsaid = SpineColumn("amount", "minor units", "amount of the row")
    with pytest.raises(ValueError, match="feature 'amount' states no expected sign for risk"):
        stated_sign(unsaid)


@FEATURES
def test_what_may_decide_has_a_reason_that_exists(feature):
    if feature.reason is not None:
        assert feature.reason in REASON_BY_CODE
    elif feature.owner != "marketing":
        pytest.fail(f"{feature.name} may weigh in a risk decision but could not be stated as a reason")


@FEATURES
def test_derived_inputs_are_declared(feature):
    if isinstance(feature, Derived):
        assert set(feature.inputs) <= {other.name for other in CATALOGUE}


@FEATURES
def test_columns_exist_and_carry_no_identity_or_protected_attribute(feature):
    if not isinstance(feature, Feature):
        return
    measure = feature.measure
    table = TABLE_BY_NAME[STREAM_BY_NAME[measure.table].table]
    read = {column for column, _, _ in measure.where} | ({measure.column} - {None})
    for name in read - COMPUTED_COLUMNS - set(JOINED_COLUMNS) - set(INCOME_KINDS):
        column = table.column(name)
        assert not FORBIDDEN & set(column.tags)
        numeric = column.type in ("int64", "bool", "date")
        assert numeric or feature.op in OF_KEYS | {Op.COUNT} or name != measure.column


@FEATURES
def test_coded_conditions_name_codes_of_the_column(feature):
    if not isinstance(feature, Feature):
        return
    table = TABLE_BY_NAME[STREAM_BY_NAME[feature.measure.table].table]
    for name, comparison, values in feature.measure.where:
        if comparison in ("in", "not in") and name not in READ_OFF:
            codes = table.column(CODED.get(name, name)).codes
            if codes is not None:
                assert set(values) <= {code.value for code in codes}


def money_columns(feature):
    table = TABLE_BY_NAME[STREAM_BY_NAME[feature.measure.table].table]
    return {column.name for column in table.columns if Tag.MONEY in column.tags}


@FEATURES
def test_money_is_never_added_across_currencies(feature):
    """What reads an amount is of the bank's currency; what counts reads none, and so sees every account."""
    if not isinstance(feature, Feature):
        return
    read = feature.measure.column in money_columns(feature)
    assert read == (HOME_MONEY in feature.measure.where), (
        f"measure {feature.measure.name} of {feature.name}: HOME_MONEY (families/windows.py) stands in `where` of what "
        "reads an amount, and of nothing else"
    )
    assert read == (feature.unit == MONEY), "an amount has the unit of money and nothing else has it"
    assert not read or feature.op in {Op.SUM, Op.MEAN, Op.STD, Op.MIN, Op.MAX, Op.LAST}


@FEATURES
def test_conditions_on_money_ask_for_its_sign_only(feature):
    """Any other bound would mean one thing in pounds and another in yen."""
    if isinstance(feature, Feature):
        for name, comparison, values in feature.measure.where:
            assert name not in money_columns(feature) or (comparison in ("<", ">") and values == (0,))


@FEATURES
def test_derived_features_do_not_mix_money_with_other_units(feature):
    if isinstance(feature, Derived):
        units = [UNITS[name] for name in feature.inputs]
        a_month = feature.kind == "ratio" and units == [MONEY, DAYS] and feature.unit == f"{MONEY} a month"
        assert (units[0] == MONEY) == (units[1] == MONEY) or a_month


def test_streams_read_canonical_tables_and_their_times():
    for stream in STREAMS:
        column = TABLE_BY_NAME[stream.table].column(stream.time_column)
        assert column.type == ("date" if stream.date_only else "timestamp")


def test_everything_can_be_scanned_and_packed_together():
    plan = scan_plan(CATALOGUE)
    assert {scan.stream.name for scan in plan} == set(layouts(CATALOGUE)) == {stream.name for stream in STREAMS}
    for scan in plan:
        names = {column.name for column in TABLE_BY_NAME[scan.stream.table].columns}
        assert set(scan.columns) <= names | set(JOINED_COLUMNS)
    assert set(TABLE_BY_NAME) == {table.name for table in TABLES}


def test_spine_columns_are_not_in_families():
    assert not [feature for feature in CATALOGUE if isinstance(feature, SpineColumn)]
