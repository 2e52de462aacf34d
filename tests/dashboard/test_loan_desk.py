"""Applications at the Loan desk: decided at the bank's own now, tried with all that was told, and each once."""

import math
from dataclasses import replace

import pytest

from bank360.bank.vocabulary import CaseKind, CreditOutcome, Role
from bank360.dashboard.links import CUSTOMER, DECISION
from bank360.dashboard.opened import bank, close_banks, wall
from bank360.dashboard.screens.desk_what_if import TRIED, told_in
from bank360.dashboard.screens.queue import CHOSEN
from bank360.dashboard.wording import plain
from bank360.policies.credit_policy import credit_policy
from bank360.policies.credit_record import FRAUD_MODEL
from bank360.policies.decision import ModelUse, parse
from bank360.storage.cases import events_of_case
from bank360.storage.decision_reads import decisions_page
from bank360.storage.policy_files import policy_text
from bank360.storage.queue_pages import QueueFilter, queue_page
from tests.dashboard.bank import published_home, riskiest, served_home  # noqa: F401 - fixtures
from tests.dashboard.visitor import go, press, texts, visitor

pytestmark = pytest.mark.usefixtures("served_home")


def decided():
    """Return how many decisions there are."""
    with bank().log.store.reading() as connection:
        return len(decisions_page(connection, most=200))


def newest():
    """Return the record of the decision that was made last."""
    with bank().log.store.reading() as connection:
        return parse(decisions_page(connection, most=1)[0].record)


@pytest.fixture
def clock_on_the_wall(monkeypatch):
    """The same bank, opened with ``clock: wall``."""
    close_banks()
    monkeypatch.setenv("BANK360_CLOCK", "wall")
    yield
    close_banks()


def test_with_its_clock_on_the_wall_the_desk_decides_now(clock_on_the_wall):
    page = go(visitor(Role.RISK_ANALYST), "loan-desk", **{CUSTOMER: riskiest(5)})
    began = wall()
    page = press(page, "Decide")
    assert not page.exception
    assert not page.error, page.error[0].value
    assert began <= newest().as_of <= wall()


def test_a_what_if_is_told_again_what_any_of_the_models_was_told():
    press(go(visitor(Role.RISK_ANALYST), "loan-desk", **{CUSTOMER: riskiest(6)}), "Decide")
    record = newest()
    read = (
        ("channel", "web"), ("email_age_days", 12.0), ("form_seconds", 4.5), ("ip_distance_km", math.nan),
        ("purpose", "car"),
    )  # fmt: skip
    fraud = ModelUse(FRAUD_MODEL, "1", "0" * 64, False, read, ("purpose",), 0.0, 0.5, ())
    told = told_in(replace(record, models=(fraud, *record.models)))
    assert (told.channel, told.email_age_days, told.form_seconds, told.ip_distance_km) == ("web", 12.0, 4.5, None)
    assert told.purpose is None  # nobody was asked
    assert told.declared_income == record.finances.declared_income


def test_what_was_tried_once_is_shown_again_as_it_came_out_and_not_worked_out_anew():
    page = visitor(Role.RISK_ANALYST)
    press(go(page, "loan-desk", **{CUSTOMER: riskiest(7)}), "Decide")
    page = go(page, "loan-desk", **{DECISION: newest().decision_id})
    page = page.slider[0].set_value(page.slider[0].min).run()
    assert not page.exception
    asked_for, record = page.session_state[TRIED]
    other = next(one for one in CreditOutcome if one not in (record.outcome, newest().outcome))
    told = "".join(texts(page)).count(plain(other))
    page.session_state[TRIED] = (asked_for, replace(record, outcome=other))
    assert "".join(texts(page.run())).count(plain(other)) == told + 1


def test_an_application_that_is_sent_twice_from_one_filling_in_is_decided_once():
    page = go(visitor(Role.RISK_ANALYST), "loan-desk", **{CUSTOMER: riskiest(8)})
    before, address, pressed = decided(), page._page_hash, _pressed(page, "Decide")
    page._run(pressed)
    first = page.query_params[DECISION]
    page._page_hash, page.query_params = address, {CUSTOMER: riskiest(8)}
    page._run(pressed)  # a second press, which was on its way
    assert not page.exception
    assert (decided(), page.query_params[DECISION]) == (before + 1, first)
    page = press(go(page, "loan-desk", **{CUSTOMER: riskiest(8)}), "Decide")  # the form drawn anew is a new application
    assert (decided(), page.query_params[DECISION] == first) == (before + 2, False)


def test_a_comment_that_is_sent_twice_from_one_filling_in_stands_once():
    page = visitor(Role.RISK_ANALYST)
    with bank().log.store.reading() as connection:
        case = queue_page(connection, QueueFilter(CaseKind.ALERT)).rows[0].case_id
    page.session_state[CHOSEN] = case
    page = go(page, "queue")
    page.text_area[0].set_value("Called twice.")
    pressed = _pressed(page, "Add comment")
    page._run(pressed)
    page._run(pressed)  # a second press, which comes when the page was drawn anew
    assert not page.exception
    assert _said(case) == ["Called twice."]
    page.text_area[0].set_value("Called twice.")
    page = press(page, "Add comment")  # typed again, it is said again
    assert _said(case) == ["Called twice.", "Called twice."]


def _pressed(page, label):
    """Return what a browser sends when a button is pressed."""
    next(button for button in page.button if button.label == label).click()
    return page._tree.get_widget_states()


def _said(case):
    with bank().log.store.reading() as connection:
        return [one.comment for one in events_of_case(connection, case) if one.comment is not None]


def test_where_the_policy_is_in_another_currency_the_desk_says_so_and_asks_for_no_application(monkeypatch):
    text = policy_text(None).replace("currency: GBP", "currency: EUR").replace("market: GB", "market: DE")
    monkeypatch.setattr(bank().desk, "policy", credit_policy(text))
    page = go(visitor(Role.RISK_ANALYST), "loan-desk")
    assert not page.exception
    assert [button.label for button in page.button if button.label == "Decide"] == []
    said = " ".join(texts(page))
    assert "The credit policy uk_personal_loan 1.0 is for DE in EUR, and this bank is in GB with GBP" in said
    assert "that comes with bank360, and decides nothing here" in said
    assert "€1,000.00 to €25,000.00" in said  # its amounts are in no other currency
