"""How the events of one stream are packed: which fields a record has, which bit says which measure it counts for.

A record is a row of int64 fields: ``[at, day?, flags..., values...]``. ``at`` is what windows cut: the local day, or
the instant where a feature needs the time of day (then ``day`` is a field of its own). Bit b of flag word w is set
when the event counts for measure ``w * BITS + b``; word 0 is negative, which is bit `LATE`, when its visibility has to
be looked up. Flags therefore fit 32 bits, in which layers keep them.
A layout follows from the features alone, so that histories packed today answer the same features tomorrow.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bank360.features.feature import AnyFeature, Condition, Feature, Measure, Rolling
from bank360.features.ops import OF_KEYS, Op
from bank360.features.scan import STREAM_BY_NAME, EventStream

BITS = 31  # measures per flag word
LATE = 31
HAS_HOUR: Condition = ("local_hour", "not null", ())


@dataclass(frozen=True)
class Field:
    """A stored value: a column clipped to ``limit``, or (``token``) hashed to 64 bits where only equality counts."""

    column: str
    limit: int
    token: bool


@dataclass(frozen=True)
class Layout:
    """The packing of one stream.

    Parameters
    ----------
    stream
        The stream.
    timed
        Whether ``at`` is an instant (microseconds) rather than a local day.
    measures
        The measures by bit, see `packed_measure`.
    fields
        The stored values, in the order of the record.
    """

    stream: EventStream
    timed: bool
    measures: tuple[Measure, ...]
    fields: tuple[Field, ...]

    @property
    def needs_hour(self) -> bool:
        """Whether some measure counts events with a time of day alone."""
        return any(measure.needs_hour for measure in self.measures)

    @property
    def day_field(self) -> int:
        """Position of the local day in a record."""
        return 1 if self.timed else 0

    @property
    def flag_field(self) -> int:
        """Position of the first flag word."""
        return self.day_field + 1

    @property
    def flag_words(self) -> int:
        """How many flag words a record has."""
        return max(1, -(-len(self.measures) // BITS))

    @property
    def width(self) -> int:
        """Fields of a record."""
        return self.flag_field + self.flag_words + len(self.fields)

    def value_field(self, measure: Measure, op: Op) -> int:
        """Return the position of the value that ``op`` reads for ``measure``, -1 where it reads none."""
        if measure.column is None:
            return -1
        field = _field(measure, op)
        return -1 if field is None else self.flag_field + self.flag_words + self.fields.index(field)


def packed_measure(feature: Feature) -> Measure:
    """Return what the feature's events are packed as: its measure, of timed events alone if it needs the time of day.

    A measure read both by day windows and by rolling ones has two bits, which differ for date-only events.
    """
    measure = feature.measure
    mixed = STREAM_BY_NAME[measure.table].date_only is None
    return replace(measure, where=(*measure.where, HAS_HOUR)) if mixed and feature.needs_time_of_day else measure


_READS_VALUE = frozenset({Op.SUM, Op.MEAN, Op.STD, Op.MIN, Op.MAX, Op.LAST})


def _field(measure: Measure, op: Op) -> Field | None:
    if measure.column is None:
        return None
    if op in OF_KEYS:
        return Field(measure.column, 0, token=True)
    return Field(measure.column, measure.limit, token=False) if op in _READS_VALUE else None


def layouts(features: Iterable[AnyFeature]) -> dict[str, Layout]:
    """Return the layout of each stream that ``features`` read, by stream name.

    Raises
    ------
    ValueError
        If a feature needs the time of day of events that carry dates only; if one measure name has two definitions;
        if an op reads values of a measure that counts events.
    """
    by_stream: dict[str, list[Feature]] = {}
    for feature in features:
        if isinstance(feature, Feature):
            _check(feature)
            by_stream.setdefault(feature.measure.table, []).append(feature)
    return {name: _layout(STREAM_BY_NAME[name], declared) for name, declared in by_stream.items()}


def _check(feature: Feature) -> None:
    measure = feature.measure
    if feature.needs_time_of_day and STREAM_BY_NAME[measure.table].date_only:
        raise ValueError(
            f"feature '{feature.name}' needs the time of day, but '{measure.table}' carries dates only. "
            "Use a Calendar window and no local_hour condition."
        )
    if measure.column is None and feature.op in (OF_KEYS | _READS_VALUE) - {Op.SUM}:
        raise ValueError(f"feature '{feature.name}': {feature.op} needs a measure with a column")


def _layout(stream: EventStream, features: list[Feature]) -> Layout:
    by_name: dict[str, Measure] = {}
    measures: dict[Measure, None] = {}
    fields: dict[Field, None] = {}
    timed = False
    for feature in features:
        known = by_name.setdefault(feature.measure.name, feature.measure)
        if known != feature.measure:
            raise ValueError(f"measure '{known.name}' of '{stream.name}' has two definitions")
        measures[packed_measure(feature)] = None
        field = _field(feature.measure, feature.op)
        if field is not None:
            fields[field] = None
        timed |= isinstance(feature.window, Rolling) or (feature.op is Op.LAST and not stream.date_only)
    return Layout(stream, timed, tuple(measures), tuple(fields))
