"""The idempotency keys of forms: what somebody sends twice from one filling-in is done once.

::

    press ─> key of this content ─> act ─> done ─> drawn without a press: the next press has a new key
               │ pressed again meanwhile, or after a failure: the same key, so the log gives its first answer
               └ filled in otherwise: a new key

A key stands in the browser session and is lost with it. The log does the rest (`storage/decision_log.py`), as for the
keys that programs send. Neighbours: `acts.py`, `screens/desk_form.py`.
"""

import hashlib
from dataclasses import dataclass, replace

import streamlit as st

from bank360.dashboard.visit import Visit
from bank360.home import fresh_id
from bank360.storage.decision_log import Request

_KEPT = "filled in: "


@dataclass(frozen=True)
class _Fill:
    said: str
    key: str
    done: bool = False


def request_of(visit: Visit, form: str, said: object) -> Request:
    """Return the request under which to do what a form was sent for.

    Parameters
    ----------
    form
        Which form, ids of what it is about among its name.
    said
        Which act, and all that was filled in: what has the same ``repr`` is the same.
    """
    content = repr(said)
    fill = _kept(form)
    if fill is None or fill.said != content:
        fill = _Fill(content, fresh_id())
        st.session_state[_KEPT + form] = fill
    return Request(visit.principal.user_id, f"page {form}", fill.key, hashlib.sha256(content.encode()).digest())


def settled(form: str) -> None:
    """Note that what a form was sent for is done; a press that is on its way still has its key."""
    fill = _kept(form)
    if fill is not None:
        st.session_state[_KEPT + form] = replace(fill, done=True)


def drawn(form: str) -> None:
    """Note that a form was drawn and not sent: what is filled in after something was done is something new."""
    fill = _kept(form)
    if fill is not None and fill.done:
        del st.session_state[_KEPT + form]


def _kept(form: str) -> _Fill | None:
    fill: _Fill | None = st.session_state.get(_KEPT + form)
    return fill
