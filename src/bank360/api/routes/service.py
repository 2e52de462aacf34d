"""Whether the process is alive, whether it can do its work, and its figures: for a bank's own monitors."""

from typing import Literal

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import Field

from bank360 import __version__
from bank360.api import metrics
from bank360.api.problems import Refused, documented
from bank360.api.routing import EVERYBODY, Bank, GuardedRoute
from bank360.api.wire import Answer
from bank360.storage.decision_log import log_head
from bank360.storage.publications import current_number

router = APIRouter(route_class=GuardedRoute, tags=["service"])


class Health(Answer):
    """The process answers."""

    status: Literal["alive"] = "alive"
    version: str


class Ready(Answer):
    """The process can do its work."""

    status: Literal["ready"] = "ready"
    records: int = Field(description="In the decision log.")
    published: int | None = Field(description="The version that is read; null while nothing is published.")


@router.get("/health", openapi_extra=EVERYBODY)
@router.get("/v1/health", openapi_extra=EVERYBODY)
async def health() -> Health:
    """Tell that the process is alive."""
    return Health(version=__version__)


@router.get("/ready", openapi_extra=EVERYBODY, responses=documented(503))
def ready(bank: Bank) -> Ready:
    """Tell whether requests can be served: the store answers and takes writes."""
    if bank.store.broken:
        raise Refused(503, "A commit failed; this process must start anew.", headers={"Retry-After": "5"})
    with bank.store.reading() as connection:
        records, version = log_head(connection).sequence, current_number(connection)
    return Ready(records=records, published=version)


@router.get(
    "/metrics",
    openapi_extra=EVERYBODY,
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def figures() -> Response:
    """Return the process' figures as Prometheus reads them."""
    return Response(metrics.exposition(), media_type=CONTENT_TYPE_LATEST)
