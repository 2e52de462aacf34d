"""What goes wrong, as a client sees it: one shape (RFC 9457), a fixed sentence per kind, and never the input.

An error of ours becomes the status of its class. What was sent is named by place and type only; a key that no model of
ours has is not named either, for it, too, is the client's input. What would have been right is said from our own
document (`expected.py`).
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from bank360.api.expected import expected_at
from bank360.bank.errors import (
    ArtefactRefused,
    Bank360Error,
    ChainBroken,
    Conflict,
    EventConflict,
    EventRefused,
    NoModel,
    NotAllowed,
    NotFound,
    NotReady,
    RequestReused,
    SettingsError,
    StoreFailed,
)

MEDIA_TYPE = "application/problem+json"


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    model_config = ConfigDict(frozen=True)
    loc: tuple[str | int, ...] = Field(description="Where: body, path, query or header, then names as documented.")
    type: str = Field(description="What is wrong, as a code.")
    allowed: tuple[str, ...] | None = Field(
        default=None,
        description="Every value that it may have; where the name itself is unknown, the names that there are.",
    )
    expected: str | None = Field(default=None, description="What it should be, in words, with its bounds.")


class Problem(BaseModel):
    """What went wrong."""

    model_config = ConfigDict(frozen=True)
    status: int
    title: str = Field(description="The kind of problem, in the same words each time.")
    detail: str | None = Field(default=None, description="What to do about it.")
    errors: tuple[Fault, ...] = ()
    error_id: str | None = Field(default=None, description="Name this to the operator; it stands in the log.")


class Refused(Exception):
    """A request is refused with a status; raised by the API's own code only, so that its words are ours."""

    def __init__(
        self,
        status: int,
        detail: str | None = None,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail or title_of(status))
        self.status, self.detail, self.faults, self.headers = status, detail, tuple(faults), dict(headers or {})


KEY_HEADER = "Idempotency-Key"
# A commit that failed, or an anchor after it: nobody knows, and the key makes sure that it is done once.
MAYBE_RECORDED = f"It may or may not be recorded. Send the same request with the same {KEY_HEADER} again."
_INVALID = "A field is missing, unknown or out of range: `errors` says which, and what is allowed or expected."
_MOST_FAULTS = 20  # told of one request
LOG_IN = "Send a token: POST /v1/token gives one for a name and a password."
NO_MODEL = (
    "The bank has no approved model, so that nobody is scored and nothing is decided. 'bank360 nightly' says what is "
    "missing; once there are applications and outcomes, 'bank360 train' makes one, and somebody else approves it."
)
# In order: the first class that fits says status, detail and after how many seconds to come again.
_OF_ERROR: tuple[tuple[type[Bank360Error], int, str, int | None], ...] = (
    (NotFound, 404, "Nothing has this id.", None),  # `_NOT_FOUND` says what, where it is known
    (NotAllowed, 403, "Your role may not do this, or it takes a second person.", None),
    (RequestReused, 422, "This Idempotency-Key was used for another request. Send a new one.", None),
    (Conflict, 409, "Its state does not allow this: closed, waiting, or an outcome that takes an override.", None),
    (SettingsError, 422, "The bank's policy does not cover this request: another product or currency.", None),
    (NoModel, 409, NO_MODEL, None),
    (NotReady, 503, "The bank has not published what this needs yet. The nightly run does.", 30),
    (StoreFailed, 503, "The store did not answer, or did not commit. Send the same request again.", 5),
    (ChainBroken, 503, "The record is being looked into; nothing is written until then.", 60),
    (ArtefactRefused, 503, "A stored model or policy is not what was approved; nothing is decided with it.", 60),
)


# As RFC 9110 names them: Python's own words for these two differ by its version.
_TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}
_NO_PLACE = (
    "No {0} of this id is published: ids are as transactions name them, and capitals count. One that a transaction has "
    "named since is there after the next nightly run."
)
_NOT_FOUND = {
    "customer": "No customer has this id, and no source key is called so; capitals count.",
    "product": "The bank has no product of this id.",
    "decision": "There is no decision of this id.",
    "case": "There is no case of this id.",
    "user": "There is no user of this name.",
    "merchant": _NO_PLACE.format("merchant"),
    "terminal": _NO_PLACE.format("terminal"),
}


def title_of(status: int) -> str:
    """Return the kind of problem, in the same words wherever it runs."""
    return _TITLES.get(status) or HTTPStatus(status).phrase


def problem_response(
    status: int,
    detail: str | None = None,
    faults: Sequence[Fault] = (),
    headers: Mapping[str, str] | None = None,
    error_id: str | None = None,
) -> Response:
    """Return a problem as a response."""
    said = Problem(status=status, title=title_of(status), detail=detail, errors=tuple(faults), error_id=error_id)
    return Response(said.model_dump_json(exclude_none=True), status, dict(headers or {}), MEDIA_TYPE)


def error_response(error: Bank360Error, keyed: bool = False) -> Response | None:
    """Return the response for an error of ours; None if it is none that a client can act on.

    Parameters
    ----------
    keyed
        Whether the operation was reached and takes an Idempotency-Key.
    """
    if isinstance(error, EventRefused | EventConflict):  # their texts are ours and repeat nothing that was sent
        status, code = (422, error.code) if isinstance(error, EventRefused) else (409, "known")
        loc = ("body", error.among, error.place, error.field)
        return problem_response(status, str(error), [Fault(loc=loc, type=code)])
    if isinstance(error, NotFound) and error.of is not None:
        there = [Fault(loc=("body", f"{error.of}_id"), type="unknown", allowed=error.there)] if error.there else []
        return problem_response(404, _NOT_FOUND[error.of], there)
    if isinstance(error, NotAllowed) and error.of_the_table:  # roles are no secret, and it repeats nothing sent
        return problem_response(403, str(error))
    for kind, status, detail, again in _OF_ERROR:
        if isinstance(error, kind):
            detail = MAYBE_RECORDED if keyed and kind is StoreFailed else detail
            return problem_response(status, detail, headers=None if again is None else {"Retry-After": str(again)})
    return None


def add_handlers(app: FastAPI, document: Mapping[str, Any], names: frozenset[str]) -> None:
    """Make every refusal of the app a `Problem`.

    Parameters
    ----------
    document
        The OpenAPI document, which says what would have been right.
    names
        Names of fields and parameters that the API documents: others are the client's and shown as ``*``.
    """

    def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        path = str(getattr(request.scope.get("route"), "path_format", ""))
        faults = _faults(error, document, request.method, path, names)
        return problem_response(422, _INVALID, faults)

    def http(_request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return problem_response(error.status_code, headers=error.headers)

    def refused(_request: Request, error: Exception) -> Response:
        assert isinstance(error, Refused)
        return problem_response(error.status, error.detail, error.faults, error.headers)

    def ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, Bank360Error)
        response = error_response(error, _takes_key(request))
        if response is None:
            raise error
        return response

    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Refused, refused)
    app.add_exception_handler(Bank360Error, ours)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the problems that an operation may answer with, for its OpenAPI entry."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": title_of(status), "content": content} for status in sorted(statuses)}


def _takes_key(request: Request) -> bool:
    dependant = getattr(request.scope.get("route"), "dependant", None)
    return dependant is not None and any(each.alias == KEY_HEADER for each in dependant.header_params)


def _faults(
    error: RequestValidationError, document: Mapping[str, Any], method: str, path: str, names: frozenset[str]
) -> list[Fault]:
    faults = []
    for one in error.errors()[:_MOST_FAULTS]:
        kind, own = str(one["type"]), tuple(one["loc"])
        right = expected_at(document, method, path, own, kind)
        loc = tuple(part if isinstance(part, int) or part in names else "*" for part in own)
        faults.append(Fault(loc=loc, type=kind, allowed=right.allowed, expected=right.words))
    return faults
