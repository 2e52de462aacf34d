"""Models: what is in use, who answers for it and approved it, and whether it keeps what it promised.

From the registry's cards. First screen: the inventory with owner, label maturity and approval state; champion against
challenger on the same later rows, with intervals; expected against observed by grade, where there are events enough to
say. Neighbours: `model_parts.py` draws one model, `model_approval.py` lets a second person approve.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import streamlit as st

from bank360.bank.calendar import day_number, instant, to_date, to_datetime
from bank360.dashboard import figures
from bank360.dashboard.cards import header, panel
from bank360.dashboard.opened import OpenBank
from bank360.dashboard.screens import model_approval, model_parts
from bank360.dashboard.screens.screen import Page
from bank360.dashboard.states import nothing_yet
from bank360.dashboard.tables import Columns, table
from bank360.dashboard.visit import Visit
from bank360.dashboard.wording import UNKNOWN, day, moment, plain
from bank360.models.catalogue import MODEL_BY_NAME
from bank360.policies.access_table import Action, FieldClass, Resource
from bank360.policies.credit_record import PD_MODEL

_STANDINGS = ("champion", "challenger")
_COLUMNS: Columns = {
    "Model": "What it says the probability of.",
    "Owner": "Who in the bank answers for it.",
    "Champion": "The version in use, by its kind.",
    "Challenger": "The version that would replace it, by its kind.",
    "Approval": "Who approved the champion, and when; somebody who did not train it.",
    "Labels mature": figures.MATURITY,
    "Tested to": "The day of the last application that it was tested on, later than all training rows.",
    "Trained": "The day as of which the champion was trained.",
    "Outcome window": "How long after its start an outcome is waited for.",
}


def draw(visit: Visit) -> None:
    """Draw the page."""
    visit.must(Action.READ, Resource.MODEL)
    bank = visit.bank
    names = sorted(bank.registry.models(), key=lambda name: (name != PD_MODEL, name))
    if not names:
        header("Models", moment(bank.by_its_clock(visit.at_us), bank.zone))
        unscored = bank.published.unscored()
        how = "Run `bank360 train`, then let somebody else promote a version."
        nothing_yet("No model is registered yet", how if unscored is None else f"Nobody is scored: {unscored}")
        return
    cards = {name: _cards(bank, name) for name in names}
    trained = max(str(card["trained_as_of"]) for own in cards.values() for card in own.values())
    header("Models", moment(datetime.fromisoformat(trained), bank.zone), "latest training")
    with panel("Inventory"):
        table([_inventory(visit, name, cards[name]) for name in names], _COLUMNS)
    chosen = st.segmented_control(
        "Model", names, default=names[0], required=True, format_func=plain, label_visibility="collapsed"
    )
    assert chosen is not None
    model_parts.draw(cards[chosen])
    if visit.may(Action.APPROVE, Resource.MODEL):
        model_approval.draw(visit, chosen)
    with st.expander("Inputs, reasons and notes", icon=":material/description:"):
        model_parts.rest(cards[chosen])


def _inventory(visit: Visit, name: str, cards: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    champion, spec = cards.get("champion", {}), MODEL_BY_NAME.get(name)
    tested = date.fromisoformat(champion["test"]["last"]) if champion and champion["test"]["last"] else None
    mature = (
        None if spec is None or tested is None else to_date(int(spec.label.matures(np.array([day_number(tested)]))[0]))
    )
    return {
        "Model": plain(name),
        "Owner": UNKNOWN if spec is None else spec.owner,
        "Champion": plain(champion["candidate"]) if champion else "none yet",
        "Challenger": plain(cards["challenger"]["candidate"]) if "challenger" in cards else "none",
        "Approval": _approval(visit, name) if champion else "not approved",
        "Trained": day(_day(champion["trained_as_of"], visit.bank.zone)) if champion else "",
        "Tested to": day(tested) if champion else "",
        "Labels mature": day(mature) if champion else "",
        "Outcome window": UNKNOWN if spec is None else spec.label.window,
    }


def _day(at: str, zone: str) -> date:
    return datetime.fromisoformat(at).astimezone(ZoneInfo(zone)).date()


def _approval(visit: Visit, name: str) -> str:
    promotions = visit.bank.registry.aliases(name)["promotions"]
    if not promotions:
        return "not approved"
    last = promotions[-1]
    if last["approved_by"] == "DEMO":
        return "demonstration, by itself"
    if "at" not in last:
        return f"by {last['approved_by']}"
    at = to_datetime(visit.bank.by_its_clock(instant(datetime.fromisoformat(last["at"]))))
    return f"by {last['approved_by']}, {day(at.astimezone(ZoneInfo(visit.bank.zone)).date())}"


def _cards(bank: OpenBank, name: str) -> dict[str, Mapping[str, Any]]:
    """Return the cards of champion and challenger, by standing; a version never changes, so it is read once."""
    aliases = bank.registry.aliases(name)
    standing = {one: aliases[one] for one in _STANDINGS if one in aliases}
    if standing.get("challenger") == standing.get("champion"):
        standing.pop("challenger", None)  # it was promoted, and nobody challenges it yet
    return {one: model_approval.card(str(bank.home.registry), name, version, bank) for one, version in standing.items()}


PAGE = Page("models", "Models", ":material/monitoring:", ((Action.READ, Resource.MODEL, FieldClass.ORDINARY),), draw)
