"""Layers in memory: what `storage/kept_histories.py` reads back from a file."""

import numpy as np

from bank360.features.layers import Layer, LayerParts, Run, RunPart, fixed, whose


def layer_of(parts: LayerParts) -> Layer:
    """Return a layer of all its parts."""
    events = _run([*parts.events], parts.wide, parts.customers)
    late = _run([*parts.late], parts.late_wide, parts.customers)
    return Layer(events, late, fixed(parts.standing), fixed(parts.stands_from))


def _run(parts: list[RunPart], wide: np.ndarray, whom: np.ndarray | None) -> Run:
    width = len(wide) + int(np.count_nonzero(wide))
    counts = np.concatenate([np.empty(0, dtype=np.int64), *(part.counts for part in parts)])
    words = np.concatenate([np.empty((0, width), dtype=np.int32), *(part.words for part in parts)])
    customers, starts = whose(counts, whom)
    return Run(fixed(customers), fixed(starts), words, wide)
