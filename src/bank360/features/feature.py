"""Declarations: a measure reads a number off an event, a feature is a measure, an op and a window.

All are plain data in explicit tuples (`families/`); the kernel and the naive oracle read the same declarations.

::

    Measure      stream, column, sign, filter       -> one integer per event (or "not this event")
    Feature      Measure x Op x Window              -> one number per spine row
    Derived      arithmetic on features             -> one number per spine row
    SpineColumn  declared attribute of the row being scored (requested amount)
"""

from dataclasses import dataclass
from typing import Final, Literal

from bank360.features.ops import Op

Comparison = Literal["in", "not in", "<", "<=", ">", ">=", "is null", "not null"]
Condition = tuple[str, Comparison, tuple[str | int | bool, ...]]

# Largest limit of a measure: with at most 2**22 events per customer each sum fits in 63 bits and n * sum(x^2) in 127.
LARGEST_LIMIT = 10**12

Sign = Literal[-1, 0, 1]
# Said on purpose, never by default: of a denominator, of what may not weigh against anybody, of marketing's features,
# which no risk decision reads. Those of risk and fraud are listed with the why in `tests/suites/test_every_feature.py`.
NEITHER: Final = 0


@dataclass(frozen=True)
class Measure:
    """A number read off each event of one event stream.

    Parameters
    ----------
    name
        What the number is ("card_spend"). One name means one measure.
    table
        Canonical table of the events, or a stream derived from one (`scan.py` lists both).
    column
        Column read; None counts events (each is 1). A string column may only be used by ops of
        `ops.OF_KEYS`.
    sign
        +1 or -1: spending is stored negative and measured positive.
    where
        Conditions that all hold for an event to count; on a null value only "is null" holds. Besides columns of the
        table: those of `scan.JOINED_COLUMNS` (product line, home currency, abroad …), and ``local_hour`` (0-23; null
        of a date-only event), which needs the time of day.
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
    limit: int = LARGEST_LIMIT

    def __post_init__(self) -> None:
        if not 0 < self.limit <= LARGEST_LIMIT:
            raise ValueError(f"measure '{self.name}': limit {self.limit} is not in 1..{LARGEST_LIMIT}")
        for column, comparison, values in self.where:
            numbers = 0 if comparison in ("is null", "not null") else 1
            if (comparison in ("in", "not in") and not values) or (
                comparison not in ("in", "not in") and len(values) != numbers
            ):
                raise ValueError(f"measure '{self.name}': condition on '{column}' has {len(values)} values")

    @property
    def needs_hour(self) -> bool:
        """Whether a condition reads the hour, which events of precision 'day' do not have."""
        return any(column == "local_hour" for column, _, _ in self.where)


@dataclass(frozen=True)
class Calendar:
    """The last ``days`` whole local days before the local midnight that starts as_of's day; None: the lifetime.

    Delayed by ``ago`` days, it ends at the midnight that many local days earlier: what is reported late is counted
    over transactions old enough to have been reported.
    """

    days: int | None
    ago: int = 0

    def __post_init__(self) -> None:
        if self.days is not None and self.days < 1:
            raise ValueError(f"a calendar window needs at least one day, not {self.days}")
        if self.ago < 0:
            raise ValueError(f"a window ends {self.ago} days ago: it may not reach past the moment described")


@dataclass(frozen=True)
class Months:
    """The last ``months`` whole calendar months before the month of as_of's local day: on any day of May, April is one.

    What became known after the month and before as_of counts in it.
    """

    months: int

    def __post_init__(self) -> None:
        if self.months < 1:
            raise ValueError(f"a window of months needs at least one, not {self.months}")


@dataclass(frozen=True)
class Rolling:
    """``[as_of - ago - seconds, as_of - ago)``: for velocity, and with a delay (``ago``, seconds) for what is reported.

    Needs the time of day: date-only events are never in it.
    """

    seconds: int
    ago: int = 0

    def __post_init__(self) -> None:
        if self.seconds < 1:
            raise ValueError(f"a rolling window needs at least one second, not {self.seconds}")
        if self.ago < 0:
            raise ValueError(f"a window ends {self.ago} seconds ago: it may not reach past the moment described")


Window = Calendar | Months | Rolling
LIFETIME, MONTH = Calendar(None), Months(1)


@dataclass(frozen=True)
class Feature:
    """A measure, an op and a window.

    ``sign`` is the expected direction of risk (+1: more is riskier, -1: less risky, `NEITHER`: none expected), which a
    model that reads the feature is held to; None is unstated, which neither the catalogue nor a model takes
    (`stated_sign`). ``reason`` is the reason code it speaks for, None where it may not be stated. ``owner`` answers for
    the definition.
    """

    name: str
    measure: Measure
    op: Op
    window: Window
    unit: str
    meaning: str
    owner: str = "risk"
    sign: Sign | None = None
    reason: str | None = None

    @property
    def needs_time_of_day(self) -> bool:
        """Whether only events with a time of day count for it.

        It has no value (NaN, whatever the op) where what is visible of the customer's stream is dates only: some event
        that carries a date, and none that carries a time. Where nothing is visible it is that of the empty window.
        """
        return isinstance(self.window, Rolling) or self.measure.needs_hour


DerivedKind = Literal["ratio", "share", "difference", "growth", "volatility", "reciprocal"]


@dataclass(frozen=True)
class Derived:
    """Arithmetic on two features: see `derived.py` for each kind's formula and its answer when a part is missing.

    A reciprocal is of one feature, which stands twice. ``factor`` scales the first input ("growth" of a 90-day sum over
    a 365-day sum: factor 365 / 90).
    """

    name: str
    kind: DerivedKind
    inputs: tuple[str, str]
    unit: str
    meaning: str
    owner: str = "risk"
    sign: Sign | None = None
    reason: str | None = None
    factor: float = 1.0


@dataclass(frozen=True)
class SpineColumn:
    """A declared attribute of the row being scored; ``categorical`` ones are strings.

    ``columns`` are the columns of the bank's tables that it is read from, ``table.column``, last the one that holds the
    value; none where only the request says it.
    """

    name: str
    unit: str
    meaning: str
    categorical: bool = False
    owner: str = "risk"
    sign: Sign | None = None
    reason: str | None = None
    columns: tuple[str, ...] = ()


AnyFeature = Feature | Derived | SpineColumn


def stated_sign(feature: AnyFeature) -> Sign:
    """Return the expected direction of risk.

    Raises
    ------
    ValueError
        The declaration states none.
    """
    if feature.sign is None:
        raise ValueError(f"feature '{feature.name}' states no expected sign for risk: declare sign=1, -1 or NEITHER")
    return feature.sign
