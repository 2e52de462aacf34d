"""Reasons for a score: exact contributions by reason code, each held to its counterfactual.

Contributions are exact Shapley values on the margin (log-odds before calibration), added up by reason code. A code may
be stated only if it counts against the applicant **and** making its inputs neutral alone improves the score. At most
four are stated, strongest first, and making all of them neutral together must improve the score as well; where it
does not, the weakest goes until it does. How many codes were tried and failed is counted and reported.

A cell speaks for its input's reason, unless it has no value: a history input of somebody without history speaks for
"limited banking history", a missing bureau score for "no file at the bureau". The reason must be true.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bank360.learning.arrays import Bools, Floats, Ints
from bank360.learning.tabular import Columns, TabularModel
from bank360.models.spec import NO_HISTORY, Designs, FittedModel

MOST_REASONS = 4
_TRIED = 8  # strongest codes tried per row before giving up on finding four
_IMPROVES = 1e-9


@dataclass(frozen=True, eq=False)
class Reasons:
    """Stated reasons, one entry each, sorted by row and rank.

    Parameters
    ----------
    row, rank, code, contribution
        The row, 1 for the strongest reason, its code, and what it adds to the margin.
    count
        By row, how many reasons are stated; 0 to 4. A decline left with none goes to review.
    tried, failed
        How many codes were held to their counterfactual, and how many failed it alone.
    dropped
        How many that passed alone were taken back because all together did not.
    improvement
        By row, how much the margin falls when the stated reasons are made neutral together; 0 without reasons.
    """

    row: Ints
    rank: Ints
    code: tuple[str, ...]
    contribution: Floats
    count: Ints
    tried: int
    failed: int
    dropped: int
    improvement: Floats


def reasons(model: FittedModel, columns: Columns, thin: Bools, unasked: Mapping[str, Bools] | None = None) -> Reasons:
    """Return the stated reasons of each row.

    Parameters
    ----------
    model
        The fitted model.
    columns
        By input name, the rows' values as they were scored.
    thin
        Which rows have no history.
    unasked
        By input name, which rows were never asked for it: as for `FittedModel.designs`.
    """
    return reasons_of(model, model.designs(columns, thin, unasked), thin)


def reasons_of(model: FittedModel, designs: Designs, thin: Bools) -> Reasons:
    """Return the stated reasons of each row by what `FittedModel.designs` gave for them; else as `reasons`."""
    n = len(thin)
    codes = _codes_of(model)
    place_of = {code: k for k, code in enumerate(codes)}
    stated = np.full((n, MOST_REASONS), -1, dtype=np.int64)
    by_code = np.zeros((n, len(codes)))
    improvement = np.zeros(n)
    tried = failed = dropped = 0
    for part, rows, design in designs:
        found = _of_part(part, design, _spoken_for(model, part, design, thin[rows], place_of), len(codes))
        by_code[rows], stated[rows], improvement[rows] = found.by_code, found.stated, found.improvement
        tried, failed, dropped = tried + found.tried, failed + found.failed, dropped + found.dropped
    count = (stated >= 0).sum(axis=1)
    row, place = np.nonzero(stated >= 0)
    chosen = stated[row, place]
    return Reasons(
        row.astype(np.int64),
        (place + 1).astype(np.int64),
        tuple(codes[c] for c in chosen),
        by_code[row, chosen],
        count.astype(np.int64),
        tried,
        failed,
        dropped,
        improvement,
    )


def contributions_by_reason(
    model: FittedModel, columns: Columns, thin: Bools, unasked: Mapping[str, Bools] | None = None
) -> tuple[float, dict[str, float]]:
    """Return how one row's margin comes about: the base, and by reason code what its inputs add; together the margin.

    Parameters
    ----------
    columns, thin, unasked
        Of one row; as for `reasons`.
    """
    codes = _codes_of(model)
    place_of = {code: k for k, code in enumerate(codes)}
    ((part, _, design),) = model.designs(columns, thin, unasked)
    speaks = _spoken_for(model, part, design, thin, place_of)[0]
    added = part.contributions(design)[0]
    by_code = {code: float(added[speaks == k].sum()) for k, code in enumerate(codes) if (speaks == k).any()}
    return part.base, by_code


def _codes_of(model: FittedModel) -> list[str]:
    return sorted({*model.reason_of.values(), *model.missing_reason_of.values(), NO_HISTORY})


def _spoken_for(
    model: FittedModel, part: TabularModel, design: Floats, thin: Bools, place_of: Mapping[str, int]
) -> Ints:
    """Return of each cell of a part's design the place of the code that it speaks for."""
    names = [i.name for i in part.inputs]
    own = np.array([place_of[model.reason_of[name]] for name in names])
    absent = np.array([place_of[model.missing_reason_of.get(name, model.reason_of[name])] for name in names])
    speaks = np.where(np.isnan(design), absent, own)
    void = np.array([name in model.from_history for name in names])
    return np.where(void & thin[:, None], place_of[NO_HISTORY], speaks)


@dataclass(frozen=True, eq=False)
class _Found:
    by_code: Floats
    stated: Ints
    improvement: Floats
    tried: int
    failed: int
    dropped: int


def _of_part(model: TabularModel, design: Floats, speaks: Ints, n_codes: int) -> _Found:
    """Return the reasons of one part's rows; ``speaks`` holds the code that each cell speaks for."""
    n = len(design)
    margin = model.margin(design)
    contributions = model.contributions(design)
    by_code = np.column_stack([np.where(speaks == c, contributions, 0.0).sum(axis=1) for c in range(n_codes)])
    order = np.argsort(-by_code, axis=1, kind="stable")
    rank = np.argsort(order, axis=1, kind="stable")
    candidate = (by_code > _IMPROVES) & (rank < _TRIED)
    passes = np.zeros_like(candidate)
    for c in range(n_codes):
        rows = np.nonzero(candidate[:, c])[0]
        if len(rows):
            passes[rows, c] = model.neutralised(design[rows], speaks[rows] == c) < margin[rows] - _IMPROVES
    stated = np.full((n, MOST_REASONS), -1, dtype=np.int64)
    filled = np.zeros(n, dtype=np.int64)
    for place in range(min(_TRIED, n_codes)):
        code = order[:, place]
        take = passes[np.arange(n), code] & (filled < MOST_REASONS)
        stated[take, filled[take]] = code[take]
        filled += take
    before = int(filled.sum())
    improvement = np.zeros(n)
    unsettled = np.nonzero(filled > 0)[0]
    while len(unsettled):
        neutral = np.zeros((len(unsettled), design.shape[1]), dtype=np.bool_)
        for place in range(MOST_REASONS):
            neutral |= speaks[unsettled] == stated[unsettled, place][:, None]
        gain = margin[unsettled] - model.neutralised(design[unsettled], neutral)
        improvement[unsettled] = gain
        worse = unsettled[gain <= _IMPROVES]
        filled[worse] -= 1
        stated[worse, filled[worse]] = -1
        improvement[worse] = 0.0
        unsettled = worse[filled[worse] > 0]
    failed = int(candidate.sum() - passes.sum())
    return _Found(by_code, stated, improvement, int(candidate.sum()), failed, before - int(filled.sum()))
