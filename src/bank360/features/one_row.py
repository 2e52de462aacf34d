"""The compiled loops of the online route: one customer's history read from bytes, and one row computed from it.

Entering a compiled function costs part of a microsecond for each array that it is given, and so does making room. So
all streams come in one array, are computed in one call, and share the room of the largest. The arithmetic is
`kernel.fill_within`, as for many customers. Imported only when there is something to compute. Neighbours:
`one_customer.py` says what to compute, `one_history.py` what a history is.
"""

import numpy as np
import numpy.typing as npt

from bank360.features.columnar import desk_for, room_for_rows
from bank360.features.compiled import compiled
from bank360.features.derive import derive_one
from bank360.features.history import Partition
from bank360.features.kernel import fill_within
from bank360.features.layout import LATE
from bank360.features.one_history import H_DATED, H_EVENTS, H_LATE, H_PLACE, H_TIMED, LATE_TIMES, OneHistory
from bank360.features.windows import room_for_plan

Int64s = npt.NDArray[np.int64]
Doubles = npt.NDArray[np.float64]
# Columns of the table of programs, a row per stream that is computed: which stream of the history it is, fields of its
# records, and which rows of the tables of measures, outputs and windows are its own.
P_STREAM, P_WIDTH, P_DAY, P_FLAG, P_MEASURE, P_OUTPUT, P_WINDOW = range(7)


@compiled
def describe_row(
    history: OneHistory, as_of: Int64s, as_day: Int64s, low: Int64s, high: Int64s, rolling: Int64s, programs: Int64s,
    measures: Int64s, outputs: Int64s, early: Int64s, steps: Int64s, factors: Doubles, values: Doubles,
) -> None:  # fmt: skip
    """Write one row's values; those of streams without events stand there, and what comes with the row.

    Parameters
    ----------
    history
        The customer's.
    as_of, as_day
        The row's instant and local day, shape ``(1,)``.
    low, high
        Window edges of all programs, shape ``(n_windows, 1)``, those of rolling windows at any instant.
    rolling
        Of each rolling window its row in ``low``, and how long before as_of it begins and ends; shape ``(n, 3)``.
    programs
        See the constants above; its last row is of no stream and ends the one before.
    measures, outputs
        Of all programs one after the other, each as `kernel.fill` reads them.
    early
        Values (by row) that have no data up to an instant; shape ``(n, 2)``.
    steps, factors
        What is derived of all this, see `derive_one`.
    values
        Shape ``(n_features, 1)``.
    """
    _fill_row(history, as_of, as_day, low.copy(), high.copy(), rolling, programs, measures, outputs, values)
    for i in range(early.shape[0]):
        if as_of[0] <= early[i, 1]:
            values[early[i, 0], 0] = np.nan
    derive_one(steps, factors, as_of[0], values)


@compiled
def _fill_row(
    history: OneHistory, as_of: Int64s, as_day: Int64s, low: Int64s, high: Int64s, rolling: Int64s, programs: Int64s,
    measures: Int64s, outputs: Int64s, values: Doubles,
) -> None:  # fmt: skip
    """Write the values of all streams that have events."""
    for i in range(rolling.shape[0]):
        low[rolling[i, 0], 0], high[rolling[i, 0], 0] = as_of[0] - rolling[i, 1], as_of[0] - rolling[i, 2]
    most, width, windows = 0, 0, 0
    for p in range(programs.shape[0] - 1):
        most = max(most, history.heads[programs[p, P_STREAM], H_EVENTS])
        width = max(width, programs[p, P_WIDTH])
        windows = max(windows, programs[p + 1, P_WINDOW] - programs[p, P_WINDOW])
    plan, rows, desk = room_for_plan(windows, 1), room_for_rows(windows, 1), desk_for(width, most, most, 1)
    group, hidden = np.zeros((1, 4), dtype=np.int64), np.empty((0, 1), dtype=np.float64)
    group[0, 2] = 1
    for p in range(programs.shape[0] - 1):
        one, after = programs[p], programs[p + 1]
        n = history.heads[one[P_STREAM], H_EVENTS]
        if n == 0:
            continue
        events = stream_in(history, one[P_STREAM], one[P_WIDTH])
        fill_within(
            events, one[P_DAY], one[P_FLAG], group, as_of, as_day, low[one[P_WINDOW] : after[P_WINDOW]],
            high[one[P_WINDOW] : after[P_WINDOW]], measures[one[P_MEASURE] : after[P_MEASURE]],
            outputs[one[P_OUTPUT] : after[P_OUTPUT]], values, 0, hidden,
            n if events.late_starts[1] else 0, 1, plan, rows, desk,
        )  # fmt: skip


@compiled
def stream_in(history: OneHistory, stream: int, width: int) -> Partition:
    """Return the events of a history's stream, as customer 0 of a partition, which lie in the history."""
    head, numbers = history.heads[stream], history.numbers
    n, late, place = head[H_EVENTS], head[H_LATE], head[H_PLACE]
    times = place + n * width
    starts, late_starts = np.zeros(2, dtype=np.int64), np.zeros(2, dtype=np.int64)
    starts[1], late_starts[1] = n, late
    stands_from = np.empty((1, 2), dtype=np.int64)
    stands_from[0, 0], stands_from[0, 1] = head[H_TIMED], head[H_DATED]
    return Partition(
        numbers[place:times].reshape(n, width), starts, late_starts, numbers[times : times + late],
        numbers[times + late : times + 2 * late], numbers[times + 2 * late : times + LATE_TIMES * late], stands_from,
    )  # fmt: skip


@compiled
def read_back(stored: Int64s, widths: Int64s, days: Int64s, history: OneHistory) -> bool:
    """Write the numbers of a history from those that are stored, whose heads stand: see `history_bytes.py`.

    ``widths`` and ``days`` are by stream how many fields its records have, and which is the last that is a time; the
    next holds the mark of late ones. Returns whether as many records are marked as there are times of late ones: the
    kernel reads these by counting marks.
    """
    numbers = history.numbers
    for s in range(widths.size):
        place, n, width = history.heads[s, H_PLACE], history.heads[s, H_EVENTS], widths[s]
        for f in range(width):
            total = 0
            for i in range(n):
                value = stored[place + f * n + i]
                total = total + value if f <= days[s] else value
                numbers[place + i * width + f] = total
        marked = 0
        for i in range(n):
            marked += (numbers[place + i * width + days[s] + 1] >> LATE) & 1
        if marked != history.heads[s, H_LATE]:
            return False
        times = place + n * width
        for i in range(times, times + LATE_TIMES * marked):
            numbers[i] = stored[i]
    return True
