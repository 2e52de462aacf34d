"""Declarations: a measure reads a number off an event, a feature is a measure, an op and a window.

All are plain data in explicit tuples (`families/`); the kernel and the naive oracle read the same declarations.

::

    Measure      table, column, sign, filter        -> one integer per event (or "not this event")
    Feature      Measure x Op x Window              -> one number per spine row
    Derived      arithmetic on features             -> one number per spine row
    SpineColumn  declared attribute of the row being scored (requested amount)
"""

from dataclasses import dataclass
from typing import Literal

from bank360.features.ops import Op

Condition = tuple[str, Literal["in", "not in", "<", "<=", ">", ">=", "is null", "not null"], tuple[str | int, ...]]


@dataclass(frozen=True)
class Measure:
    """A number read off each event of one event table.

    Parameters
    ----------
    name
        What the number is ("card_spend").
    table
        Canonical table of the events.
    column
        Column read; None counts events (each is 1). A string column may only be used by ``Distinct``.
    sign
        +1 or -1: spending is stored negative and measured positive.
    where
        Conditions that all hold for an event to count. Besides columns of the table: ``local_hour`` (0-23; refuses
        events of precision 'day').
    limit
        Largest absolute value of the integer; a larger one is clipped when packed and counted in a finding.
    unit, meaning
        What the number is measured in, and says.
    """

    name: str
    table: str
    column: str | None
    meaning: str
    unit: str
    sign: Literal[1, -1] = 1
    where: tuple[Condition, ...] = ()
    limit: int = 10**12


@dataclass(frozen=True)
class Calendar:
    """The last ``days`` whole local days before the local midnight that starts as_of's day; None: the lifetime."""

    days: int | None


@dataclass(frozen=True)
class Rolling:
    """``[as_of - seconds, as_of)``; refused on date-only events."""

    seconds: int


Window = Calendar | Rolling


@dataclass(frozen=True)
class Feature:
    """A measure, an op and a window.

    ``sign`` is the expected direction of risk (+1: more is riskier, -1: less risky, 0: none stated); ``reason`` the
    reason code it speaks for, None where it may not be stated. ``owner`` answers for the definition.
    """

    name: str
    measure: Measure
    op: Op
    window: Window
    unit: str
    meaning: str
    owner: str = "risk"
    sign: Literal[-1, 0, 1] = 0
    reason: str | None = None


DerivedKind = Literal["ratio", "difference", "share", "growth", "cap"]


@dataclass(frozen=True)
class Derived:
    """Arithmetic on features: see `derived.py` for each kind's formula and its answer when a part is missing."""

    name: str
    kind: DerivedKind
    inputs: tuple[str, ...]
    unit: str
    meaning: str
    owner: str = "risk"
    sign: Literal[-1, 0, 1] = 0
    reason: str | None = None


@dataclass(frozen=True)
class SpineColumn:
    """A declared attribute of the row being scored; ``categorical`` ones are strings."""

    name: str
    unit: str
    meaning: str
    categorical: bool = False
    owner: str = "risk"
    sign: Literal[-1, 0, 1] = 0
    reason: str | None = None


AnyFeature = Feature | Derived | SpineColumn
