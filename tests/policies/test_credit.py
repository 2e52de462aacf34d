"""The gates in order, edge by edge, and laws of every decision."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank360.bank.reasons import REASON_BY_CODE
from bank360.bank.vocabulary import CreditOutcome
from bank360.policies.affordability import Finances
from bank360.policies.credit import Alternative, decide
from bank360.policies.gates import Applicant, Request, Scores
from tests.policies.policy_cases import APPLICANT, FINANCES, POLICY, REQUEST, SCORES

APPROVE, REVIEW, DECLINE = CreditOutcome
GATES = ["eligibility", "identity and fraud", "affordability", "probability of default", "amount and term"]


def decided(request=REQUEST, applicant=APPLICANT, finances=FINANCES, scores=SCORES):
    return decide(POLICY, request, applicant, finances, scores)


def numbers(gate):
    return {number.name: number.value for number in gate.numbers}


def test_a_request_that_passes_every_gate_is_approved_without_a_reason():
    found = decided()
    assert (found.outcome, found.reasons, found.alternatives) == (APPROVE, (), ())
    assert [gate.gate for gate in found.gates] == GATES
    assert {gate.outcome for gate in found.gates} == {APPROVE}
    # 500,000 over 36 months at 25.9 %: 20,119 a month; 300,000 - 65,000 - 60,000 - 20,119 = 154,881 left.
    assert numbers(found.gates[2])["left over"] == 154_881
    assert numbers(found.gates[4])["instalment"] == 15_416  # at 6.9 %


@pytest.mark.parametrize(
    ("change", "code", "outcome"),
    [
        ({"adult": False}, "P01", DECLINE),
        ({"adult": None}, "P03", REVIEW),
        ({"region": "Bavaria"}, "P02", DECLINE),
        ({"region": None}, "P03", REVIEW),
        ({"barred": True}, "P04", DECLINE),
        ({"in_default": True, "days_past_due": 120}, "P07", DECLINE),
        ({"days_past_due": 31}, "P08", DECLINE),
        ({"days_past_due": 30}, None, APPROVE),
        ({"days_past_due": None}, None, APPROVE),
    ],
)
def test_eligibility(change, code, outcome):
    found = decided(applicant=replace(APPLICANT, **change))
    assert found.outcome is outcome
    assert found.reasons == (() if code is None else (code,))


def test_a_default_that_is_a_charge_off_is_declined_as_what_was_and_not_as_what_is():
    lost = replace(APPLICANT, in_default=True, charged_off_on="2024-06-12")
    found = decided(applicant=lost)
    assert (found.outcome, found.reasons) == (DECLINE, ("P18",))
    assert numbers(found.gates[0])["credit with us charged off on"] == "2024-06-12"
    assert "credit with us in default" not in numbers(found.gates[0])


@pytest.mark.parametrize(
    ("amount", "term", "code"),
    [(99_999, 36, "P05"), (100_000, 36, None), (2_500_001, 84, "P05"), (500_000, 5, "P06"), (500_000, 85, "P06"),
     (500_000, 84, None)],
)  # fmt: skip
def test_amount_and_term_of_the_product_are_closed_ranges(amount, term, code):
    found = decided(Request(amount, term))
    assert found.gates[0].reasons == (() if code is None else (code,))


@pytest.mark.parametrize(
    ("probability", "outcome", "code"),
    [(0.0999, APPROVE, None), (0.10, REVIEW, "P10"), (0.5999, REVIEW, "P10"), (0.60, DECLINE, "P09"),
     (None, REVIEW, "P10")],
)  # fmt: skip
def test_fraud_edges_belong_to_the_stricter_side_and_no_score_is_looked_at(probability, outcome, code):
    found = decided(scores=replace(SCORES, fraud=probability))
    assert (found.outcome, found.reasons) == (outcome, () if code is None else (code,))


def test_a_failure_of_affordability_declines_whatever_the_probability_of_default():
    poor = replace(FINANCES, evidenced_income=154_000)  # 154,000 - 65,000 - 60,000 - 20,119 = 8,881, below 10,000
    for pd in (0.0, 0.02, 0.15):
        found = decided(finances=poor, scores=replace(SCORES, pd=pd))
        assert found.outcome is DECLINE
        assert found.reasons == ("P11",)
    enough = replace(FINANCES, evidenced_income=155_119)  # 10,000 left: at the buffer it passes
    assert decided(finances=enough).outcome is APPROVE


def test_income_that_is_not_known_is_reviewed_and_never_read_as_nothing():
    found = decided(finances=replace(FINANCES, income_90d=None))
    assert (found.outcome, found.reasons) == (REVIEW, ("P12",))


def test_debt_that_is_not_known_is_reviewed_but_what_fails_without_it_is_declined():
    assert decided(finances=replace(FINANCES, external_debt=None)).reasons == ("P14",)
    assert decided(finances=replace(FINANCES, external_debt=None, evidenced_income=0)).reasons == ("P11",)


@pytest.mark.parametrize(
    ("pd", "thin", "outcome"),
    [(0.0999, False, APPROVE), (0.10, False, REVIEW), (0.1999, False, REVIEW), (0.20, False, DECLINE),
     (0.0599, True, APPROVE), (0.06, True, REVIEW), (0.15, True, DECLINE)],
)  # fmt: skip
def test_the_probability_of_default_has_edges_and_a_thin_file_its_own(pd, thin, outcome):
    found = decided(scores=replace(SCORES, pd=pd, thin_file=thin))
    assert found.gates[3].outcome is outcome
    assert found.outcome is outcome


def test_the_reasons_of_a_decline_by_the_model_are_the_models():
    assert decided(scores=replace(SCORES, pd=0.3)).reasons == ("R01", "R13")


def test_a_decline_without_a_reason_goes_to_review():
    found = decided(scores=replace(SCORES, pd=0.3, pd_reasons=()))
    assert (found.outcome, found.reasons) == (REVIEW, ("P17",))


def test_no_score_is_a_review():
    assert decided(scores=Scores(None, 0.01, (), False)).reasons == ("P17",)


def test_a_worse_price_says_why_and_the_best_says_nothing():
    assert decided(scores=replace(SCORES, pd=0.0299)).reasons == ()
    dearer = decided(scores=replace(SCORES, pd=0.03))
    assert (dearer.outcome, dearer.reasons) == (APPROVE, ("R01", "R13"))
    assert numbers(dearer.gates[4])["rate"] == 0.099


def test_the_amount_of_a_band_and_of_a_thin_file_is_a_limit_with_an_alternative():
    rich = replace(FINANCES, evidenced_income=900_000)
    found = decided(Request(1_600_000, 72), finances=rich, scores=replace(SCORES, pd=0.08))
    assert found.outcome is DECLINE
    assert found.reasons == ("P15", "P16")
    assert [(one.amount, one.term_months) for one in found.alternatives] == [(1_500_000, 60)]
    thin = decided(Request(800_000, 36), finances=rich, scores=replace(SCORES, thin_file=True))
    assert thin.reasons == ("P15",)
    assert [(one.amount, one.term_months) for one in thin.alternatives] == [(750_000, 36)]


def test_alternatives_are_the_largest_affordable_amount_and_the_shortest_longer_term():
    # Room: 170,000 - 65,000 - 60,000 - 10,000 = 35,000 a month. At 25.9 % over 36 months 869,838 cost 35,000 a month.
    found = decided(Request(1_000_000, 36), finances=replace(FINANCES, evidenced_income=170_000))
    assert found.reasons == ("P11",)
    # 1,000,000 cost 33,662 a month over 48 months. At the 6.9 % to be paid: 26,515.0004 and 23,899.9, rounded up.
    assert found.alternatives == (Alternative(860_000, 36, 26_516), Alternative(1_000_000, 48, 23_900))


def test_no_alternative_is_offered_where_something_else_declines():
    poor = replace(FINANCES, evidenced_income=160_000)
    assert decided(Request(1_000_000, 36), finances=poor).alternatives
    assert not decided(Request(1_000_000, 36), finances=poor, scores=replace(SCORES, pd=0.5)).alternatives
    assert not decided(Request(1_000_000, 36), replace(APPLICANT, barred=True), poor).alternatives


@pytest.mark.parametrize("wrong", [{"pd": 1.01}, {"pd": float("nan")}, {"fraud": -0.1}])
def test_what_is_no_probability_is_no_score(wrong):
    with pytest.raises(ValueError, match="None where a model gave no answer"):
        replace(SCORES, **wrong)


MONEY = st.none() | st.integers(0, 10**7)
REQUESTS = st.builds(Request, st.integers(1, 3_000_000), st.integers(1, 100))
APPLICANTS = st.builds(
    Applicant, st.sampled_from([True, True, False, None]), st.sampled_from(["Wales", "Bavaria", None]),
    st.booleans(), st.booleans(), st.none() | st.integers(0, 400),
)  # fmt: skip
FINANCIALS = st.builds(
    Finances, MONEY, MONEY, MONEY, st.none() | st.integers(-10**5, 10**6), MONEY, st.none() | st.integers(0, 365),
    st.none() | st.integers(0, 5000), MONEY, MONEY, MONEY, st.none() | st.integers(0, 10**5), MONEY,
)  # fmt: skip
PROBABILITY = st.none() | st.floats(0, 1)
CODES = st.lists(st.sampled_from([c for c in REASON_BY_CODE if c[0] == "R"]), max_size=4, unique=True).map(tuple)
SCORED = st.builds(Scores, PROBABILITY, PROBABILITY, CODES, st.booleans())


@given(REQUESTS, st.just(APPLICANT) | APPLICANTS, FINANCIALS, SCORED)
def test_laws_of_every_decision(request, applicant, finances, scores):
    found = decided(request, applicant, finances, scores)
    assert [gate.gate for gate in found.gates] == GATES
    order = list(CreditOutcome)
    assert found.outcome is max((gate.outcome for gate in found.gates), key=order.index)
    assert len(found.reasons) == len(set(found.reasons)) <= 4
    assert set(found.reasons) <= set(REASON_BY_CODE)
    assert found.reasons or found.outcome is APPROVE
    assert all(gate.reasons or gate.outcome is APPROVE for gate in found.gates)
    assert decided(request, applicant, finances, scores) == found
    if found.outcome is APPROVE:
        assert None not in (scores.pd, scores.fraud, applicant.adult, applicant.region)


@given(REQUESTS, FINANCIALS, SCORED)
def test_every_alternative_passes_when_it_is_asked_for(request, finances, scores):
    """With the scores as they were, so all gates but the models' pass; and no longer or larger than asked for both."""
    for other in decided(request, APPLICANT, finances, scores).alternatives:
        again = decided(Request(other.amount, other.term_months), APPLICANT, finances, scores)
        assert DECLINE not in {gate.outcome for gate in again.gates}
        assert again.gates[4].outcome is APPROVE
        assert numbers(again.gates[4])["instalment"] == other.instalment
        assert other.amount <= request.amount
