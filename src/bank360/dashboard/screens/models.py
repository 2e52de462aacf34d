"""Models: what is in use, who approved it, and whether it keeps what it promised. From the registry's cards.

First screen: the inventory with approval state; champion against challenger on the same later rows, with intervals;
expected against observed by grade, where there are events enough to say.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import streamlit as st

from bank360.dashboard import figures
from bank360.dashboard.cards import header, number, panel
from bank360.dashboard.charts_models import grade_rows, grades, interval_rows, intervals
from bank360.dashboard.opened import OpenBank
from bank360.dashboard.screens.screen import Page
from bank360.dashboard.states import nothing_yet
from bank360.dashboard.visit import Visit
from bank360.dashboard.wording import count, day, moment, percent, plain
from bank360.models.catalogue import MODEL_BY_NAME
from bank360.policies.access_table import Action, FieldClass, Resource
from bank360.policies.credit_record import PD_MODEL

_STANDINGS = ("champion", "challenger")


def draw(visit: Visit) -> None:
    """Draw the page."""
    visit.must(Action.READ, Resource.MODEL)
    bank = visit.bank
    names = sorted(bank.registry.models(), key=lambda name: (name != PD_MODEL, name))
    if not names:
        header("Models", moment(visit.at_us, bank.zone))
        nothing_yet("No model is registered yet", "Run `bank360 train`, then let somebody else promote a version.")
        return
    cards = {name: _cards(bank, name) for name in names}
    trained = max(str(card["trained_as_of"]) for own in cards.values() for card in own.values())
    header("Models", moment(datetime.fromisoformat(trained), bank.zone), "latest training")
    with panel("Inventory"):
        st.dataframe([_inventory(visit, name, cards[name]) for name in names], hide_index=True)
    chosen = st.segmented_control(
        "Model", names, default=names[0], required=True, format_func=plain, label_visibility="collapsed"
    )
    assert chosen is not None
    _model(cards[chosen])


def _model(cards: Mapping[str, Mapping[str, Any]]) -> None:
    standing = "champion" if "champion" in cards else next(iter(cards))
    card = cards[standing]
    first = card["measured"][0]
    st.caption(f"{card['meaning']} Population: {card['population']}. Label: {card['label']}.")
    rival = cards.get("challenger", {}) if standing == "champion" else {}
    gap = None if not rival else rival["measured"][0]["auc"]["value"] - first["auc"]["value"]
    columns = st.columns(4)
    with columns[0]:
        note = None if gap is None else f"challenger {gap:+.3f}"
        number(figures.AUC, f"{first['auc']['value']:.3f}", note=note)
    with columns[1]:
        number(figures.KS, f"{first['ks']:.3f}")
    with columns[2]:
        number(figures.RECALL, percent(first["recall_at_5_percent_fpr"], 0))
    with columns[3]:
        number(figures.TEST_ROWS, count(first["rows"]), note=f"{count(first['events'])} bad")
    left, right = st.columns(2)
    with left, panel("Champion against challenger", figures.AUC, "On the same rows, later than any training row."):
        rows = [row for name, own in cards.items() for row in interval_rows(name.capitalize(), own["measured"])]
        st.altair_chart(intervals(rows), alt="AUC with interval by population, champion and challenger")
    with right, panel("Expected against observed by grade", figures.CALIBRATION):
        _calibration(first["calibration"])
    with st.expander("Inputs, reasons and notes", icon=":material/description:"):
        _rest(card)


def _calibration(calibration: Mapping[str, Any]) -> None:
    ratio = calibration["observed_over_expected"]
    said = f"{ratio['value']:.2f} ({ratio['low']:.2f} to {ratio['high']:.2f})"
    if calibration["verdict"] == "not shown":
        st.write(
            f"Not shown: {count(calibration['events'])} bads in the test period are fewer than 200, and by grade they "
            f"would say nothing. Over all grades, observed over expected is {said}."
        )
        return
    st.caption(f"Observed over expected in all: {said}; {calibration['verdict']}.")
    st.altair_chart(grades(grade_rows(calibration)), alt="Expected and observed share of bads by grade")


def _rest(card: Mapping[str, Any]) -> None:
    rates = card["reason_rates"]
    st.markdown(
        f"Of {count(rates['tried'])} reasons of the riskiest tenth, {count(rates['failed'])} failed their "
        f"counterfactual and are not stated; {count(rates['without_reason'])} rows were left without a reason and go "
        "to review."
    )
    for note in card["notes"]:
        st.markdown(f"- {note}")
    signs = {1: "riskier", -1: "less risky", 0: "none stated"}
    st.dataframe(
        [
            {
                "Input": one["meaning"][:1].upper() + one["meaning"][1:],
                "Unit": one["unit"].replace("minor units", "money") if one["unit"] != "1" else "ratio",
                "More of it is": signs[one["sign"]],
                "Owner": plain(one["owner"]),
            }
            for one in card["inputs"]
        ],
        hide_index=True,
        height=260,
    )


def _inventory(visit: Visit, name: str, cards: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    champion = cards.get("champion", {})
    promoted = visit.bank.registry.aliases(name)["promotions"]
    by = promoted[-1]["approved_by"] if promoted else None
    return {
        "Model": plain(name),
        "Champion": plain(champion["candidate"]) if champion else "none yet",
        "Challenger": plain(cards["challenger"]["candidate"]) if "challenger" in cards else "none",
        "Owner": "Risk",
        "Tested to": day(date.fromisoformat(champion["test"]["last"])) if champion else "",
        "Outcome window": MODEL_BY_NAME[name].label.window if name in MODEL_BY_NAME else "",
        "Trained": moment(datetime.fromisoformat(champion["trained_as_of"]), visit.bank.zone) if champion else "",
        "Approval": "not approved" if by is None else "DEMO, by itself" if by == "DEMO" else f"approved by {by}",
    }


def _cards(bank: OpenBank, name: str) -> dict[str, Mapping[str, Any]]:
    """Return the cards of champion and challenger, by standing; a version never changes, so it is read once."""
    aliases = bank.registry.aliases(name)
    return {one: _card(str(bank.home.registry), name, aliases[one], bank) for one in _STANDINGS if one in aliases}


@st.cache_data(show_spinner=False, max_entries=64)
def _card(registry: str, name: str, version: str, _bank: OpenBank) -> Mapping[str, Any]:
    return _bank.registry.load(name, version).card


PAGE = Page("models", "Models", ":material/monitoring:", ((Action.READ, Resource.MODEL, FieldClass.ORDINARY),), draw)
