"""One model on the Models page: its figures, champion against challenger, grades, and what its card says besides."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from bank360.bank.counted import counted
from bank360.dashboard import figures
from bank360.dashboard.cards import number, panel
from bank360.dashboard.charts_models import grade_rows, grades, interval_rows, intervals
from bank360.dashboard.tables import Columns, table
from bank360.dashboard.wording import UNKNOWN, count, percent, plain

Cards = Mapping[str, Mapping[str, Any]]
_NOT_SHOWN = "not shown"  # a card's verdict where too few bads say nothing: no figure of it is drawn either
_SIDE_BY_SIDE: Columns = {
    "Version": "In use (champion) and the one that would replace it (challenger).",
    "Kind": "How it is fitted.",
    "AUC": figures.AUC,
    "Bads found": figures.RECALL,
    "Observed over expected": figures.CALIBRATION,
}
_REJECTS: Columns = {
    "Rejects taken": "How the applications that were declined, and so have no outcome, are counted in fitting.",
    "Assumed bad": figures.ASSUMED_BAD,
    "Cut-off": figures.CUT_OFF,
    "Decided otherwise": figures.DECIDED_OTHERWISE,
}
_INPUTS: Columns = {
    "Input": "What the model reads.",
    "Unit": "In what it is measured.",
    "More of it is": "The sign that is stated for it, and to which it is held.",
    "Owner": "Who answers for its definition.",
}


def draw(cards: Cards) -> None:
    """Draw a model from the cards of its champion and challenger."""
    standing = "champion" if "champion" in cards else next(iter(cards))
    card = cards[standing]
    first = card["measured"][0]
    st.caption(f"{card['meaning']} Population: {card['population']}. Label: {card['label']}.")
    rival = cards.get("challenger", {}) if standing == "champion" else {}
    gap = None if not rival else rival["measured"][0]["auc"]["value"] - first["auc"]["value"]
    columns = st.columns(4)
    with columns[0]:
        number(figures.AUC, f"{first['auc']['value']:.3f}", note=None if gap is None else f"challenger {gap:+.3f}")
    with columns[1]:
        number(figures.KS, f"{first['ks']:.3f}", note=f"Gini {first['gini']:.3f}")
    with columns[2]:
        number(
            figures.RECALL, percent(first["recall_at_5_percent_fpr"], 0), note=f"of {counted(first['events'], 'bad')}"
        )
    with columns[3]:
        number(figures.TEST_ROWS, counted(first["rows"], "row"), note=f"{count(first['events'])} bad")
    left, right = st.columns(2)
    with left, panel("Champion against challenger", figures.AUC, "On the same rows, later than any training row."):
        rows = [row for name, own in cards.items() for row in interval_rows(name.capitalize(), own["measured"])]
        st.altair_chart(intervals(rows), alt="AUC with interval by population, champion and challenger")
    with right, panel("Expected against observed by grade", figures.CALIBRATION):
        _calibration(first["calibration"])
        table([_beside(name, own) for name, own in cards.items()], _SIDE_BY_SIDE)


def rest(cards: Cards) -> None:
    """Draw what the card of the version in use says besides: rejects, reasons, notes and inputs."""
    card = cards.get("champion") or next(iter(cards.values()))
    inferred = card.get("reject_inference")
    if inferred:
        st.markdown(f"**Reject inference**, on {count(inferred['decided'])} decided applications of the test period")
        table([_rejects(one, inferred["decided"]) for one in inferred["methods"]], _REJECTS)
    rates = card["reason_rates"]
    st.markdown(
        f"On the {count(rates['rows'])} riskiest of {count(card['test']['rows'])} test rows (a tenth and all as risky "
        f"as its last) {counted(rates['tried'], 'reason was', 'reasons were')} tried: {count(rates['failed'])} "
        f"failed their counterfactual and are not stated; "
        f"{counted(rates['without_reason'], 'row was', 'rows were')} left without a "
        "reason and go to review."
    )
    for note in card["notes"]:
        st.markdown(f"- {note}")
    table([_input(one) for one in card["inputs"]], _INPUTS, most=9)


def _calibration(calibration: Mapping[str, Any]) -> None:
    if calibration["verdict"] == _NOT_SHOWN:
        bads = counted(calibration["events"], "bad in the test period is", "bads in the test period are")
        st.write(f"Not shown: {bads} fewer than 200: observed over expected would say nothing, in all or by grade.")
        return
    st.caption(f"Observed over expected in all: {_ratio(calibration)}; {calibration['verdict']}.")
    st.altair_chart(grades(grade_rows(calibration)), alt="Expected and observed share of bads by grade")


def _ratio(calibration: Mapping[str, Any]) -> str:
    if calibration["verdict"] == _NOT_SHOWN:
        return _NOT_SHOWN
    ratio = calibration["observed_over_expected"]
    return f"{ratio['value']:.2f} ({ratio['low']:.2f} to {ratio['high']:.2f})"


def _beside(standing: str, card: Mapping[str, Any]) -> dict[str, str]:
    first = card["measured"][0]
    return {
        "Version": standing.capitalize(),
        "Kind": plain(card["candidate"]),
        "AUC": f"{first['auc']['value']:.3f}",
        "Bads found": percent(first["recall_at_5_percent_fpr"], 0),
        "Observed over expected": _ratio(first["calibration"]),
    }


def _rejects(one: Mapping[str, Any], decided: int) -> dict[str, str]:
    assumed = one["assumed_bad_rate"]
    return {
        "Rejects taken": plain(one["method"]),
        "Assumed bad": "none assumed" if assumed is None else percent(assumed),
        "Cut-off": percent(one["cut_off"]),
        "Decided otherwise": f"{count(one['changed'])} of {count(decided)}",
    }


def _input(one: Mapping[str, Any]) -> dict[str, str]:
    signs = {1: "riskier", -1: "less risky", 0: "none stated"}
    return {
        "Input": one["meaning"][:1].upper() + one["meaning"][1:],
        "Unit": one["unit"].replace("minor units", "money") if one["unit"] != "1" else "ratio",
        "More of it is": signs[one["sign"]],
        "Owner": plain(one["owner"]) if one["owner"] else UNKNOWN,
    }
