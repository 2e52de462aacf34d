"""The credit policy in force at the Loan desk: who may have how much, and at which price."""

import streamlit as st

from bank360.bank.counted import counted
from bank360.dashboard import figures
from bank360.dashboard.cards import panel
from bank360.dashboard.tables import Columns, table
from bank360.dashboard.visit import Visit
from bank360.dashboard.wording import money, percent, plain
from bank360.policies.access_table import Action, Resource
from bank360.policies.credit_policy import Price

_BANDS: Columns = {
    "Grade": "The price band, the safest first.",
    "Probability below": figures.BAND_PD,
    "Rate a year": figures.BAND_RATE,
    "Most": figures.BAND_AMOUNT,
    "Longest": figures.BAND_TERM,
}


def draw(visit: Visit) -> None:
    """Draw the policy, for who may read policies."""
    if not visit.may(Action.READ, Resource.POLICY):
        return
    policy = visit.bank.desk.policy
    currency = policy.currency  # its amounts are in no other
    with visit.bank.published.current() as version:
        misfit = policy.misfit(version.meta.currency, version.meta.country)
    in_force = "in force" if currency == visit.bank.currency else "that comes with bank360, and decides nothing here"
    own, rules = policy.eligibility, policy.affordability
    with panel(f"The policy {in_force}, version {policy.version}", note=f"Owner: {plain(policy.owner).lower()}."):
        if misfit is not None:
            st.warning(misfit)
        st.markdown(
            f"{money(own.least_amount, currency)} to {money(own.most_amount, currency)} over {own.least_term} to "
            f"{counted(own.most_term, 'month')}; at most {counted(own.most_days_past_due, 'day')} past due with us. "
            f"{money(rules.buffer, currency)} a month must be left over with the rate stressed by "
            f"{percent(rules.stress)}. A probability of default of {percent(policy.pd.review_from)} is reviewed, of "
            f"{percent(policy.pd.decline_from)} declined; without history of {percent(policy.thin_pd.review_from)} and "
            f"{percent(policy.thin_pd.decline_from)}, and at most {money(policy.thin_most_amount, currency)}."
        )
        table([_band(place, band, currency) for place, band in enumerate(policy.prices, start=1)], _BANDS)


def _band(place: int, band: Price, currency: str) -> dict[str, str]:
    return {
        "Grade": str(place),
        "Probability below": percent(band.below),
        "Rate a year": percent(band.rate),
        "Most": money(band.most_amount, currency),
        "Longest": counted(band.most_term, "month"),
    }
