"""What people do on pages does what it says: it is sealed under their id, and refused where they have no right."""

import json

import pytest
from sqlalchemy import select

from bank360.bank.vocabulary import CaseState, Role
from bank360.dashboard.links import CUSTOMER, DECISION, HELD, LATE
from bank360.dashboard.opened import bank
from bank360.dashboard.screens.queue import CHOSEN
from bank360.dashboard.wording import day, plain
from bank360.pipeline.demo_users import SAMPLE_PASSWORD
from bank360.pipeline.holdings import in_words, of_line, published_holdings
from bank360.pipeline.published_rows import published_profile
from bank360.pipeline.users import change_password
from bank360.storage.decision_reads import CREDIT_DECISION, decision_by_id
from bank360.storage.published_lists import CustomerFilter, count_customers, found_customers
from bank360.storage.queue_pages import QueueFilter, queue_page
from bank360.storage.store.schema import decisions
from bank360.storage.users import user_named
from bank360.storage.version_schema import customers
from tests.cli.conftest import register_scorecard
from tests.dashboard.bank import published_home, riskiest, served_home  # noqa: F401 - fixtures
from tests.dashboard.visitor import go, press, stranger, texts, visitor

pytestmark = pytest.mark.usefixtures("served_home")


def log():
    """Return the records of the log: kind, by whom, and what is said where it is an act; the newest last."""
    with bank().log.store.reading() as connection:
        rows = connection.execute(
            select(decisions.c.kind, decisions.c.principal, decisions.c.record).order_by(decisions.c.sequence)
        )
        return [(row.kind, row.principal, bytes(row.record)) for row in rows]


def user_id(name):
    with bank().log.store.reading() as connection:
        user = user_named(connection, name)
    assert user is not None
    return user.user_id


def lately(page):
    """Return the newest row of what was decided lately, by column."""
    tables = [one.value for one in go(page, "loan-desk").dataframe if "Decided" in one.value.columns]
    return dict(tables[0].iloc[0])


def approving(page, version, password):
    """Fill in the form of an approval anew, and send it."""
    page.run()
    page.selectbox[0].select(version)
    page.checkbox[0].check()
    page.text_input[0].set_value(password)
    return press(page, "Approve as champion")


def a_case(kind):
    with bank().log.store.reading() as connection:
        return next(case for case in queue_page(connection, QueueFilter()).rows if case.kind == kind)


def opened_case(page, case):
    page.session_state[CHOSEN] = case.case_id
    return go(page, "queue")


def decided(page, customer):
    """Decide the form's application for a customer and return the decision's id."""
    page = go(page, "loan-desk", **{CUSTOMER: customer})
    next(button for button in page.button if button.label == "Decide").click().run()
    assert not page.exception
    assert not page.error, page.error[0].value
    kinds = log()
    assert kinds[-1][0] == CREDIT_DECISION
    return json.loads(kinds[-1][2])["decision_id"]


def test_a_wrong_password_and_an_unknown_name_are_answered_alike():
    said = {visitor(name, "not the password").error[0].value for name in ("ann", "nobody-of-this-name")}
    assert said == {"That name and password do not fit."}


def test_a_program_may_not_look_at_pages():
    page = visitor(Role.SERVICE)
    assert "programs use the API" in page.error[0].value
    assert page.title[0].value != "Portfolio"


def test_who_logged_out_or_has_another_password_since_is_asked_to_log_in_again():
    page = press(visitor(Role.VIEWER), "Log out")
    assert [one.label for one in page.text_input] == ["User name", "Password"]
    again = visitor(Role.VIEWER)
    assert again.title[0].value == "Portfolio"
    change_password(bank().log, "victor", SAMPLE_PASSWORD + "!", "a" * 32, "test", 1_000_000)
    assert [one.label for one in again.run().text_input] == ["User name", "Password"]


def test_identity_is_masked_until_it_is_revealed_and_each_reveal_is_sealed_first():
    page = go(visitor(Role.RISK_OFFICER), "customers", **{CUSTOMER: riskiest(0)})
    before = log()
    names = lambda: next(  # noqa: E731
        row["Value"]
        for frame in page.dataframe
        for _, row in frame.value.iterrows()
        if row.get("What") == "Family name"
    )
    assert names().endswith("•••")
    page = press(page, "Reveal identity")
    assert "•" not in names()
    after = log()
    assert [entry[:2] for entry in after[len(before) :]] == [("identity.revealed", user_id("olga"))]
    page.run()  # the next click shows them masked again, and seals nothing
    assert names().endswith("•••")
    assert log() == after


def test_a_marketer_sees_no_score_no_tier_and_no_protected_attribute():
    page = go(visitor(Role.MARKETER), "customers", **{CUSTOMER: riskiest(0)})
    assert not page.exception
    read = texts(page)
    assert "Probability of default" not in read
    assert not any("risk tier" in text.lower() for text in read)
    assert {"Sex as recorded", "Marital status as recorded", "Date of birth", "Age"}.isdisjoint(read)
    assert "Reveal identity" not in [button.label for button in page.button]


def telling_family():
    """Return a family name whose customers do not stand in the order of their ids by risk, and these, by risk."""
    with bank().published.current() as version, version.reading() as connection:
        named = connection.execute(
            select(customers.c.family_key, customers.c.customer_id)
            .where(customers.c.family_key.is_not(None))
            .order_by(customers.c.place)
        )
        found = {}
        for family, customer_id in named:
            found.setdefault(family, []).append(customer_id)
    return next((family, ids) for family, ids in found.items() if ids != sorted(ids) and len(ids) < 50)


def test_a_marketers_list_does_not_tell_by_its_order_who_is_risky():
    page = go(visitor(Role.MARKETER), "customers")
    assert not page.dataframe
    family, by_risk = telling_family()
    page.text_input[0].set_value(family).run()
    assert page.dataframe[0].value["Customer"].tolist() == sorted(by_risk)
    assert {"Risk tier", "Probability of default", "Alerts"}.isdisjoint(page.dataframe[0].value.columns)


def test_a_case_is_taken_commented_and_closed_each_act_sealed():
    page, case = visitor(Role.RISK_ANALYST), a_case("tier")
    before = len(log())
    page = press(opened_case(page, case), "Take this case")
    assert a_case("tier").owner == "ann"
    page.text_area[0].set_value("Called the customer.")
    page = press(page, "Add comment")
    assert "Called the customer." in texts(page)
    closed = press(page, "Close the case")
    assert closed.error[0].value == "Say with which outcome the case closes."
    page.selectbox[0].select("contacted")
    page = press(page, "Close the case")
    assert [kind for kind, _, _ in log()[before:]] == ["case.assigned", "case.commented", "case.closed"]
    assert {by for _, by, _ in log()[before:]} == {user_id("ann")}
    with bank().log.store.reading() as connection:
        open_ids = {one.case_id for one in queue_page(connection, QueueFilter(state=CaseState.OPEN)).rows}
    assert case.case_id not in open_ids
    page = next(one for one in page.toggle if one.label == "Closed ones").set_value(True).run()
    (closed_ones,) = [one.value for one in page.dataframe if "Closed by" in one.value.columns]
    assert "Owner" not in closed_ones.columns
    assert {("Contacted", "ann")} == set(zip(closed_ones["Outcome"], closed_ones["Closed by"], strict=True))
    assert any("Contacted, by ann" in said for said in texts(page))
    assert b"Called the customer" not in b"".join(record for _, _, record in log())


def test_a_decision_is_sealed_opens_and_replays_to_the_same_bytes():
    page = visitor(Role.RISK_ANALYST)
    decision_id = decided(page, riskiest(1))
    page = go(page, "loan-desk", **{DECISION: decision_id})
    assert not page.exception
    assert [text for text in texts(page) if text[:4] in ("**1*", "**2*", "**3*", "**4*", "**5*")] == [
        "**1** · Eligibility",
        "**2** · Identity and fraud",
        "**3** · Affordability",
        "**4** · Probability of default",
        "**5** · Amount and term",
    ]
    page = press(page, "Replay the decision")
    assert page.success[0].value.startswith("The same ")
    with bank().log.store.reading() as connection:
        logged = decision_by_id(connection, decision_id)
    assert logged is not None
    assert logged.principal == user_id("ann")


def test_a_what_if_is_logged_apart_and_is_no_decision():
    page = go(visitor(Role.RISK_ANALYST), "loan-desk", **{CUSTOMER: riskiest(2)})
    before = log()
    page = press(page, "Try it out (what-if)")
    assert not page.exception
    assert "**What-if**" in texts(page)
    assert [entry[:2] for entry in log()[len(before) :]] == [("credit.what_if", user_id("ann"))]


def test_an_override_takes_a_second_risk_officer():
    page = visitor(Role.RISK_OFFICER)
    decision_id = decided(page, riskiest(3))
    policy_said = lately(page)["Outcome"]
    page = go(page, "loan-desk", **{DECISION: decision_id})
    outcome, code = page.selectbox[-2:]
    outcome.select_index(0)
    code.select("income_evidenced")
    page = press(page, "Propose the override")
    assert not page.exception
    case = next(one for one in _applications() if one.source == decision_id)
    assert case.proposal.by == user_id("olga")
    waiting = opened_case(visitor("otto"), case)
    assert any(said.endswith("proposed by olga.") for said in texts(waiting))
    assert user_id("olga") not in "".join(texts(waiting))
    own = press(opened_case(visitor("olga"), case), "Approve the override")
    assert "a second person must" in own.error[0].value
    other = press(opened_case(visitor("otto"), case), "Approve the override")
    assert not other.error
    assert case.case_id not in {one.case_id for one in _applications()}
    assert log()[-1][0] == "case.override_approved"
    decided_so = f"**{plain(case.proposal.outcome)}**"
    for place in (("loan-desk", {DECISION: decision_id}), ("customers", {CUSTOMER: riskiest(3)})):
        assert any("eople decided: " + decided_so in text for text in texts(go(visitor("olga"), place[0], **place[1])))
    listed = lately(visitor("olga"))
    stands = f"{plain(case.proposal.outcome)} by people (policy: {policy_said.lower()})"
    assert (listed["Customer"], listed["Outcome"], listed["By"]) == (riskiest(3), stands, "olga")
    # To a model approver, who may not read customers, the list names none.
    assert "Customer" not in lately(visitor(Role.MODEL_APPROVER))
    # What people decided can be undone, as it was done: by two.
    page = go(visitor("otto"), "loan-desk", **{DECISION: decision_id})
    outcome, code = page.selectbox[-2:]
    undone = {"approved": "Declined", "declined": "Approved"}[case.proposal.outcome]
    assert outcome.options == [undone]
    assert any("by people, and this undoes that" in text for text in texts(page))
    outcome.select_index(0)
    code.select("income_evidenced")
    assert not press(page, "Propose the override").error
    case = next(one for one in _applications() if one.source == decision_id)
    assert not press(opened_case(visitor("olga"), case), "Approve the override").error
    assert lately(visitor("olga"))["Outcome"].startswith(undone)


def test_a_model_approver_finds_and_replays_decisions_and_can_decide_nothing():
    decision_id = decided(visitor(Role.RISK_ANALYST), riskiest(4))
    page = go(visitor(Role.MODEL_APPROVER), "loan-desk")
    assert "Decide" not in [button.label for button in page.button]
    page = go(page, "loan-desk", **{DECISION: decision_id})
    labels = [button.label for button in page.button]
    assert "Replay the decision" in labels
    assert "Propose the override" not in labels
    assert not page.slider


def test_a_model_approver_makes_a_version_champion_that_somebody_else_trained_and_nobody_else_may():
    registry = bank().registry
    champion = registry.aliases("application_pd")["champion"]
    own, other = register_scorecard(registry, trained_by="mo"), register_scorecard(registry, trained_by="ann")
    for role in (Role.RISK_OFFICER, Role.VIEWER):
        assert "Approve as champion" not in [button.label for button in go(visitor(role), "models").button]
    page = go(visitor(Role.MODEL_APPROVER), "models")
    page.selectbox[0].select(own)
    before = len(log())
    unread = press(page, "Approve as champion")
    assert unread.error[0].value == "Say that you have read the card."
    # The log-in is not enough: what is recorded is "a user's password", so the password is asked for with the act.
    for typed in ("", "not the password"):
        refused = approving(page, other, typed)
        assert refused.error[0].value == "That is not the password of mo. Nothing was approved."
    refused = approving(page, own, SAMPLE_PASSWORD)
    assert "a second person must" in refused.error[0].value
    assert (registry.aliases("application_pd")["champion"], len(log())) == (champion, before)
    page = approving(page, other, SAMPLE_PASSWORD)
    assert not page.error
    assert registry.aliases("application_pd")["champion"] == other
    assert [entry[:2] for entry in log()[before:]] == [("model.approved", user_id("mo"))]
    assert any(row["Approval"].startswith("by mo") for _, row in page.dataframe[0].value.iterrows())
    registry.promote("application_pd", champion, "approver")


def test_a_number_of_customers_opens_the_list_of_just_these():
    with bank().published.current() as version:
        ids = [one.customer_id for one in found_customers(version, CustomerFilter(least_days_past_due=0)).rows]
        counted = count_customers(version, CustomerFilter(least_days_past_due=0))
    page = visitor(Role.RISK_ANALYST)
    assert f"{counted} customers" in [link.proto.label for link in page.get("page_link")]
    page = go(page, "customers", **{LATE: "0"})
    assert page.dataframe[0].value["Customer"].tolist() == ids
    assert "no credit" not in page.dataframe[0].value["Days past due"].tolist()


@pytest.mark.parametrize("role", [Role.RISK_ANALYST, Role.MARKETER])
def test_a_number_of_the_holdings_opens_the_list_of_just_these(role):
    with bank().published.current() as version:
        held = published_holdings(version)
        figure = of_line(held.lines[0].line)
        ids = {one.customer_id for one in found_customers(version, CustomerFilter(counted_by=figure), most=500).rows}
    page = visitor(role)
    labels = [link.proto.label for link in go(page, "portfolio").get("page_link")]
    assert {f"{held.customers:,} customers", f"{held.main_bank:,} customers"} <= set(labels)
    assert f"{plain(held.lines[0].line)}: {held.lines[0].customers:,}" in labels
    page = go(page, "customers", **{HELD: figure})
    shown = page.dataframe[0].value["Customer"].tolist()
    assert len(shown) == min(len(ids), 50)
    assert set(shown) <= ids
    if role is Role.MARKETER:  # by id: the order of risk is not theirs
        assert shown == sorted(ids)[: len(shown)]
    assert any(in_words(figure) in one for one in texts(page))
    page = go(visitor(Role.VIEWER), "portfolio")
    assert not [link for link in page.get("page_link") if "customers" in link.proto.label]


def test_an_unknown_customer_and_an_unknown_decision_are_said_to_be_so():
    page = go(visitor(Role.RISK_ANALYST), "customers", **{CUSTOMER: "nobody"})
    assert "No customer and no source key" in page.error[0].value
    page = go(page, "loan-desk", **{DECISION: "f" * 32})
    assert page.error[0].value.startswith("There is no such decision")


def test_too_many_guesses_are_refused_without_being_verified():
    page = stranger()
    for _ in range(11):
        name, secret = page.text_input
        name.set_value("mallory")
        secret.set_value("a guess of some length")
        page = page.button[0].click().run()
    assert "Too often" in page.error[0].value


def _applications():
    with bank().log.store.reading() as connection:
        return [case for case in queue_page(connection, QueueFilter()).rows if case.kind == "application"]


def test_offers_are_suppressed_for_who_complained_and_the_page_says_so_first():
    with bank().published.current() as version:
        everybody = [row.customer_id for row in found_customers(version, most=200).rows]
        days = {
            one: value.value
            for one in everybody
            for value in published_profile(version, one).blocks[1].values
            if value.name == "complained_on"
        }
    complained, told = next(iter(days.items()))
    page = go(visitor(Role.MARKETER), "customers", **{CUSTOMER: complained})
    assert f"a complaint was talked about on {day(told)}" in page.warning[0].value
    other = go(visitor(Role.MARKETER), "customers", **{CUSTOMER: next(one for one in everybody if one not in days)})
    assert "complaint" not in "".join(one.value for one in other.warning)
