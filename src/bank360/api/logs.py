"""The API's log: one JSON line per request or fault, with typed fields from a closed list.

No field can hold a name, an address, a token, a query or a body: a route is its template, a user is a random id, an
error is its class and the places in the code where it came up. Text that is not of a field's form is not written.
"""

import logging
import os
import re
import sys
import traceback
from pathlib import Path
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

_TEXT = re.compile(r"[A-Za-z0-9_.:/{}<>-]{1,160}")
_FIELDS: dict[str, type] = {
    "event": str, "level": str, "at": str, "request_id": str, "method": str, "route": str, "user": str, "role": str,
    "status": int, "ms": float, "error": str, "where": str, "pid": int, "port": int, "workers": int,
}  # fmt: skip


def configure_logs() -> None:
    """Write our lines as JSON to standard error, and of the libraries' only warnings, by name and level."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            _closed,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, handlers=[_Libraries()], force=True)


def request_done(
    request_id: str, method: str, route: str, status: int, ms: float, user: str | None, role: str | None
) -> None:
    """Log a request that was answered; a route is its template."""
    who = {} if user is None or role is None else {"user": user, "role": role}
    structlog.get_logger().info(
        "request", request_id=request_id, method=method, route=route, status=status, ms=round(ms, 3), **who
    )


def store_failed() -> None:
    """Log that a commit failed, and that this process ends for it."""
    structlog.get_logger().error("store_failed", pid=os.getpid())


def not_reached(error: BaseException) -> None:
    """Log that a worker could not open the store; it is tried again."""
    structlog.get_logger().error("store_not_reached", pid=os.getpid(), error=type(error).__name__)


def unexpected(request_id: str, route: str, error: BaseException) -> None:
    """Log a mistake of ours: the class of the error and where it came up; its text may hold data and is not said."""
    places = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    structlog.get_logger().error(
        "unexpected", request_id=request_id, route=route, error=type(error).__name__, where="/".join(places[-4:])
    )


def _closed(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Keep the fields of the list whose value is of its type and form."""
    return {name: value for name, value in event.items() if _fits(name, value)}


def _fits(name: str, value: Any) -> bool:
    if type(value) is not _FIELDS.get(name):
        return False
    return not isinstance(value, str) or _TEXT.fullmatch(value) is not None


class _Libraries(logging.Handler):
    """Lines of libraries: who warns, and how loudly; what they say may quote a request."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger().warning("library", where=record.name, error=record.levelname)
