"""Whether a challenger has earned to be champion: better out of time, by more than chance, or the plain model stays.

The plain model is the easier one to defend (docs/decisions/0009-champion-scorecard-challenger-trees.md), so a tie is
its own. Said of a card, whoever promotes; nothing here promotes. Neighbour: `development.py`, which measures the gain.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NOT_OUT_OF_TIME = "not out of time"  # as cards of files without dates are stamped


@dataclass(frozen=True)
class Advice:
    """Whether to promote the challenger rather than the plain baseline, and why, in words."""

    challenger: bool
    why: str


def advised(card: Mapping[str, Any]) -> Advice:
    """Return what the card of a challenger says for it: an AUC out of time whose gain has an interval above 0."""
    name, plain, gain = card["candidate"], card["baseline_candidate"], card.get("gain")
    if gain is None or gain["value"] is None:
        return Advice(False, f"the {plain} stays: nothing says that {name} ranks better on the same rows")
    measured = f"its AUC is {gain['value']:+.3f} from the {plain}'s ({gain['low']:+.3f} to {gain['high']:+.3f})"
    if NOT_OUT_OF_TIME in card["notes"]:
        return Advice(False, f"the {plain} stays: {name} was not tested out of time; {measured}")
    if gain["low"] > 0:
        return Advice(True, f"{name} is better out of time: {measured}")
    if gain["value"] <= 0:
        return Advice(False, f"the {plain} stays: {name} is not better out of time; {measured}")
    return Advice(False, f"the {plain} stays: {name} may be better by chance; {measured}")
