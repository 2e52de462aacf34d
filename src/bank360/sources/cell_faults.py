"""Gathers what is wrong with the cells of one batch, so that reading goes on and all of it is told together.

A cell is told once, for the first thing found wrong with it; from then on it counts as empty, and nothing that follows
from it is told: an amount is not held to the decimals of a currency that does not read. Kept are a count, the first
rows and values of each fault, and, while the batch lasts, which cells of a faulty column they are. A batch without a
fault costs nothing here. `mapped_cells.Cells` puts faults in.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bank360.bank.errors import DataRefused
from bank360.bank.fault import Fault, Faults
from bank360.sources.source import LACKING, Converted, RowsRefused

Flags = npt.NDArray[np.bool_]


class CellFaults:
    """The faults of one batch, and by column which of its cells have one: all of a column that its file lacks."""

    def __init__(self, batch: pa.RecordBatch | None = None) -> None:
        self._faults = Faults()
        self._told: dict[str, Flags] = {}
        if batch is None:
            return
        for column in batch.schema:
            if column.metadata == LACKING:
                self._told[column.name] = np.ones(batch.num_rows, dtype=np.bool_)

    def untold(self, column: str, flagged: Flags, besides: Iterable[str] = ()) -> Flags:
        """Return which of the flagged cells have no fault yet, nor have the row's cells in the columns ``besides``."""
        for name in (column, *besides):
            if name in self._told:
                flagged = flagged & ~self._told[name]
        return flagged

    def add(self, fault: Fault, cells: Flags) -> None:
        """Take in a fault of these cells of its column."""
        assert fault.column is not None
        self._faults.add((fault,))
        before = self._told.get(fault.column)
        self._told[fault.column] = cells if before is None else before | cells

    def refuse(self, converted: Converted | None = None) -> None:
        """Raise DataRefused with all faults of the batch; nothing where there are none.

        ``converted`` has its rows with the faulty cells empty: the refusal carries them (`RowsRefused`).
        """
        if not self._faults:
            return
        if converted is None:
            raise DataRefused.of(self._faults.found())
        raise RowsRefused.with_rows(self._faults.found(), converted)
