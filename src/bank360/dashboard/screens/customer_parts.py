"""The parts of the Customer 360 around its tables: suppression, alerts, arrears, what was last, and the tabs."""

import itertools
from collections.abc import Sequence
from datetime import date, datetime

import streamlit as st

from bank360.bank.calendar import instant, local_days, to_date
from bank360.bank.counted import counted
from bank360.bank.money import exponent
from bank360.dashboard import figures
from bank360.dashboard.badges import outcome_badge
from bank360.dashboard.cards import number, panel
from bank360.dashboard.charts_customer import arrears_of, flows, largest_of, last_month_end, strip
from bank360.dashboard.links import to_decision
from bank360.dashboard.screens import customer_tables as tables
from bank360.dashboard.screens.customer_tables import listing_of, rows_of
from bank360.dashboard.states import empty, not_known
from bank360.dashboard.visit import Visit
from bank360.dashboard.wording import (
    UNKNOWN,
    age,
    day,
    moment,
    money,
    money_short,
    percent,
    plain,
    sign,
    undelivered,
)
from bank360.pipeline.profile import Profile
from bank360.pipeline.profile_blocks import Block, Cell
from bank360.pipeline.visible_profile import freshness
from bank360.policies.access_table import Action, Resource
from bank360.policies.decision import parse
from bank360.storage.decision_reads import LoggedDecision, recent_decisions
from bank360.storage.published_lists import PublishedAlert
from bank360.storage.reads_credit import CreditStanding
from bank360.storage.settlements import settled_by_people, settlements

_CATEGORIES = 8
_SUPPRESSING = {"lending": "arrears", "complaints": "complaints"}  # by the part that would tell
_OF_ACCOUNTS = (
    "account_id", "product", "role", "share", "opened_on", "closed_on", "left_on", "charged_off_on", "balance",
    "owed", "credit_limit", "days_past_due",
)  # fmt: skip


def suppression(found: Profile, standing: CreditStanding) -> None:
    """Say first of all whether offers are suppressed, and why, as far as the role may know."""
    values = {value.name: value.value for block in found.blocks for value in block.values}
    why = []
    if values.get("deceased_on") is not None:
        why.append("the customer has died")
    if standing.charged_off_on is not None:
        why.append(f"credit was charged off on {day(standing.charged_off_on)}")
    elif standing.in_default:
        why.append("credit is in default")
    elif standing.days_past_due:
        why.append(f"credit is {counted(standing.days_past_due, 'day')} past due")
    complained = values.get("complained_on")
    if isinstance(complained, date):
        why.append(f"a complaint was talked about on {day(complained)}")
    if why:
        st.warning(f"**Offers are suppressed:** {' and '.join(why)}.", icon=":material/do_not_disturb_on:")
        return
    unseen = {what: found.not_known[part] for part, what in _SUPPRESSING.items() if part in found.not_known}
    if unseen:
        not_known(f"Whether {' or '.join(unseen)} suppress offers is not known", itertools.chain(*unseen.values()))


def alerts(raised: Sequence[PublishedAlert]) -> None:
    """Draw what a rule says somebody should look at, with its evidence."""
    for one in raised:
        st.info(f"**{plain(one.rule)}:** {one.evidence}.", icon=":material/notifications:")


def arrears(visit: Visit, found: Profile) -> None:
    """Draw the strip of days past due, a row per credit account, the worst first."""
    months = listing_of(found, "arrears")
    if months is None:
        empty("No credit account in the last 24 months.")
        return
    held = rows_of(listing_of(found, "accounts"))
    line = {str(row["account_id"]): str(row["line"]) for row in held if row["line"] is not None}
    worst: dict[Cell, int] = {}
    for row in rows_of(months):
        worst[row["account_id"]] = max(worst.get(row["account_id"], 0), int(str(row["days_past_due"] or 0)))
    rows = [
        {
            "account": f"{plain(line.get(str(row['account_id']), 'credit'))} {row['account_id']}",
            "month": f"{row['month_end']:%Y-%m}",
            "days": row["days_past_due"],
            "step": arrears_of(row["days_past_due"]),  # type: ignore[arg-type]
        }
        for row in sorted(rows_of(months), key=lambda row: (-worst[row["account_id"]], str(row["account_id"])))
    ]
    today = to_date(int(local_days([instant(found.as_of)], visit.bank.zone)[0]))
    st.altair_chart(
        strip(rows, last_month_end(today)), alt="Days past due of each credit account in each of the last 24 months"
    )


def latest(visit: Visit, found: Profile, *, may_be_decided: bool) -> None:
    """Draw what was last: the decision, the application and the contact, for roles that may read decisions.

    Parameters
    ----------
    may_be_decided
        Whether the bank has a model to decide with: else there is no decision and no application, unless one was made.
    """
    visit.must(Action.READ, Resource.DECISION)
    said = [("Last contact", _last_contact(visit, found))]
    if may_be_decided or listing_of(found, "applications") is not None:
        said.insert(0, ("Last application", _last_application(visit, found)))
    if may_be_decided or _logged(visit, found.customer_id):
        said.insert(0, ("Last decision", _last_decision(visit, found.customer_id)))
    for column, (title, words) in zip(st.columns(len(said)), said, strict=True):
        with column:
            st.markdown(f":small[:gray[{title}]]  \n{words}")


def relationship(found: Profile) -> None:
    """Draw the figures of who speaks to the customer about offers: what they hold, have, earn and when we spoke."""
    values = {value.name: value for block in found.blocks for value in block.values}
    accounts = rows_of(listing_of(found, "accounts"))
    held = {row["line"] for row in accounts if row["closed_on"] is None and row.get("left_on") is None}
    columns = st.columns(4)
    with columns[0]:
        if "product_lines" in found.not_known:
            number(figures.HELD, UNKNOWN, note=undelivered(found.not_known["product_lines"]))
        else:
            lines = ", ".join(sorted(plain(str(one)) for one in held))
            number(figures.HELD, counted(len(held), "line"), note=lines or None)
    with columns[1]:
        savings = values.get("savings_mean_90d")
        if savings is not None and savings.no_data:
            number(figures.SAVINGS, UNKNOWN, note=undelivered(savings.no_data[:1]))
        else:
            said = "none held" if savings is None else money_short(_float(savings.value), found.currency)
            number(figures.SAVINGS, said)
    with columns[2]:
        income_card(found)
    with columns[3]:
        last = _contacted(found)
        if "contacts" in found.not_known:
            number(figures.LAST_CONTACT, UNKNOWN, note=undelivered(found.not_known["contacts"]))
        else:
            ago = "none in a year" if last is None else f"{age(instant(last[0]), instant(found.as_of))} ago"
            number(figures.LAST_CONTACT, ago, note=None if last is None else last[1])


def income_card(found: Profile, due: int | None = None) -> None:
    """Draw income a month, against what is due on credit a month where that is given (minor units)."""
    known = {value.name: value for block in found.blocks for value in block.values}
    values = {name: value.value for name, value in known.items()}
    income, spent = values.get("income_90d"), values.get("spend_to_income_90d")
    monthly = None if income is None else _float(income) / 3
    note: str | None
    if "income_90d" in known and known["income_90d"].no_data:
        note = undelivered(known["income_90d"].no_data[:1])
    elif due is None:
        note = None if spent is None else f"{percent(_float(spent), 0)} of it spent"
    else:
        share = f" ({percent(due / monthly, 0)})" if monthly else ""
        note = f"{money_short(due, found.currency)} due on credit{share}"
    number(figures.INCOME if due is None else figures.INCOME_AND_DUE, money_short(monthly, found.currency), note=note)


def rest(visit: Visit, found: Profile, *, may_be_decided: bool) -> None:
    """Draw everything else, a tab each; ``may_be_decided`` as for `latest`."""
    who, behaviour, money_moves = found.blocks
    may_read = visit.may(Action.READ, Resource.DECISION)
    logged = _logged(visit, found.customer_id) if may_read else ()
    decided, applied = may_be_decided or bool(logged), listing_of(found, "applications") is not None
    names = ["Accounts", "Money", "Behaviour", "Who they are", "Sources"]
    if decided or applied:
        names.insert(4, "Applications and decisions" if decided else "Applications")
    tabs = st.tabs(names)
    with tabs[0]:
        _listed(visit, found, "accounts", "No account.", _OF_ACCOUNTS)
    with tabs[1]:
        _money(visit, found, money_moves)
    with tabs[2]:
        tables.values(visit, behaviour, found.currency)
        _listed(visit, found, "contacts", "No contact in a year.")
    with tabs[3]:
        tables.values(visit, who, found.currency)
        tables.listed(visit, listing_of(found, "records"), found.currency, "")
    if decided or applied:
        with tabs[4]:
            _listed(visit, found, "applications", "No application.")
            if may_read and decided:
                _decisions(visit, logged)
    with tabs[-1]:
        tables.sources(visit, freshness(found))


def _last_decision(visit: Visit, customer_id: str) -> str:
    last = next(iter(_logged(visit, customer_id)), None)
    if last is None:
        return "none here yet"
    record = parse(last.record)
    asked = f"{money(record.request.amount, visit.bank.currency)} over {counted(record.request.term_months, 'month')}"
    with visit.bank.log.store.reading() as connection:
        people = settled_by_people(connection, last.decision_id)
    since = "" if people is None else f"; people decided: **{plain(people.outcome)}**"
    return f"**{plain(record.outcome)}**, {asked}, {moment(last.at_us, visit.bank.zone)}{since}"


def _last_application(visit: Visit, found: Profile) -> str:
    rows = [row for row in rows_of(listing_of(found, "applications")) if isinstance(row["submitted_at"], date)]
    if not rows:
        return _unless_known(found, "applications", "none")
    last = max(rows, key=lambda row: str(row["submitted_at"]))
    amount = _float(last["requested_amount"]) if last["requested_amount"] is not None else None
    at = last["submitted_at"]
    assert isinstance(at, date)
    when = moment(at, visit.bank.zone) if isinstance(at, datetime) else day(at)
    outcome = plain(str(last["outcome"])) if last["outcome"] else "Open"
    return f"**{outcome}**, {money(amount, found.currency)}, {when}"


def _last_contact(visit: Visit, found: Profile) -> str:
    last = _contacted(found)
    if last is None:
        return _unless_known(found, "contacts", "none in a year")
    return f"**{last[1]}**, {moment(last[0], visit.bank.zone)}"


def _unless_known(found: Profile, part: str, none: str) -> str:
    """Return what there is none of, or of a part that nothing can be told of, that it is not known and why."""
    lacking = found.not_known.get(part)
    return none if lacking is None else f"{UNKNOWN}: {undelivered(lacking)}"


def _listed(visit: Visit, found: Profile, part: str, nothing: str, wanted: tuple[str, ...] | None = None) -> None:
    """Draw the list of a part; where it has none, that there is nothing, or that nobody knows and why."""
    listing = listing_of(found, part)
    if listing is None and part in found.not_known:
        not_known("Not known", found.not_known[part])
    else:
        tables.listed(visit, listing, found.currency, nothing, wanted)


def _contacted(found: Profile) -> tuple[datetime, str] | None:
    """Return when the latest contact was, and of which kind by which channel; None without one in a year."""
    said = [
        (row["last_at"], f"{plain(str(row['kind']))} by {plain(str(row['channel'])).lower()}")
        for row in rows_of(listing_of(found, "contacts"))
    ]
    return max(((at, words) for at, words in said if isinstance(at, datetime)), default=None)


def _money(visit: Visit, found: Profile, block: Block) -> None:
    tables.values(visit, block, found.currency)
    own = [row for row in rows_of(listing_of(found, "categories")) if row["currency"] == found.currency]
    left, right = st.columns([2, 3])
    if own:
        unit, drawn = 10 ** exponent(found.currency), own[:_CATEGORIES]
        rows = [
            {"category": plain(str(row["category"])), "way": way, "value": step * int(str(row[name])) / unit}
            for row in drawn
            for way, step, name in (("in", 1, "money_in"), ("out", -1, "money_out"))
            if row[name]
        ]
        note = f"{largest_of(len(drawn), len(own))}In to the right, out to the left."
        with left, panel("Money in and out in 90 days, by category", note=note):
            st.altair_chart(flows(rows, sign(found.currency)), alt="Money in and out in 90 days by category")
    with right if own else st.container():
        _listed(visit, found, "movements", "No movement.")


def _decisions(visit: Visit, logged: Sequence[LoggedDecision]) -> None:
    st.markdown("**Decisions made here**")
    if not logged:
        empty("None yet.")
        return
    with visit.bank.log.store.reading() as connection:
        people = settlements(connection, (one.decision_id for one in logged))
    for one in logged:
        record, since = parse(one.record), people.get(one.decision_id)
        with st.container(horizontal=True, vertical_alignment="center"):
            outcome_badge(record.outcome)
            st.write(
                f"{money(record.request.amount, visit.bank.currency)} over "
                f"{counted(record.request.term_months, 'month')}, "
                f"{moment(one.at_us, visit.bank.zone)}"
                + ("" if since is None else f"; people decided: **{plain(since.outcome)}**")
            )
            to_decision(visit, one.decision_id)


def _logged(visit: Visit, customer_id: str) -> Sequence[LoggedDecision]:
    with visit.bank.log.store.reading() as connection:
        return recent_decisions(connection, customer_id)


def _float(value: object) -> float:
    return float(str(value))
