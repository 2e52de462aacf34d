"""How a decision is shown: outcome, gates in order, a month's money, what moved the risk, the letter's reasons."""

import streamlit as st

from bank360.bank.counted import counted
from bank360.bank.money import exponent
from bank360.bank.vocabulary import CreditOutcome
from bank360.dashboard import figures
from bank360.dashboard.badges import gate_badge, outcome_badge
from bank360.dashboard.cards import number, panel
from bank360.dashboard.charts_desk import month, steps, waterfall
from bank360.dashboard.visit import Visit
from bank360.dashboard.wording import UNKNOWN, moment, money, percent, plain, quantity, sign
from bank360.models.calibrated import calibration_step
from bank360.pipeline.explain_decision import explain_use
from bank360.policies.credit_policy import CreditPolicy
from bank360.policies.credit_record import FRAUD_MODEL, PD_MODEL
from bank360.policies.decision import DecisionRecord, reason_in_words
from bank360.policies.gates import GateResult
from bank360.storage.settlements import Settled, settled_by_people

_MOST_BARS = 9


def outcome(visit: Visit, record: DecisionRecord) -> None:
    """Draw what was asked for, what the policy said, and what people decided since."""
    currency = visit.bank.currency
    with visit.bank.log.store.reading() as connection:
        people = settled_by_people(connection, record.decision_id)
    with st.container(horizontal=True, vertical_alignment="center"):
        outcome_badge(record.outcome)
        if people is not None:
            st.markdown(f"People decided: **{plain(people.outcome)}**", help=_how(visit, people))
        st.markdown(
            f"**{money(record.request.amount, currency)}** over **{counted(record.request.term_months, 'month')}**"
        )
        st.caption(f"policy version {record.policy_version}")


def stands(record: DecisionRecord, people: Settled | None) -> str:
    """Return what stands of an application, in words: what people decided last, else what the policy said."""
    said = plain(record.outcome)
    return said if people is None else f"{plain(people.outcome)} by people (policy: {said.lower()})"


def _how(visit: Visit, people: Settled) -> str:
    """Return when and why people decided, and who they are."""
    why = "" if people.code is None else f" because {plain(people.code).lower()}"
    who = f"by {people.by}" + ("" if people.proposed_by is None else f", as {people.proposed_by} had proposed")
    return f"{moment(visit.bank.by_its_clock(people.at_us), visit.bank.zone)}{why}, {who}."


def stepper(visit: Visit, record: DecisionRecord) -> None:
    """Draw the gates in their order; each opens its numbers."""
    currency, zone = visit.bank.currency, visit.bank.zone
    for place, (column, gate) in enumerate(zip(st.columns(len(record.gates)), record.gates, strict=True), start=1):
        with column, st.container(border=True, height="stretch", gap="xsmall"):
            st.markdown(f"**{place}** · {gate.gate[:1].upper()}{gate.gate[1:]}")
            gate_badge(gate.outcome)
            with st.popover("Numbers", type="tertiary"):
                for number_ in gate.numbers:
                    said = quantity(number_.value, number_.unit, currency, zone)
                    st.markdown(f"{number_.name[:1].upper()}{number_.name[1:]}: **{said}**")
                for code in gate.reasons:
                    st.markdown(f":material/arrow_right: {reason_in_words(record, code)}")


def cards(visit: Visit, record: DecisionRecord) -> None:
    """Draw the figures that the decision turns on."""
    currency = visit.bank.currency
    uses = {use.model: use for use in record.models}
    numbers = {one.name: one for gate in record.gates for one in gate.numbers}
    columns = st.columns(5)
    with columns[0]:
        use = uses.get(PD_MODEL)
        place = grade(visit.bank.desk.policy, record)
        words = [] if place is None else [f"grade {place} of {len(visit.bank.desk.policy.prices)}"]
        words += [] if use is None else ["without history" if use.thin_file else "with history"]
        number(figures.MODEL_PD, percent(None if use is None else use.probability), note=", ".join(words) or None)
    with columns[1]:
        fraud = uses.get(FRAUD_MODEL)
        number(figures.MODEL_FRAUD, "no model" if fraud is None else percent(fraud.probability))
    for column, figure, name in (
        (columns[2], figures.LEFT_OVER, "left over"),
        (columns[3], figures.INSTALMENT, "instalment"),
        (columns[4], figures.RATE, "rate"),
    ):
        with column:
            one = numbers.get(name)
            said = UNKNOWN if one is None else quantity(one.value, one.unit, currency, visit.bank.zone)
            number(figure, said.removesuffix(" a month").removesuffix(" a year"))


def grade(policy: CreditPolicy, record: DecisionRecord) -> int | None:
    """Return which price band of the policy a decision fell into, 1 for the safest; None: none, or another policy."""
    rate = next((one.value for gate in record.gates for one in gate.numbers if one.name == "rate"), None)
    if record.policy_hash != policy.hash or rate is None:
        return None
    return next((place for place, band in enumerate(policy.prices, start=1) if band.rate == rate), None)


def affordability(visit: Visit, record: DecisionRecord) -> None:
    """Draw a month from verified income to what is left over."""
    gate = next((one for one in record.gates if one.gate == "affordability"), None)
    with panel("Affordability of a month", figures.LEFT_OVER):
        amounts = {} if gate is None else _amounts(gate)
        income = amounts.get("verified net income")
        if income is None:
            st.write("The income could not be verified, so nothing can be said to be left over.")
            return
        unit = 10 ** exponent(visit.bank.currency)
        parts = [("Income", income / unit)] + [
            (word, -(amounts.get(name) or 0) / unit)
            for word, name in (
                ("Essential spend", "essential spend"),
                ("Commitments", "commitments"),
                ("Stressed instalment", "stressed instalment"),
            )
        ]
        rows = steps(parts, "Left over")
        kinds = ["comes in", *["goes out"] * (len(rows) - 2), "is left" if rows[-1]["high"] >= 0 else "is missing"]
        buffer = (amounts.get("buffer") or 0) / unit
        chart = month([row | {"kind": kind} for row, kind in zip(rows, kinds, strict=True)], buffer,
                      sign(visit.bank.currency).strip())  # fmt: skip
        st.altair_chart(chart, alt="From a month's income to what is left over")
        must = money(amounts.get("buffer"), visit.bank.currency)
        st.caption(f"The dashed line is the buffer that must be left over, {must}.")


def why(visit: Visit, record: DecisionRecord) -> None:
    """Draw what each reason adds to the log-odds of default."""
    use = next((one for one in record.models if one.model == PD_MODEL), None)
    with panel("What moved the risk", figures.CONTRIBUTION):
        if use is None:
            st.write("No model speaks of this applicant: only adult customers are scored.")
            return
        explained = explain_use(use, visit.bank.registry)
        shown, others = explained.added[:_MOST_BARS], explained.added[_MOST_BARS:]
        parts = [("Base", explained.base), *((wording, value) for _, wording, value in shown)]
        if others:
            parts.append((counted(len(others), "smaller one"), sum(value for _, _, value in others)))
        rows = steps(parts, "Log-odds")
        kinds = ["sum", *("riskier" if value > 0 else "less risky" for _, value in parts[1:]), "sum"]
        chart = waterfall([row | {"kind": kind} for row, kind in zip(rows, kinds, strict=True)])
        st.altair_chart(chart, alt="From the base to the log-odds, by reason")
        step = calibration_step(explained.margin, use.probability).in_words()
        st.caption(f"{step[:1].upper()}{step[1:]}.")


def letter(record: DecisionRecord) -> None:
    """Draw the reasons as the customer reads them."""
    if not record.reasons:
        st.write("The application meets every rule of the policy. No reason has to be stated.")
        return
    said = {
        CreditOutcome.DECLINE: "We are sorry that we cannot offer you this loan. Our main reasons are:",
        CreditOutcome.REVIEW: "A person will look at your application before we decide, because of:",
        CreditOutcome.APPROVE: "We can offer you this loan. The price is not our lowest, mainly because of:",
    }[record.outcome]
    st.write(said)
    for place, code in enumerate(record.reasons, start=1):
        st.markdown(f"{place}. {reason_in_words(record, code)}")


def alternatives(visit: Visit, record: DecisionRecord) -> None:
    """Draw what could be had instead."""
    for other in record.alternatives:
        st.markdown(
            f":material/swap_horiz: **{money(other.amount, visit.bank.currency)}** over **{other.term_months} "
            f"months**, {money(other.instalment, visit.bank.currency)} a month, to be scored anew"
        )


def _amounts(gate: GateResult) -> dict[str, int | None]:
    return {
        one.name: one.value if isinstance(one.value, int) else None
        for one in gate.numbers
        if one.unit.startswith("minor units")
    }
