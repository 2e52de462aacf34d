"""The part of the Portfolio page that lists records which may be one person, for who may see identity.

Of the published version. Names are masked, and of the rest stands how far it agrees, never what it is; whoever is
chosen opens as a Customer 360, where a reveal is sealed.
"""

import streamlit as st

from bank360.bank.counted import counted
from bank360.dashboard import figures
from bank360.dashboard.cards import panel
from bank360.dashboard.links import to_customer
from bank360.dashboard.states import empty
from bank360.dashboard.tables import Columns, choice
from bank360.dashboard.visit import Visit
from bank360.dashboard.wording import UNKNOWN, percent
from bank360.pipeline.possible_pairs import PairsToReview, PairToReview

_COLUMNS: Columns = {
    "How likely": figures.LIKELY_ONE,
    "One": "The one customer, and the name masked.",
    "The other": "The other customer, and the name masked.",
    "Given name": "How far the two given names agree.",
    "Family name": "How far the two family names agree.",
    "Birth date": "How far the two dates of birth agree.",
    "Address": "How far the addresses agree, any home known of either.",
    "E-mail": "How far the e-mail addresses agree.",
    "Telephone": "How far the telephone numbers agree.",
}
_OF = {
    "Given name": "given_name", "Family name": "family_name", "Birth date": "birth_date", "Address": "address",
    "E-mail": "email", "Telephone": "phone",
}  # fmt: skip


def possible_pairs(visit: Visit, found: PairsToReview) -> None:
    """Draw the pairs, the surest first, and offer both customers of the one that is chosen."""
    note = "They stay two customers until a record says otherwise: mend it in its source, and the night compares again."
    with panel("May they be one person?", figures.PAIRS, note):
        if not found.pairs:
            empty("No two records may be one person without being taken for one.")
            return
        picked = choice([_row(pair) for pair in found.pairs], _COLUMNS, "possible-pairs", most=8)
        rest = f", the {len(found.pairs)} surest of them here" if found.count > len(found.pairs) else ""
        st.caption(f"{counted(found.count, 'pair')} to review{rest}; choose one to open its customers.")
        if picked is not None:
            with st.container(horizontal=True):
                for one in (found.pairs[picked].left, found.pairs[picked].right):
                    to_customer(visit, one.customer_id, f"Open {one.customer_id}")


def _row(pair: PairToReview) -> dict[str, str]:
    both = {
        title: f"{one.customer_id}  {one.name or UNKNOWN}"
        for title, one in (("One", pair.left), ("The other", pair.right))
    }
    agreement = {title: pair.agreement[name] for title, name in _OF.items()}
    likely = "> 99.9 %" if pair.probability > 0.999 else percent(pair.probability)
    return {"How likely": likely, **both, **agreement}
