"""Approval of a model version on the Models page: a model approver who did not train it makes it the champion.

The right, the seal in the log, the password asked for once more and the promotion are those of ``bank360 models
promote`` (`pipeline/promote.py`). It takes effect in scores and decisions when the next version is published.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import streamlit as st

from bank360.bank.errors import Bank360Error
from bank360.dashboard.cards import panel
from bank360.dashboard.opened import OpenBank, wall
from bank360.dashboard.session import is_password_of
from bank360.dashboard.states import done, empty, refused
from bank360.dashboard.visit import Visit
from bank360.dashboard.wording import moment, plain
from bank360.home import fresh_id
from bank360.pipeline.promote import approve_as_user
from bank360.pipeline.users import LONGEST_PASSWORD
from bank360.storage.users import User

_AT = "the dashboard"
_TRIES = "approval tried"


def draw(visit: Visit, model: str) -> None:
    """Draw what can be approved of a model, for who may approve."""
    registry = visit.bank.registry
    aliases = registry.aliases(model)
    others = [one for one in registry.versions(model) if one != aliases.get("champion")]
    others.sort(key=lambda one: one != aliases.get("challenger"))
    note = "The version becomes the champion: the next night run scores and decides with it. Sealed in the log."
    with panel("Approve a version", note=note):
        if not others:
            empty("Every version has been approved.")
            return
        with st.form(f"approve-{model}", border=False):
            chosen = st.selectbox(
                "Version", others, format_func=lambda one: _said(visit, model, one, aliases.get("challenger"))
            )
            read = st.checkbox("I have read its card, and somebody else trained it.")
            tries = int(st.session_state.get(_TRIES, 0))
            password = st.text_input(
                "Your password, once more", type="password", max_chars=LONGEST_PASSWORD, width=320,
                autocomplete="current-password", key=f"{_TRIES} {tries}",
            )  # fmt: skip
            asked = st.form_submit_button("Approve as champion", type="primary", icon=":material/verified_user:")
        if asked:
            st.session_state[_TRIES] = tries + 1  # the next field is another one, and empty
        if asked and not read:
            refused("Say that you have read the card.")
        elif asked:
            _approve(visit, model, chosen, password)


@st.cache_data(show_spinner=False, max_entries=64)
def card(registry: str, name: str, version: str, _bank: OpenBank) -> Mapping[str, Any]:
    """Return the card of a version; a version never changes, so it is read once per registry."""
    return _bank.registry.load(name, version).card


def _said(visit: Visit, model: str, version: str, challenger: str | None) -> str:
    own = card(str(visit.bank.home.registry), model, version, visit.bank)
    trained = moment(datetime.fromisoformat(own["trained_as_of"]), visit.bank.zone)
    words = f"{plain(own['candidate'])}, trained by {own['trained_by']} as of {trained}, version {version}"
    return f"Challenger: {words}" if version == challenger else words


def _approve(visit: Visit, model: str, version: str, password: str) -> None:
    # Whether this user may, and whether they trained it, is asked where it is done.
    user = User(visit.principal.user_id, visit.name, visit.principal.role)
    try:
        # The record says "a user's password"; the log-in may be hours old, and who sits here may be somebody else.
        if not is_password_of(visit.bank, visit.name, password):
            refused(f"That is not the password of {visit.name}. Nothing was approved.")
            return
        approve_as_user(visit.bank.registry, visit.bank.log, user, model, version, fresh_id(), _AT, wall())
    except Bank360Error as error:
        refused(str(error))
        return
    done("Approved. The next night run uses it.")
    st.rerun()
