"""Badges: an outcome, a tier or an urgency as a word in its colour. The word alone says it."""

from typing import Literal

import streamlit as st

from bank360.bank.vocabulary import AlertSeverity, CreditOutcome, RiskTier
from bank360.dashboard.wording import plain, tier_in_words

Colour = Literal["red", "orange", "green", "blue", "gray"]
_OUTCOMES: dict[CreditOutcome, tuple[Colour, str, str]] = {
    CreditOutcome.APPROVE: ("green", ":material/check_circle:", "approve"),
    CreditOutcome.REVIEW: ("orange", ":material/pending:", "review by a person"),
    CreditOutcome.DECLINE: ("red", ":material/cancel:", "decline"),
}
_TIERS: dict[str, Colour] = {"low": "blue", "medium": "orange", "high": "red", "in_default": "red"}
_URGENCIES: dict[AlertSeverity, Colour] = {
    AlertSeverity.HIGH: "red", AlertSeverity.MEDIUM: "orange", AlertSeverity.LOW: "blue"
}  # fmt: skip


def outcome_badge(outcome: CreditOutcome) -> None:
    """Draw what the policy said."""
    colour, icon, word = _OUTCOMES[outcome]
    st.badge(word.capitalize(), icon=icon, color=colour)


def gate_badge(outcome: CreditOutcome) -> None:
    """Draw what one gate said; a gate passes, only the whole approves."""
    colour, icon, word = _OUTCOMES[outcome]
    words = {CreditOutcome.APPROVE: "Pass", CreditOutcome.REVIEW: "Review"}
    st.badge(words.get(outcome, word.capitalize()), icon=icon, color=colour)


def tier_badge(tier: str) -> None:
    """Draw a risk tier, or that the customer is in default."""
    icon = ":material/error:" if tier == RiskTier.IN_DEFAULT else None
    st.badge(tier_in_words(tier), icon=icon, color=_TIERS[tier])


def urgency_badge(severity: AlertSeverity) -> None:
    """Draw how soon somebody must look."""
    st.badge(f"{plain(severity)} urgency", color=_URGENCIES[severity])
