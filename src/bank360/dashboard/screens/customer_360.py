"""The Customer 360: one customer on one screen; what suppresses offers stands first of all.

Identity is masked; revealing it is an act of its own, sealed before anything is shown, and forgotten by the session at
the next page. Neighbours: `customer_parts.py` draws the parts below, `pipeline/visible_profile.py` leaves out what the
role may not read.
"""

import streamlit as st

from bank360.bank.counted import counted
from bank360.bank.vocabulary import RiskTier
from bank360.dashboard import figures
from bank360.dashboard.badges import tier_badge
from bank360.dashboard.cards import header, number, panel
from bank360.dashboard.charts_customer import reason_bars
from bank360.dashboard.links import CUSTOMER, to_application
from bank360.dashboard.opened import wall
from bank360.dashboard.screens import customer_parts, customer_tables
from bank360.dashboard.screens.customer_tables import listing_of, rows_of
from bank360.dashboard.states import empty, not_known
from bank360.dashboard.visit import Visit
from bank360.dashboard.wording import UNKNOWN, day, moment, money, money_short, percent, plain
from bank360.home import fresh_id
from bank360.models.calibrated import calibration_step, unstated
from bank360.pipeline.decision_facts import standing_in
from bank360.pipeline.desk import why_undecided
from bank360.pipeline.limits import limits_in
from bank360.pipeline.profile import Profile, Score
from bank360.pipeline.published_rows import published_profile
from bank360.pipeline.reveal import revealed_profile
from bank360.pipeline.visible_profile import freshness, visible_profile
from bank360.policies.access_table import Action, FieldClass, Resource
from bank360.storage.published import Version
from bank360.storage.published_lists import published_alerts
from bank360.storage.reads_credit import NO_CREDIT, CreditStanding


def draw(visit: Visit, version: Version, asked: str) -> None:
    """Draw the 360 of the customer who is called so."""
    if not visit.may(Action.READ, Resource.CUSTOMER):
        visit.must(Action.READ, Resource.CUSTOMER, FieldClass.PROVENANCE)
        found = published_profile(version, asked)
        header(f"Customer {found.customer_id}", moment(found.as_of, visit.bank.zone), back=CUSTOMER)
        with panel("Sources and freshness", note="Where each part comes from, and when its latest value became known."):
            customer_tables.sources(visit, freshness(found))
        return
    found = visible_profile(_profile(visit, version, asked), visit.principal.role)
    inputs = version.decision_inputs(found.customer_id)
    standing = NO_CREDIT if inputs is None else standing_in(dict(inputs.facts))
    _title(visit, found, version)
    customer_parts.suppression(found, standing)
    if visit.may(Action.READ, Resource.CASE):
        customer_parts.alerts(published_alerts(version, found.customer_id))
    if visit.may(Action.READ, Resource.SCORE):
        _risk(visit, found, standing, version)
    else:
        customer_parts.relationship(found)
    customer_parts.rest(visit, found, may_be_decided=_may_be_decided(visit, version))


def _profile(visit: Visit, version: Version, asked: str) -> Profile:
    """Return the profile, revealed where that was asked for with this very click."""
    if not st.session_state.pop(f"reveal-{asked}", False):
        return published_profile(version, asked)
    return revealed_profile(visit.bank.log, version, asked, visit.principal, (fresh_id(), fresh_id()), wall())


def _may_be_decided(visit: Visit, version: Version) -> bool:
    """Return whether an application can be decided here: else nothing offers one."""
    return why_undecided(version, visit.bank.desk.policy) is None


def _title(visit: Visit, found: Profile, version: Version) -> None:
    keys = ", ".join(f"{key.source} {key.source_key}" for key in found.keys if key.valid_to is None)
    header(f"Customer {found.customer_id}", moment(found.as_of, visit.bank.zone), back=CUSTOMER)
    with st.container(horizontal=True, vertical_alignment="center"):
        for score in found.scores:
            tier_badge(score.tier)
            if score.thin_file:
                st.badge("thin file", color="violet")
        st.caption(f"Known as {keys}.")
        if _may_be_decided(visit, version):
            to_application(visit, found.customer_id)
        if visit.may(Action.READ, Resource.CUSTOMER, FieldClass.IDENTITY) and not found.revealed:
            st.button(
                "Reveal identity", icon=":material/visibility:", help="Each reveal is logged with your name.",
                on_click=_ask_reveal, args=(found.customer_id,),
            )  # fmt: skip
        if found.revealed:
            st.badge("identity shown, and logged", icon=":material/visibility:", color="orange")


def _ask_reveal(customer_id: str) -> None:
    st.session_state[f"reveal-{customer_id}"] = True
    st.query_params[CUSTOMER] = customer_id


def _risk(visit: Visit, found: Profile, standing: CreditStanding, version: Version) -> None:
    """Draw what risk looks at first: the score and why, exposure, lateness, limits, and income against commitments.

    Of a bank without a model all but the score and why; of one that delivered no months of credit nothing of debts.
    """
    modelled, lends = version.unscored is None, "lending" not in found.not_known
    _figures(found, standing, modelled, lends)
    strip, why = st.columns([3, 2]) if modelled else (st.container(), None)
    with strip:
        if lends:
            with panel("Arrears record, 24 months", figures.ARREARS):
                customer_parts.arrears(visit, found)
        else:
            not_known("Nothing is known of debts and arrears", found.not_known["lending"])
        with panel("Latest"):
            customer_parts.latest(visit, found, may_be_decided=_may_be_decided(visit, version))
    if why is not None:
        with why:
            _why(found)


def _figures(found: Profile, standing: CreditStanding, modelled: bool, lends: bool) -> None:
    limits = limits_in(rows_of(listing_of(found, "accounts")), found.currency)
    columns = st.columns(1 + modelled + (3 if lends else limits is not None))
    if modelled:
        score = next(iter(found.scores), None)
        with columns.pop(0):
            said, note = _probability(score)
            number(figures.PROBABILITY, said, note=note)
    if lends:
        with columns.pop(0):
            lost = standing.charged_off_on
            note = "in default" if standing.in_default else None
            note = note if lost is None else f"charged off on {day(lost)}"
            number(figures.CUSTOMER_EXPOSURE, money_short(standing.exposure, found.currency), note=note)
        with columns.pop(0):
            days = "no credit" if standing.days_past_due is None else counted(standing.days_past_due, "day")
            number(figures.DAYS_PAST_DUE, days)
    if lends or limits is not None:
        with columns.pop(0):
            without = UNKNOWN if "limits" in found.not_known else "no limit"
            use = without if limits is None else percent(limits.drawn / limits.limit, 0)
            of = (
                None
                if limits is None
                else f"{money_short(limits.drawn, found.currency)} of " + money_short(limits.limit, found.currency)
            )
            number(figures.LIMIT_USE, use, note=of)
    with columns.pop(0):
        customer_parts.income_card(found, standing.due if lends else None)


def _probability(score: Score | None) -> tuple[str, str | None]:
    """Return what stands on the card and below it; of who is in default, the model's number is of a new request."""
    if score is None:
        return "not scored", None
    if score.tier == RiskTier.IN_DEFAULT:
        return plain(score.tier), f"{percent(score.probability)} of a new request"
    return percent(score.probability), f"{plain(score.tier).lower()} tier"


def _why(found: Profile) -> None:
    if not found.scores:
        with panel("Why this score"):
            empty(
                "Not scored. The night scores adults who are customers then: nobody under 18, no company, nobody who "
                "has left or died."
            )
        return
    score = found.scores[0]
    with panel("Why this score", figures.CONTRIBUTION, _request(score, found.currency)):
        if not score.reasons:
            empty("Nothing counts against the customer enough to be a reason.")
            return
        rows = [{"reason": reason.wording, "value": reason.contribution} for reason in score.reasons]
        st.altair_chart(reason_bars(rows), alt="What each stated reason adds to the log-odds of default")
        stated = [reason.contribution for reason in score.reasons]
        step = calibration_step(score.margin, score.probability).in_words()
        st.caption(
            f"Stated {sum(round(value, 2) for value in stated):+.2f}, base and everything else "
            f"{unstated(score.margin, stated):+.2f}: together {step}."
        )
        if score.outside_training:
            st.caption(":material/warning: An input lies outside what the model was trained on.")


def _request(score: Score, currency: str) -> str:
    return (
        f"For {money(score.requested_amount, currency)} over "
        f"{counted(score.term_months, 'month')}, the standard request."
    )
