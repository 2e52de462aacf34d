"""How a step tells its caller how far it is; the faces draw the bar, a step never prints."""

from typing import Protocol


class Progress(Protocol):
    """Called with what is being done, how much of it is done, and how much there is."""

    def __call__(self, what: str, done: float, total: float) -> None:
        """Report ``done`` of ``total`` (any unit; total 0 while unknown)."""


def silent(what: str, done: float, total: float) -> None:
    """Report to nobody."""
