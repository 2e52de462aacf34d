"""From one page to another, with whom or what to open in the address; only to pages that the user may open."""

import streamlit as st

from bank360.bank.counted import counted
from bank360.bank.vocabulary import RiskTier
from bank360.dashboard.visit import Visit
from bank360.dashboard.wording import plain
from bank360.policies.access_table import Action, Resource

CUSTOMER, DECISION, TIER, LATE, HELD = "customer", "decision", "tier", "late", "held"  # names in the address
CUSTOMERS_PAGE, LOAN_DESK_PAGE, QUEUE_PAGE = "customers", "loan-desk", "queue"


def to_customer(visit: Visit, customer_id: str, label: str = "Open the 360") -> None:
    """Offer the 360 of a customer."""
    _offer(visit, CUSTOMERS_PAGE, label, ":material/person_search:", {CUSTOMER: customer_id})


def to_decision(visit: Visit, decision_id: str) -> None:
    """Offer a decision at the loan desk."""
    _offer(visit, LOAN_DESK_PAGE, "Open at the loan desk", ":material/gavel:", {DECISION: decision_id})


def to_tier(visit: Visit, tier: str, customers: int) -> None:
    """Offer the customers of a risk tier, to who may see scores."""
    if visit.may(Action.READ, Resource.SCORE):
        of = plain(tier).lower() if tier == RiskTier.IN_DEFAULT else f"of tier {plain(tier).lower()}"
        _offer_customers(visit, f"{_people(customers)} {of}", {TIER: tier})


def to_late(visit: Visit, least_days: int, customers: int) -> None:
    """Offer the customers with open credit that is so many days past due, to who may see scores; 0: any credit."""
    if visit.may(Action.READ, Resource.SCORE):
        _offer_customers(visit, _people(customers), {LATE: str(least_days)})


def to_held(visit: Visit, figure: str, customers: int, label: str = "") -> None:
    """Offer the customers whom a number of the holdings counts (`pipeline.holdings`), to who may read customers."""
    _offer_customers(visit, label or _people(customers), {HELD: figure})


def to_queue(visit: Visit) -> None:
    """Offer the queue."""
    _offer(visit, QUEUE_PAGE, "Open the queue", ":material/inbox:", {})


def to_application(visit: Visit, customer_id: str) -> None:
    """Offer the loan desk with a new application of a customer, to who may decide one."""
    if visit.may(Action.DECIDE, Resource.APPLICATION):
        _offer(visit, LOAN_DESK_PAGE, "New application", ":material/request_quote:", {CUSTOMER: customer_id})


def go_to_decision(visit: Visit, decision_id: str) -> None:
    """Open a decision at the loan desk now."""
    st.switch_page(visit.addresses[LOAN_DESK_PAGE], query_params={DECISION: decision_id})


def _offer_customers(visit: Visit, label: str, said: dict[str, str]) -> None:
    if visit.may(Action.READ, Resource.CUSTOMER):
        _offer(visit, CUSTOMERS_PAGE, label, ":material/groups:", said)


def _people(customers: int) -> str:
    return counted(customers, "customer")


def _offer(visit: Visit, path: str, label: str, icon: str, said: dict[str, str]) -> None:
    page = visit.addresses.get(path)
    if page is not None:
        st.page_link(page, label=label, icon=icon, query_params=said)
