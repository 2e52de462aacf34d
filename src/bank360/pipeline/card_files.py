"""Read a card file as arrays, and write one of any size that is distributed as it (`sources.card_file.lookalike`)."""

from pathlib import Path

import numpy as np

from bank360.bank.errors import DataRefused
from bank360.sources.card_file.layout import CardRows, card_rows, declared
from bank360.sources.card_file.lookalike import lookalike
from bank360.storage.card_rows import write_card_file
from bank360.storage.durable import make_folder
from bank360.storage.files import open_file

CARD_FILE = "creditcard.csv"


def read_card_file(path: Path) -> CardRows:
    """Return all rows of a card file.

    Raises
    ------
    DataRefused
        If it is not there, lacks a column, has no rows, or a cell of it does not read.
    """
    opened = open_file(path, path.name, declared("*.csv", ("transactions",)))
    parts: list[CardRows] = []
    for batch, line in opened.batches():
        try:
            parts.append(card_rows(batch, line))
        except DataRefused as bad:
            at = None if bad.row is None else opened.line(bad.row)
            raise DataRefused(path.name, bad.problem, bad.remedy, bad.column, at) from bad
    if not parts:
        raise DataRefused(path.name, "the file has no rows", "Fetch it again.")
    return CardRows(
        np.concatenate([part.seconds for part in parts]),
        np.concatenate([part.components for part in parts]),
        np.concatenate([part.amount for part in parts]),
        np.concatenate([part.fraud for part in parts]),
    )


def write_lookalike(reference: Path, folder: Path, rows: int, frauds: int, seed: int) -> Path:
    """Write a card file of ``rows`` rows, ``frauds`` of them of class 1, distributed as ``reference``; return its path.

    Raises
    ------
    DataRefused, NotReady
        If the reference cannot be read, or has too few rows of a class.
    """
    drawn = lookalike(read_card_file(reference), rows, frauds, seed)
    make_folder(folder)
    write_card_file(folder / CARD_FILE, drawn)
    return folder / CARD_FILE
