"""The Idempotency-Key of a request that changes something: done once, answered the same as often as it is sent.

A key is the caller's own on one operation; with another payload it is refused. What is being worked on in this process
is told so (409); another worker's request waits at the log and gets the stored answer. Of work in hand nothing is kept
but in memory, so that a killed process leaves no key that has to be freed
(docs/decisions/0022-tokens-and-rate-limits.md).
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Annotated

from fastapi import Header, Response
from pydantic import BaseModel

from bank360.api.problems import KEY_HEADER, Refused
from bank360.api.wire import IdempotencyKey
from bank360.pipeline.score_online import Decided
from bank360.policies.access import Principal
from bank360.storage.decision_log import Recorded, Request

REPLAYED = "Idempotent-Replayed"
Key = Annotated[IdempotencyKey, Header(alias=KEY_HEADER, description="Random, new for each new request.")]

_IN_HAND: set[tuple[str, str, str]] = set()
_LOCK = Lock()


@contextmanager
def once(principal: Principal, route: str, key: str, of: str, body: BaseModel) -> Iterator[Request]:
    """Lend the request to record under, while nobody else in this process works on it.

    Parameters
    ----------
    route
        The operation, as its template.
    of
        What the operation is done to: the ids in its path; part of the payload.

    Raises
    ------
    Refused
        409, if a request of this key is in work.
    """
    payload = f"{of}\n{body.model_dump_json()}".encode()
    scope = (principal.user_id, route, key)
    with _LOCK:
        if scope in _IN_HAND:
            raise Refused(409, "A request with this Idempotency-Key is in work.", headers={"Retry-After": "1"})
        _IN_HAND.add(scope)
    try:
        yield Request(*scope, hashlib.sha256(payload).digest())
    finally:
        with _LOCK:
            _IN_HAND.discard(scope)


def answer_of(recorded: Recorded | Decided, status: int = 200) -> Response:
    """Return the recorded bytes as the response; a header says whether they were given before."""
    headers = {REPLAYED: "true"} if recorded.repeated else {}
    return Response(recorded.response, status, headers, "application/json")
