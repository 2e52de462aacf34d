"""What people do on a case, on both databases: who may, when, what is sealed of it, and never twice for one key."""

import json
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bank360.bank.errors import Conflict, NotAllowed, NotFound, RequestReused
from bank360.bank.vocabulary import (
    AlertSeverity,
    CaseAct,
    CaseKind,
    CaseOutcome,
    CaseState,
    OverrideCode,
    ProductLine,
    Role,
)
from bank360.pipeline.case_acts import (
    OUTCOMES,
    Acting,
    answer_override,
    assign_case,
    case_of_record,
    close_case,
    comment_on_case,
    propose_override,
)
from bank360.policies.access import Principal
from bank360.policies.credit_record import Asked, decision_record
from bank360.policies.decision import ModelUse, sealed_bytes
from bank360.storage.anchor import Anchor
from bank360.storage.cases import FoundCase, case_by_id, events_of_case, open_cases
from bank360.storage.chain import Entry
from bank360.storage.decision_log import DecisionLog, Request, record_decision
from bank360.storage.decision_reads import decision_by_id, decisions_page, recent_decisions
from bank360.storage.decision_verify import verify_log
from bank360.storage.kept_policies import keep_policy
from bank360.storage.queue_pages import QueueFilter, queue_page
from bank360.storage.settlements import Settled, settled_by_people, settlements
from bank360.storage.store.engine import open_store
from bank360.storage.store.schema import case_events, decisions
from bank360.storage.subjects import customer_of, forget_subject, name_subject
from bank360.storage.users import User, insert_user
from tests.policies.policy_cases import APPLICANT, FINANCES, POLICY, REQUEST, TEXT

ANN, OLGA, OTTO = (Principal(f"u-{n}", role) for n, role in enumerate(
    (Role.RISK_ANALYST, Role.RISK_OFFICER, Role.RISK_OFFICER)))  # fmt: skip
APPROVED, DECLINED, CODE = CaseOutcome.APPROVED, CaseOutcome.DECLINED, OverrideCode.INCOME_EVIDENCED
_IDS = count()


def acting(by=ANN, request=None, at_us=9):
    fresh = f"r{next(_IDS):06}"
    return Acting(by, at_us, fresh, f"s-{fresh}", request, lambda case: f"{case.state} {case.owner}".encode())


def key(payload=b"p", name="key-00001"):
    return Request("u-0", "POST /v1/cases", name, payload.ljust(32, b"\0"))


@pytest.fixture
def users(log):
    with log.store.writing() as connection:
        for user, name in ((ANN, "ann"), (OLGA, "olga"), (OTTO, "otto")):
            insert_user(connection, User(user.user_id, name, user.role), "x", 0)
        insert_user(connection, User("u-9", "mara", Role.MARKETER), "x", 0)
    keep_policy(log.store, POLICY.hash, POLICY.name, POLICY.version, TEXT, 0)
    return log


@pytest.fixture
def alert(users):
    found = FoundCase(CaseKind.ALERT, "salary_stopped", "C1", "no salary", AlertSeverity.MEDIUM, 900, 90)
    with users.store.writing() as connection:
        return open_cases(connection, [found], 5, "once")[0]


def decided(log, outcome="decline", decision_id="D-1", customer="C1"):
    """Seal a decision of the shipped policy: approved, declined (barred) or to be reviewed (no region)."""
    applicant = {
        "approve": APPLICANT, "decline": replace(APPLICANT, barred=True), "review": replace(APPLICANT, region=None),
    }[outcome]  # fmt: skip
    use = ModelUse("application_pd", "a" * 16, "a" * 64, False, (("bureau_score", 612.5),), (), -3.9, 0.02, ("R01",))
    fraud = replace(use, model="application_fraud", probability=0.01)
    with log.store.writing() as connection:
        subject = name_subject(connection, customer, f"s-{customer}")
    asked = Asked("decision", decision_id, subject, None, "u-0", 7)
    record = decision_record(asked, POLICY, REQUEST, applicant, FINANCES, (fraud, use))
    assert record.outcome == outcome
    record_decision(log, Entry.of(decision_id, "u-0", subject, "credit.decision", 7, sealed_bytes(record)), b"")
    return record


def the(log, case_id):
    with log.store.reading() as connection:
        case = case_by_id(connection, case_id)
        assert case is not None
        return case, events_of_case(connection, case_id)


def sealed(log):
    with log.store.reading() as connection:
        rows = connection.execute(select(decisions).order_by(decisions.c.sequence)).all()
    return [(row.kind, row.principal, row.subject, json.loads(row.record)) for row in rows]


def test_a_case_is_taken_spoken_of_and_closed_and_each_act_is_sealed(users, alert):
    assert assign_case(users, alert, "olga", acting()).response == b"open olga"
    comment_on_case(users, alert, "rang: new job from May", acting(OLGA))
    close_case(users, alert, CaseOutcome.CLEARED, acting(OLGA, at_us=20))
    case, events = the(users, alert)
    assert (case.state, case.outcome, case.closed_at_us) == (CaseState.CLOSED, CaseOutcome.CLEARED, 20)
    assert [(e.act, e.by_name, e.comment) for e in events] == [
        (CaseAct.OPENED, None, None),
        (CaseAct.ASSIGNED, "ann", None),
        (CaseAct.COMMENTED, "olga", "rang: new job from May"),
        (CaseAct.CLOSED, "olga", None),
    ]
    assert [(kind, by, record) for kind, by, _, record in sealed(users)] == [
        ("case.assigned", "u-0", {"case": alert, "owner": "u-1"}),
        ("case.commented", "u-1", {"case": alert}),
        ("case.closed", "u-1", {"case": alert, "outcome": "cleared", "source": "salary_stopped"}),
    ]
    assert len({subject for _, _, subject, _ in sealed(users)}) == 1
    assert b"C1" not in str(sealed(users)).encode()
    assert verify_log(users).faults == ()


def test_nothing_is_done_on_a_closed_case_or_one_that_is_not_there(users, alert):
    close_case(users, alert, CaseOutcome.CLEARED, acting())
    before = sealed(users)
    for error, case_id in ((Conflict, alert), (NotFound, "K0")):
        for do in (
            lambda case_id: assign_case(users, case_id, None, acting()),
            lambda case_id: comment_on_case(users, case_id, "x", acting()),
            lambda case_id: close_case(users, case_id, CaseOutcome.CLEARED, acting()),
            lambda case_id: answer_override(users, case_id, True, acting(OLGA)),
        ):
            with pytest.raises(error):
                do(case_id)
    assert sealed(users) == before
    assert len(the(users, alert)[1]) == 2


def test_a_case_goes_to_who_works_on_cases_and_may_be_given_back(users, alert):
    for name, error in (("nobody", NotFound), ("mara", Conflict)):
        with pytest.raises(error):
            assign_case(users, alert, name, acting())
    assign_case(users, alert, "ann", acting())
    assign_case(users, alert, None, acting())
    assert the(users, alert)[0].owner_id is None


@pytest.mark.parametrize("kind", CaseKind)
def test_a_case_ends_as_its_kind_ends_and_no_one_person_approves(users, kind):
    for number, outcome in enumerate(CaseOutcome):
        decided(users, "review", f"s{number}")
        with users.store.writing() as connection:
            found = FoundCase(kind, f"s{number}", "C1", "g", AlertSeverity.LOW, None, None)
            (case_id,) = open_cases(connection, [found], 5, f"time {number}")
        if outcome in OUTCOMES[kind]:
            close_case(users, case_id, outcome, acting())
        else:
            with pytest.raises(Conflict):
                close_case(users, case_id, outcome, acting())
    assert APPROVED not in OUTCOMES[kind]


def test_the_same_key_does_it_once_and_another_payload_is_refused(users, alert):
    first = comment_on_case(users, alert, "once", acting(request=key()))
    again = comment_on_case(users, alert, "once", acting(request=key()))
    assert (first.repeated, again.repeated) == (False, True)
    assert again.response == first.response
    with pytest.raises(RequestReused):
        comment_on_case(users, alert, "other", acting(request=key(b"q")))
    assert len(the(users, alert)[1]) == 2
    assert len(sealed(users)) == 1


def test_a_refusal_does_not_burn_the_key(users, alert):
    with pytest.raises(Conflict):
        close_case(users, alert, APPROVED, acting(request=key()))
    assert close_case(users, alert, CaseOutcome.CLEARED, acting(request=key())).repeated is False


@pytest.mark.parametrize(
    ("policy_said", "outcome", "may"),
    [
        ("decline", APPROVED, True), ("decline", DECLINED, False),
        ("approve", DECLINED, True), ("approve", APPROVED, False),
        ("review", APPROVED, True), ("review", DECLINED, True), ("review", CaseOutcome.CLEARED, False),
    ],
)  # fmt: skip
def test_an_override_says_otherwise_than_the_policy(users, policy_said, outcome, may):
    decided(users, policy_said)
    if may:
        propose_override(users, "D-1", outcome, CODE, acting())
    else:
        with pytest.raises(Conflict):
            propose_override(users, "D-1", outcome, CODE, acting())


def proposed(log, by=ANN):
    decided(log)
    propose_override(log, "D-1", APPROVED, CODE, acting(by))
    with log.store.reading() as connection:
        return connection.execute(select(case_events.c.case_id)).scalars().first()


def test_an_override_takes_a_second_person_and_closes_the_case(users):
    case_id = proposed(users, OLGA)
    with pytest.raises(NotAllowed, match="a second person must"):
        answer_override(users, case_id, True, acting(OLGA))
    with pytest.raises(NotAllowed, match=r"The role risk_analyst may not approve decision .*who may: risk_officer"):
        answer_override(users, case_id, True, acting(ANN))
    assert the(users, case_id)[0].proposal.by == OLGA.user_id
    answer_override(users, case_id, True, acting(OTTO))
    case, events = the(users, case_id)
    assert (case.state, case.outcome, case.proposal) == (CaseState.CLOSED, APPROVED, None)
    assert [e.act for e in events] == [CaseAct.OPENED, CaseAct.OVERRIDE_PROPOSED, CaseAct.OVERRIDE_APPROVED]
    kind, by, subject, record = sealed(users)[-1]
    assert (kind, by, subject) == ("case.override_approved", "u-2", "s-C1")
    assert record == {
        "case": case_id, "code": "income_evidenced", "decision": "D-1", "outcome": "approved", "proposed_by": "u-1",
    }  # fmt: skip
    assert verify_log(users).faults == ()


def case_of(log, decision_id="D-1"):
    """Return the id of the open case of a decision; None if there is none."""
    with log.store.reading() as connection:
        page = queue_page(connection, QueueFilter(CaseKind.APPLICATION)).rows
    return next((case.case_id for case in page if case.source == decision_id), None)


def standing(log, decision_id="D-1"):
    with log.store.reading() as connection:
        return settled_by_people(connection, decision_id)


def test_a_refused_override_of_what_was_decided_closes_its_case_and_another_may_be_proposed(users):
    case_id = proposed(users)
    with pytest.raises(Conflict, match="waits"):
        propose_override(users, "D-1", APPROVED, CODE, acting())
    answer_override(users, case_id, False, acting(OLGA, at_us=20))
    case, events = the(users, case_id)
    assert (case.state, case.outcome, case.proposal) == (CaseState.CLOSED, CaseOutcome.NO_ACTION, None)
    assert (case.closed_at_us, events[-1].act) == (20, CaseAct.OVERRIDE_REFUSED)
    assert standing(users) is None
    propose_override(users, "D-1", APPROVED, OverrideCode.DATA_IN_ERROR, acting())
    assert the(users, case_of(users))[0].proposal.code is OverrideCode.DATA_IN_ERROR


def test_a_refused_override_of_what_is_in_review_leaves_its_case_to_be_decided(users):
    decided(users, "review")
    propose_override(users, "D-1", APPROVED, CODE, acting())
    case_id = case_of(users)
    answer_override(users, case_id, False, acting(OLGA))
    assert the(users, case_id)[0].state is CaseState.OPEN
    close_case(users, case_id, DECLINED, acting(at_us=30))
    assert standing(users) == Settled(DECLINED, case_id, "ann", None, None, 30)


@pytest.mark.parametrize("by_people", [False, True])
def test_one_person_declines_nothing_that_was_approved_while_a_proposal_waits_or_after(users, by_people):
    """Approved by the policy, or by people against it: neither a proposal nor its refusal lets one person decline."""
    if by_people:
        answer_override(users, proposed(users), True, acting(OLGA))
    else:
        decided(users, "approve")
    before = standing(users)
    propose_override(users, "D-1", DECLINED, CODE, acting())
    case_id = case_of(users)
    with pytest.raises(Conflict, match="decided already: 'approved'"):
        close_case(users, case_id, DECLINED, acting())
    answer_override(users, case_id, False, acting(OLGA))
    with pytest.raises(Conflict, match="is closed"):
        close_case(users, case_id, DECLINED, acting())
    assert (case_of(users), standing(users)) == (None, before)


POLICY_SAID = {"approve": APPROVED, "decline": DECLINED, "review": None}
STEPS = st.sampled_from(
    [("propose", end) for end in (APPROVED, DECLINED)] + [("answer", yes) for yes in (True, False)]
    + [("close", end) for end in OUTCOMES[CaseKind.APPLICATION]]
)  # fmt: skip


@pytest.fixture(scope="module")
def one_log(tmp_path_factory):
    """A log that examples of one test share, a decision of its own each."""
    folder = tmp_path_factory.mktemp("any-order")
    with open_store(f"sqlite:///{folder / 'store.sqlite3'}") as opened:
        with opened.writing() as connection:
            for user, name in ((ANN, "ann"), (OLGA, "olga"), (OTTO, "otto")):
                insert_user(connection, User(user.user_id, name, user.role), "x", 0)
        keep_policy(opened, POLICY.hash, POLICY.name, POLICY.version, TEXT, 0)
        yield DecisionLog(opened, Anchor(folder / "anchor", b"k" * 32))


@settings(max_examples=40)
@given(
    policy_said=st.sampled_from(sorted(POLICY_SAID)),
    steps=st.lists(st.tuples(STEPS, st.sampled_from([ANN, OLGA, OTTO])), max_size=8),
)
def test_four_eyes_hold_whatever_the_order_of_acts(one_log, policy_said, steps):
    """What stands moves by one person only from review to declined; else by a proposer and another, an officer."""
    decision_id = f"D-{next(_IDS):06}"
    decided(one_log, policy_said, decision_id)
    if policy_said == "review":
        with one_log.store.writing() as connection:
            open_cases(connection, [FoundCase(CaseKind.APPLICATION, decision_id, "C1", "g", AlertSeverity.LOW, 1, 1)],
                       5, decision_id)  # fmt: skip
    stands = POLICY_SAID[policy_said]
    waiting = None  # proposer and outcome
    for (do, what), who in steps:
        case_id = case_of(one_log, decision_id)
        try:
            if do == "propose":
                propose_override(one_log, decision_id, what, CODE, acting(who))
                waiting = (who, what)
            elif case_id is not None and do == "answer":
                answer_override(one_log, case_id, what, acting(who))
                assert waiting is not None
                assert who.role is Role.RISK_OFFICER
                assert who is not waiting[0]
                stands, waiting = waiting[1] if what else stands, None
            elif case_id is not None:
                close_case(one_log, case_id, what, acting(who))
                if what is DECLINED:
                    assert stands is None
                    stands = DECLINED
                waiting = None
        except (Conflict, NotAllowed):
            pass
        settled = standing(one_log, decision_id)
        assert stands is (POLICY_SAID[policy_said] if settled is None else settled.outcome)


def test_an_override_is_made_once_and_undone_only_by_another(users):
    """What people decided last stands, not what the policy said: the same again is refused, the other way is not."""
    case_id = proposed(users)
    answer_override(users, case_id, True, acting(OLGA, at_us=20))
    assert standing(users) == Settled(APPROVED, case_id, "olga", "ann", CODE, 20)
    with pytest.raises(Conflict, match="decided so already"):
        propose_override(users, "D-1", APPROVED, CODE, acting())
    undone = propose_override(
        users, "D-1", DECLINED, OverrideCode.DATA_IN_ERROR, replace(acting(OTTO), answer=lambda c: c.case_id.encode())
    ).response.decode()
    answer_override(users, undone, True, acting(OLGA, at_us=20))  # at the same instant: the order is that of the acts
    last = Settled(DECLINED, undone, "olga", "otto", OverrideCode.DATA_IN_ERROR, 20)
    decided(users, "review", "D-2")
    with users.store.reading() as connection:
        assert settlements(connection, ["D-1", "D-2", "D-3"]) == {"D-1": last}
        assert settlements(connection, []) == {}
    propose_override(users, "D-1", APPROVED, CODE, acting())


def test_only_a_decision_of_a_customer_who_can_be_found_is_overridden(users):
    decided(users)
    with users.store.writing() as connection:
        forget_subject(connection, "C1")
    for decision_id in ("D-1", "D-2"):
        with pytest.raises(NotFound):
            propose_override(users, decision_id, APPROVED, CODE, acting())


def test_the_case_of_an_application_says_its_reasons_amount_and_cost(users):
    record = decided(users, "review")
    found = case_of_record(record, "C1", ProductLine.PERSONAL_LOAN)
    assert (found.kind, found.source, found.customer_id) == (CaseKind.APPLICATION, "D-1", "C1")
    # 2 % × 65 % × 5,000.00 = 65.00
    assert (found.money_at_stake, found.expected_loss) == (500_000, 6_500)
    assert found.severity is AlertSeverity.MEDIUM
    assert found.ground
    # Of a mortgage 15 % is lost: 2 % × 15 % × 5,000.00 = 15.00
    assert case_of_record(record, "C1", ProductLine.MORTGAGE).expected_loss == 1_500


def test_decisions_are_read_back_by_id_by_customer_and_in_pages(users):
    for number in range(5):
        decided(users, "approve", f"D-{number}", "C1" if number % 2 else "C2")
    with users.store.reading() as connection:
        one = decision_by_id(connection, "D-3")
        assert one is not None
        assert (one.sequence, one.kind, one.principal) == (4, "credit.decision", "u-0")
        assert decision_by_id(connection, "none") is None
        assert [d.decision_id for d in recent_decisions(connection, "C1")] == ["D-3", "D-1"]
        assert recent_decisions(connection, "C3") == ()
        first = decisions_page(connection, most=2)
        rest = decisions_page(connection, before=first[-1].sequence, most=9)
        assert [d.decision_id for d in (*first, *rest)] == ["D-4", "D-3", "D-2", "D-1", "D-0"]
        assert customer_of(connection, one.subject) == "C1"
