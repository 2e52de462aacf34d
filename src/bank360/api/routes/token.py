"""A name and a password in, a token out; and a token thrown away."""

import base64
import binascii
from threading import BoundedSemaphore
from typing import Any, Literal
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from bank360.api.gate import retry_after
from bank360.api.problems import Refused
from bank360.api.routing import EVERYBODY, Bank, Caller, GuardedRoute, answers
from bank360.api.serving import Serving, new_token, wall_us
from bank360.api.wire import Answer
from bank360.bank.vocabulary import Role
from bank360.pipeline.sessions import TooMany, close_session, open_session

router = APIRouter(route_class=GuardedRoute, tags=["log in"])

_LONGEST = 128  # characters of a name or a password
_VERIFYING = BoundedSemaphore(4)  # at once per process: each takes 19 MiB and a core
_SECONDS_TO_WAIT = 3.0
_MINUTE = 60_000_000  # microseconds
_FORM = "application/x-www-form-urlencoded"
_FIELDS: dict[str, Any] = {
    "username": {"type": "string", "maxLength": _LONGEST, "examples": ["ann"]},
    "password": {"type": "string", "maxLength": _LONGEST, "format": "password"},
    "grant_type": {"type": "string", "enum": ["password"]},
}
_IN: dict[str, Any] = {
    **EVERYBODY,
    "security": [{"basic": []}, {}],
    "requestBody": {
        "required": False,
        "content": {_FORM: {"schema": {"type": "object", "properties": _FIELDS, "required": ["username", "password"]}}},
    },
}
# The caller's own token and nobody else's: no right is needed beyond being logged in.
_OUT: dict[str, Any] = {"x-access": "everybody", "security": [{"token": []}]}


class Token(Answer):
    """A token: send it as ``Authorization: Bearer …`` until it expires."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"
    expires_in: int
    role: Role


@router.post("/v1/token", openapi_extra=_IN, responses=answers(401, 415, everybody=True))
async def log_in(request: Request, bank: Bank) -> Token:
    """Give a token for a name and a password, sent by HTTP Basic or as a form."""
    name, password = _named(request.headers.get("authorization"), request.headers, await request.body())
    return await run_in_threadpool(_token, bank, name, password)


@router.delete("/v1/token", openapi_extra=_OUT, status_code=204, responses=answers(401, everybody=True))
def log_out(request: Request, bank: Bank, _principal: Caller) -> Response:
    """Throw the token away that this request was sent with."""
    close_session(bank.store, request.headers["authorization"].partition(" ")[2].strip())
    return Response(status_code=204)


def _token(bank: Serving, name: str, password: str) -> Token:
    minutes = bank.home.settings.api.token_minutes
    token = new_token()
    if not _VERIFYING.acquire(timeout=_SECONDS_TO_WAIT):
        raise Refused(503, "Too many are logging in. Come again.", headers={"Retry-After": "2"})
    try:
        user = open_session(bank.store, bank.log.key, name, password, token, wall_us(), minutes * _MINUTE)
    except TooMany as error:
        raise Refused(
            429, "Too many guesses at this account.", headers={"Retry-After": retry_after(error.ends_at_us)}
        ) from error
    finally:
        _VERIFYING.release()
    if user is None:
        raise _unfit()
    return Token(access_token=token, expires_in=minutes * 60, role=user.role)


def _named(authorization: str | None, headers: Any, body: bytes) -> tuple[str, str]:
    """Return the name and password that a request was sent with: Basic if there is such a header, else the form."""
    scheme, _, told = (authorization or "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, colon, password = base64.b64decode(told.strip(), validate=True).decode("utf-8").partition(":")
        except (binascii.Error, ValueError) as error:
            raise _unfit() from error
        if not colon:
            raise _unfit()
    else:
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if not body:
            raise _unfit()
        if kind != _FORM:
            raise Refused(415, f"Send {_FORM}, or HTTP Basic.")
        name, password = _form(body)
    if not 1 <= len(name) <= _LONGEST or not 1 <= len(password) <= _LONGEST or "\x00" in name:
        raise _unfit()
    return name, password


def _form(body: bytes) -> tuple[str, str]:
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=8
        )
    except ValueError as error:
        raise Refused(400, "The form cannot be read.") from error
    fields = dict(pairs)
    if (
        len(fields) != len(pairs)
        or not fields.keys() <= _FIELDS.keys()
        or not {"username", "password"} <= fields.keys()
    ):
        raise Refused(422, "A form has username and password, each once.")
    return fields["username"], fields["password"]


def _unfit() -> Refused:
    return Refused(401, "That name and password do not fit.", headers={"WWW-Authenticate": 'Basic realm="bank360"'})
