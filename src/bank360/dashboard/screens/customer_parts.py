"""The parts of the Customer 360 below its figures: arrears, accounts, behaviour, who they are, and sources."""

from collections.abc import Sequence

import streamlit as st

from bank360.bank.money import exponent
from bank360.dashboard.badges import outcome_badge
from bank360.dashboard.charts_customer import arrears_of, flows, strip
from bank360.dashboard.links import to_decision
from bank360.dashboard.states import empty
from bank360.dashboard.visit import Visit
from bank360.dashboard.wording import moment, money, percent, plain, quantity, sign
from bank360.pipeline.profile import Profile
from bank360.pipeline.profile_blocks import Block, Listing, Value
from bank360.pipeline.visible_profile import Freshness, freshness
from bank360.policies.access_table import Action, Resource
from bank360.policies.decision import parse
from bank360.storage.decision_reads import recent_decisions
from bank360.storage.published_lists import PublishedAlert
from bank360.storage.reads_credit import CreditStanding

_MONEY = frozenset({"balance", "credit_limit", "amount", "requested_amount", "money_in", "money_out"})
_CODES = frozenset({"line", "role", "category", "channel", "kind", "purpose", "outcome", "decision_source", "product"})
_SHARES = frozenset({"share"})
_CATEGORIES = 8
_OF_ACCOUNTS = (
    "account_id", "product", "role", "share", "opened_on", "closed_on", "balance", "credit_limit", "days_past_due",
)  # fmt: skip
_NUMBERS = _MONEY | {"share", "days_past_due", "contacts", "term_months"}


def suppression(found: Profile, standing: CreditStanding) -> None:
    """Say first of all whether offers are suppressed, and why, as far as the role may know."""
    values = {value.name: value.value for block in found.blocks for value in block.values}
    why = []
    if values.get("deceased_on") is not None:
        why.append("the customer has died")
    if standing.in_default:
        why.append("credit is in default")
    elif standing.days_past_due:
        why.append(f"credit is {standing.days_past_due} days past due")
    if why:
        st.warning(f"**Offers are suppressed:** {' and '.join(why)}.", icon=":material/do_not_disturb_on:")


def alerts(raised: Sequence[PublishedAlert]) -> None:
    """Draw what a rule says somebody should look at, with its evidence."""
    for one in raised:
        st.info(f"**{plain(one.rule)}:** {one.evidence}.", icon=":material/notifications:")


def arrears(found: Profile) -> None:
    """Draw the strip of days past due, a row per credit account, the worst first."""
    months = _listing(found, "arrears")
    if months is None:
        empty("No credit account in the last 24 months.")
        return
    line = {str(row["account_id"]): str(row["line"]) for row in _rows_of(_listing(found, "accounts"))}
    rows = [
        {
            "account": f"{plain(line.get(str(row['account_id']), 'credit'))} {row['account_id']}",
            "month": f"{row['month_end']:%Y-%m}",
            "days": row["days_past_due"],
            "step": arrears_of(row["days_past_due"]),  # type: ignore[arg-type]
        }
        for row in _rows_of(months)
    ]
    st.altair_chart(strip(rows), alt="Days past due of each credit account in each of the last 24 months")


def rest(visit: Visit, found: Profile) -> None:
    """Draw everything else, a tab each."""
    who, behaviour, money_moves = found.blocks
    tabs = st.tabs(["Accounts", "Money", "Behaviour", "Who they are", "Applications and decisions", "Sources"])
    with tabs[0]:
        _table(visit, _listing(found, "accounts"), found.currency, "No account.", _OF_ACCOUNTS)
    with tabs[1]:
        _money(visit, found, money_moves)
    with tabs[2]:
        _values(visit, behaviour, found.currency)
        _table(visit, _listing(found, "contacts"), found.currency, "No contact in a year.")
    with tabs[3]:
        _values(visit, who, found.currency)
        _table(visit, _listing(found, "records"), found.currency, "")
    with tabs[4]:
        _table(visit, _listing(found, "applications"), found.currency, "No application.")
        _decisions(visit, found.customer_id)
    with tabs[5]:
        sources(visit, freshness(found))


def sources(visit: Visit, parts: Sequence[Freshness]) -> None:
    """Draw where each part of the 360 comes from, and how old it is."""
    st.dataframe(
        [
            {
                "Part": one.block,
                "Source": source_in_words(one.source),
                "Values": one.values,
                "As of": moment(one.as_of, visit.bank.zone),
            }
            for one in parts
        ],
        hide_index=True,
    )


def source_in_words(source: str) -> str:
    """Return a source as words: tables without their spelling, the system in brackets as it is.

    >>> source_in_words("customer_personal (core)"), source_in_words("customer_features (cross_border)")
    ('Customer personal (core)', 'Customer features (cross border)')
    """
    return plain(source)


def _money(visit: Visit, found: Profile, block: Block) -> None:
    left, right = st.columns([2, 3])
    with left:
        _values(visit, block, found.currency)
    with right:
        own = [row for row in _rows_of(_listing(found, "categories")) if row["currency"] == found.currency]
        if own:
            unit = 10 ** exponent(found.currency)
            rows = [
                {"category": plain(str(row["category"])), "way": way, "value": step * int(str(row[name])) / unit}
                for row in own[:_CATEGORIES]
                for way, step, name in (("in", 1, "money_in"), ("out", -1, "money_out"))
                if row[name]
            ]
            st.altair_chart(flows(rows, sign(found.currency)), alt="Money in and out in 90 days by category")
        _table(visit, _listing(found, "movements"), found.currency, "No movement.")


def _values(visit: Visit, block: Block, currency: str) -> None:
    shown = [value for value in block.values if value.headline]
    if not shown:
        empty("Nothing is known yet.")
        return
    st.dataframe(
        [
            {
                "What": value.label[:1].upper() + value.label[1:],
                "Value": _said(value, currency, visit.bank.zone),
                "As of": moment(value.as_of, visit.bank.zone),
                "Source": source_in_words(value.source),
            }
            for value in shown
        ],
        hide_index=True,
    )


def _said(value: Value, currency: str, zone: str) -> str:
    if value.no_data:
        return f"no data: {', '.join(value.no_data)}"
    if value.unit == "1" and "share" in value.label and isinstance(value.value, float):
        return percent(value.value)
    return quantity(value.value, value.unit, currency, zone)


def _table(
    visit: Visit, listing: Listing | None, currency: str, nothing: str, wanted: tuple[str, ...] | None = None
) -> None:
    if listing is None:
        if nothing:
            empty(nothing)
        return
    rows = _rows_of(listing)
    filled = [name for name in wanted or listing.columns if any(row[name] is not None for row in rows)]
    st.markdown(f"**{listing.label[:1].upper()}{listing.label[1:]}**")
    st.dataframe(
        [{plain(name): _cell(name, row, currency, visit.bank.zone) for name in filled} for row in rows],
        hide_index=True,
        column_config={plain(name): st.column_config.TextColumn(alignment="right") for name in _NUMBERS & set(filled)},
    )
    st.caption(f"{source_in_words(listing.source)}, as of {moment(listing.as_of, visit.bank.zone)}")


def _cell(name: str, row: dict[str, object], currency: str, zone: str) -> str:
    value = row[name]
    if value is None:
        return ""
    if name in _MONEY and isinstance(value, int):
        return money(value, str(row.get("currency") or currency))
    if name in _CODES:
        return plain(str(value))
    if name in _SHARES and isinstance(value, float):
        return percent(value, 0)
    return quantity(value, None, currency, zone)


def _decisions(visit: Visit, customer_id: str) -> None:
    if not visit.may(Action.READ, Resource.DECISION):
        return
    with visit.bank.log.store.reading() as connection:
        logged = recent_decisions(connection, customer_id)
    st.markdown("**Decisions made here**")
    if not logged:
        empty("None yet.")
        return
    for one in logged:
        record = parse(one.record)
        with st.container(horizontal=True, vertical_alignment="center"):
            outcome_badge(record.outcome)
            st.write(
                f"{money(record.request.amount, visit.bank.currency)} over {record.request.term_months} months, "
                f"{moment(one.at_us, visit.bank.zone)}"
            )
            to_decision(visit, one.decision_id)


def _listing(found: Profile, name: str) -> Listing | None:
    return next((listing for block in found.blocks for listing in block.listings if listing.name == name), None)


def _rows_of(listing: Listing | None) -> list[dict[str, object]]:
    return [] if listing is None else [dict(zip(listing.columns, row, strict=True)) for row in listing.rows]
