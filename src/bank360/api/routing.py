"""Routes as the API has them: each says who may call it, and nothing of a request is read before that is asked.

A route without ``x-access`` cannot be declared. What it declares stands in the OpenAPI document, and a test holds every
operation of that document to the written table of rights, role by role.
"""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from starlette.types import Message

from bank360.api.problems import LOG_IN, Fault, Refused, documented
from bank360.api.serving import Serving
from bank360.api.strict_json import NotStrict, strict_json
from bank360.policies.access import Principal, authorize
from bank360.policies.access_table import SECOND_PERSON, Action, FieldClass, Resource

ACCESS = "x-access"
EVERYBODY: dict[str, Any] = {ACCESS: "everybody", "security": []}
_ALWAYS = (400, 413, 422, 429, 503)


def needs(action: Action, resource: Resource, *fields: FieldClass, **more: Any) -> dict[str, Any]:
    """Return what an operation's OpenAPI entry says of who may call it.

    Parameters
    ----------
    fields
        Classes that whoever calls must be allowed, at least; none means ordinary ones. What else an answer holds is cut
        to the caller's rights.
    more
        Further entries of the operation.
    """
    classes = fields or (FieldClass.ORDINARY,)
    access = {"action": action.value, "resource": resource.value, "fields": [each.value for each in classes]}
    return {ACCESS: access, "security": [{"token": []}], **more}


def answers(*statuses: int, body: bool = False, everybody: bool = False) -> dict[int | str, dict[str, Any]]:
    """Return the problems of an operation: those of every one, those of its kind, and ``statuses``."""
    more = (() if everybody else (401, 403)) + ((408, 415) if body else ())
    return documented(*_ALWAYS, *more, *statuses)


class ReadRequest(Request):
    """A request whose JSON was read already, strictly."""

    def __init__(self, request: Request, said: object) -> None:
        super().__init__(request.scope, request.receive)
        self._said = said

    async def json(self) -> Any:
        """Return what the body says."""
        return self._said


class GuardedRoute(APIRoute):
    """A route that asks for the caller's right before it reads anything."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, guarded."""
        access = (self.openapi_extra or {})[ACCESS]
        inner, reads_json = super().get_route_handler(), self.body_field is not None

        async def handler(request: Request) -> Response:
            if access != EVERYBODY[ACCESS]:
                principal = caller(request)
                fields = [FieldClass(each) for each in access["fields"]]
                # For a second person's act the case says who the first was; the act asks again, with the name.
                act = (Action(access["action"]), Resource(access["resource"]))
                authorize(principal, *act, fields, "whoever was first" if act in SECOND_PERSON else None)
            if reads_json:
                kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
                if kind != "application/json":
                    raise Refused(415, "Send application/json.")
                body = await request.body()
                request = ReadRequest(_with_body(request, body), _said(body) if body else None)
            return await inner(request)

        return handler


def _said(body: bytes) -> object:
    try:
        return strict_json(body)
    except NotStrict as error:
        fault = Fault(loc=("body",), type=str(error))
        raise Refused(400, "The body is not JSON as this API reads it.", [fault]) from error


def _with_body(request: Request, body: bytes) -> Request:
    """Return the request anew: its channel gives the body once more."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request(request.scope, receive)


def caller(request: Request) -> Principal:
    """Return who asks.

    Raises
    ------
    Refused
        401, if there is no valid token.
    """
    principal: Principal | None = request.state.principal
    if principal is None:
        raise Refused(401, LOG_IN, headers={"WWW-Authenticate": "Bearer"})
    return principal


def route_name(request: Request) -> str:
    """Return the operation that a request is of, as method and template."""
    return f"{request.method} {request.scope['route'].path_format}"


def serving(request: Request) -> Serving:
    """Return the open bank."""
    found: Serving = request.app.state.serving
    return found


# Coroutines: what is no coroutine FastAPI hands to a thread, and these two only look something up.
async def _caller(request: Request) -> Principal:
    return caller(request)


async def _serving(request: Request) -> Serving:
    return serving(request)


Caller = Annotated[Principal, Depends(_caller)]
Bank = Annotated[Serving, Depends(_serving)]
