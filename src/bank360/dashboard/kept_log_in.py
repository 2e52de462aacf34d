"""A log-in that outlives a reload of the page: its token, in a cookie that no script can read.

Streamlit's script can read cookies and set none. So after the password was right the page gets a ticket: random, good
once and for a minute, known to this process only. The page posts it, and the answer sets the cookie. What is in the
address or in the page is never worth a log-in (`docs/decisions/0028-a-log-in-survives-a-reload.md`). Neighbours:
`session.py` (who is logged in), `serve.py` (which serves the route).
"""

import secrets
import threading
from typing import Final

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bank360.bank.calendar import MICROS_PER_SECOND
from bank360.dashboard.opened import wall

COOKIE: Final = "bank360_log_in"
PATH: Final = "/log-in/keep"
HEADER: Final = "X-Bank360-Ticket"
_LASTS = 60 * MICROS_PER_SECOND
_TICKET = "bank360_ticket"
# The path is from the root: pages have addresses of one part, and a proxy hands the dashboard a root of its own.
_POST = """<script>
fetch("{path}", {{method: "POST", headers: {{"{header}": "{ticket}"}}, credentials: "same-origin"}});
</script>"""


class Tickets:
    """Tickets given out and not used yet, each for the token that it stands for; of one process."""

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[str, int]] = {}
        self._lock = threading.Lock()

    def give(self, token: str, at_us: int) -> str:
        """Return a ticket for a token, good once and for a minute from an instant (microseconds UTC)."""
        ticket = secrets.token_urlsafe(32)
        with self._lock:
            self._waiting = {one: kept for one, kept in self._waiting.items() if kept[1] > at_us}
            self._waiting[ticket] = (token, at_us + _LASTS)
        return ticket

    def take(self, ticket: str, at_us: int) -> str | None:
        """Return the token that a ticket stands for and make the ticket worthless; None for none of ours."""
        with self._lock:
            token, ends = self._waiting.pop(ticket, (None, 0))
        return token if ends > at_us else None

    def waits(self, ticket: str) -> bool:
        """Return whether a ticket was not used yet."""
        return ticket in self._waiting


_TICKETS = Tickets()


def offer(token: str) -> None:
    """Have the page of this browser session keep the token, when it is drawn next."""
    st.session_state[_TICKET] = _TICKETS.give(token, wall())


def post_ticket() -> None:
    """Draw what posts the session's ticket, until it has been used."""
    ticket = st.session_state.get(_TICKET)
    if ticket is not None and _TICKETS.waits(ticket):
        st.html(_POST.format(path=PATH, header=HEADER, ticket=ticket), unsafe_allow_javascript=True)


def kept_token() -> str | None:
    """Return the token that the browser kept; None if it keeps none."""
    return st.context.cookies.get(COOKIE)


async def _keep(request: Request) -> Response:
    """Answer a page that posts its ticket: with the cookie, or with nothing.

    The header cannot be sent from another site without a question that nobody here answers, and a browser that says
    from where it comes must come from here.
    """
    token = _TICKETS.take(request.headers.get(HEADER, ""), wall())
    if token is None or request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return Response(status_code=403)
    answer = Response(status_code=204, headers={"Cache-Control": "no-store"})
    # Ends with the browser; the token itself ends sooner. The proxy speaks TLS, so the page's own address says whether.
    encrypted = request.headers.get("Origin", "").startswith("https://")
    answer.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=encrypted, path="/")
    return answer


ROUTE: Final = Route(PATH, _keep, methods=["POST"])
