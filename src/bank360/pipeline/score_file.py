"""Score a flat file with a registered flat model and write score and reasons of each row as CSV.

Columns are read by the file's mapping, and only those that the model reads; a protected column among them is refused.
The model that comes with bank360 (`sample_model`) is a scorecard fitted on generated rows of the ten-column file: it
shows the format and lets `data/sample_output.csv` be reproduced, and is no model of any bank's applicants.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bank360.bank.errors import ArtefactRefused
from bank360.learning.arrays import Bools, Floats
from bank360.learning.tabular import TabularModel
from bank360.models.reasons import MOST_REASONS, Reasons, reasons
from bank360.models.spec import FittedModel
from bank360.pipeline.train_table import read_flat
from bank360.sources.mapped_flat import FlatMap
from bank360.sources.mapped_protected import protected_kind
from bank360.sources.mapped_supplied import Supplied, with_inputs
from bank360.storage.csv_output import Cell, number_cell, write_csv
from bank360.storage.registry import Loaded, Registry

SAMPLE_REGISTRY = Path(__file__).with_name("sample_registry")
SAMPLE_MODEL = "application_fraud"


@dataclass(frozen=True)
class OutsideColumn:
    """A column of which some rows hold what training did not: how many, their values, and the range of training.

    Parameters
    ----------
    least, most
        Of those rows' values.
    low, high
        Of training; both ends seen there. A category has no range: all four are None, and its rows hold a word that
        no row of training had.
    words
        Those of a category, each with its rows, the commonest first.
    pooled
        Whether the model reads them as the rare words of training together; else as a row of average risk.
    """

    name: str
    rows: int
    least: float | None
    most: float | None
    low: float | None
    high: float | None
    words: tuple[tuple[str, int], ...] = ()
    pooled: bool = False


@dataclass(frozen=True)
class ScoredFile:
    """What scoring a file did.

    Parameters
    ----------
    rows
        Rows scored.
    outside
        Rows with a value outside the range seen in training, or a word that was not; the output names its column.
    outside_columns
        Whose values those are, those of most rows first.
    model, candidate, version
        What scored them.
    notes
        What the model's card warns of.
    """

    rows: int
    outside: int
    outside_columns: tuple[OutsideColumn, ...]
    model: str
    candidate: str
    version: str
    notes: tuple[str, ...]


def sample_model() -> Loaded:
    """Return the scorecard that comes with bank360, after every check of the registry."""
    return Registry(SAMPLE_REGISTRY).load(SAMPLE_MODEL)


def score_file(source: Path, target: Path, flat: FlatMap, loaded: Loaded) -> ScoredFile:
    """Score the rows of ``source`` and write them to ``target``, in the file's order.

    The output has the row's id (its line where the file has no id), the score to 6 decimals, up to four reasons that
    each passed its counterfactual, and the columns whose value lies outside the range seen in training.

    Parameters
    ----------
    flat
        How the file is read; its inputs are settled by the model.
    loaded
        A version from the registry, of a model that reads a flat file.

    Raises
    ------
    DataRefused
        If the file is missing, lacks a column that the model reads, or anything in it cannot be accepted.
    ArtefactRefused
        If the model is not of a flat file, or reads a column that the mapping does not let it read.
    """
    header, cells, scored = score_rows(source, flat, loaded, source.name)
    write_csv(target, header, cells)
    return scored


def score_rows(
    source: Path, flat: FlatMap, loaded: Loaded, name: str
) -> tuple[list[str], list[tuple[Cell, ...]], ScoredFile]:
    """Score the rows of a file; return the header, the rows to be written, and what was done.

    Parameters
    ----------
    name
        What messages call the file.
    source, flat, loaded
        As for `score_file`, which also says what is raised.
    """
    model = loaded.model
    if len(model.parts) != 1 or model.from_history:
        raise ArtefactRefused(
            f"Model '{model.name}' reads histories and cannot score a file alone. Score it in the bank."
        )
    named = {i.name for i in model.inputs}
    groups = {name for name in named - {*flat.not_protected} if protected_kind(name) == "group"}
    forbidden = sorted(groups | (named & flat.not_inputs()))
    if forbidden:
        raise ArtefactRefused(
            f"Model '{model.name}' {loaded.version} reads {forbidden}, which by name or mapping no model may read. "
            "Train it again."
        )
    settled = with_inputs(
        flat,
        tuple(i.name for i in model.inputs if not i.categorical),
        tuple(i.name for i in model.inputs if i.categorical),
    )
    rows = read_flat(settled, source, name, scoring=True)
    columns = {**rows.numeric, **rows.categorical}
    nobody = np.zeros(len(rows.lines), dtype=np.bool_)
    scored = model.score(columns, nobody)
    ((part, _, design),) = model.designs(columns, nobody)
    outside = part.outside_training(design)
    for column, about in enumerate(part.inputs):
        if about.categorical:  # a word's number says nothing of whether it was seen
            outside[:, column] = part.levels[about.name].unseen(rows.categorical[about.name])
    stated = reasons(model, columns, nobody)
    header = ["row" if flat.id is None else flat.id, "score", *(f"reason_{n + 1}" for n in range(MOST_REASONS))]
    names = [i.name for i in part.inputs]
    cells = _cells(rows, model, scored.probability, stated, outside, names)
    done = ScoredFile(
        rows=len(rows.lines),
        outside=int(outside.any(axis=1).sum()),
        outside_columns=_outside_columns(part, design, outside, rows),
        model=model.name,
        candidate=model.candidate,
        version=loaded.version,
        notes=tuple(loaded.card["notes"]),
    )
    return [*header, "outside_training"], cells, done


def _outside_columns(part: TabularModel, design: Floats, outside: Bools, rows: Supplied) -> tuple[OutsideColumn, ...]:
    found = []
    for column in np.flatnonzero(outside.any(axis=0)).tolist():
        about, values = part.inputs[column], design[outside[:, column], column]
        if about.categorical:
            words = Counter(map(str, rows.categorical[about.name][outside[:, column]])).most_common()
            pooled = part.levels[about.name].other != 0.0
            found.append(OutsideColumn(about.name, len(values), None, None, None, None, tuple(words), pooled))
            continue
        ends = (values.min(), values.max(), part.low[column], part.high[column])
        least, most, low, high = map(float, ends)
        found.append(OutsideColumn(about.name, len(values), least, most, low, high))
    return tuple(sorted(found, key=lambda one: -one.rows))


def _cells(
    rows: Supplied, model: FittedModel, probability: Floats, stated: Reasons, outside: Bools, names: list[str]
) -> list[tuple[Cell, ...]]:
    texts = np.full((len(probability), MOST_REASONS), "", dtype=object)
    for row, rank, code in zip(stated.row, stated.rank, stated.code, strict=True):
        texts[row, rank - 1] = f"{code} {model.wording(code)}"
    keys = rows.lines.tolist() if rows.ids is None else rows.ids.tolist()
    return [
        (
            key,
            number_cell(f"{one:.6f}"),
            *texts[row],
            "; ".join(name for name, out in zip(names, outside[row], strict=True) if out),
        )
        for row, (key, one) in enumerate(zip(keys, probability, strict=True))
    ]
