"""The 31 columns of the card file, what the published file counts, and its cells as arrays.

Published by the machine learning group of ULB (Dal Pozzolo et al., 2015): two days of September 2013, 28 principal
components of what the issuer knew. ``Time`` counts seconds from the first transaction, taken here for local midnight:
payments are fewest some two to five hours after it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bank360.bank.errors import DataRefused
from bank360.sources.mapped_cells import Cells, Values, coded, pc
from bank360.sources.mapped_numbers import amounts, numbers
from bank360.sources.source import RawColumn, SourceFile

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

FILE = "creditcard"
COMPONENTS = tuple(f"V{number}" for number in range(1, 29))
COLUMNS = ("Time", *COMPONENTS, "Amount", "Class")
PUBLISHED_ROWS, PUBLISHED_FRAUDS = 284_807, 492
SECONDS = 2 * 86_400  # that the file spans
_ABSENT = "Fetch it from Kaggle (mlg-ulb/creditcardfraud) and put it there."


@dataclass(frozen=True)
class CardRows:
    """Rows of a card file as arrays.

    Parameters
    ----------
    seconds
        From the first transaction, shape ``(n_rows,)``.
    components
        V1 to V28, shape ``(n_rows, 28)``.
    amount
        Minor units, not negative, shape ``(n_rows,)``.
    fraud
        Class 1, shape ``(n_rows,)``.
    """

    seconds: Floats
    components: Floats
    amount: Ints
    fraud: Bools


def declared(pattern: str, fills: tuple[str, ...], columns: tuple[str, ...] = COLUMNS) -> SourceFile:
    """Return the declaration of a card file; ``columns`` are those that are read."""
    return SourceFile(FILE, pattern, tuple(RawColumn(name, "any") for name in columns), fills, absent=_ABSENT)


def card_rows(batch: pa.RecordBatch, first_line: int) -> CardRows:
    """Return a batch as arrays.

    Raises
    ------
    DataRefused
        For the first cell that is empty, does not read, or lies outside what the file can say.
    """

    def cells(name: str) -> Cells:
        return Cells(batch.column(name), FILE, name, first_line)

    def whole(name: str, values: Values) -> Values:
        index = pc.index(pc.is_null(values), True).as_py()
        if index >= 0:
            cells(name).refuse(index, "is empty", "Fetch the file again: it may be cut short.")
        return values

    seconds = whole("Time", numbers(cells("Time")))
    outside = pc.or_(pc.less(seconds, 0.0), pc.greater_equal(seconds, float(SECONDS)))
    cells("Time").refuse_where(outside, f"is not within the two days of the file, 0 to {SECONDS:,} s", "Correct it.")
    components = [np.asarray(whole(name, numbers(cells(name)))) for name in COMPONENTS]
    exponents = pa.repeat(pa.scalar(2, pa.int64()), batch.num_rows)
    amount = whole("Amount", amounts(cells("Amount"), exponents))
    cells("Amount").refuse_where(pc.less(amount, 0), "is a negative amount", "Correct it.")
    return CardRows(
        np.asarray(seconds),
        np.stack(components, axis=1) if components else np.empty((0, 0)),
        np.asarray(amount),
        np.asarray(whole("Class", classes(batch, first_line))) == 1,
    )


def classes(batch: pa.RecordBatch, first_line: int) -> Values:
    """Return the column ``Class`` as int64; anything but 0 and 1 refuses the file."""
    return coded(Cells(batch.column("Class"), FILE, "Class", first_line), {"0": 0, "1": 1}, None, pa.int64())


def refuse_unless_published(rows: int, frauds: int) -> None:
    """Raise DataRefused where a file does not count what the published one does."""
    if (rows, frauds) != (PUBLISHED_ROWS, PUBLISHED_FRAUDS):
        raise DataRefused(
            FILE,
            f"it holds {rows:,} rows and {frauds:,} frauds, the published file {PUBLISHED_ROWS:,} and "
            f"{PUBLISHED_FRAUDS}",
            "Fetch it again, it may be cut short; a part of it on purpose is 'kind: creditcard_csv_part'.",
        )
