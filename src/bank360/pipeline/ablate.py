"""The step that says what each kind of input is worth to a model: the rows of training, fitted again without it.

Nothing is registered and no card changes. Neighbours: `train.py`, whose rows these are, and `models/ablation.py`.
"""

from bank360.bank.errors import NotFound, NotReady
from bank360.labels.application_default import DefaultDefinition
from bank360.learning.selection import CircularTarget
from bank360.models.ablation import Ablation, ablated
from bank360.models.catalogue import MODELS
from bank360.models.development import enough_events
from bank360.pipeline.progress import Progress, silent
from bank360.pipeline.train import Describe, prepare
from bank360.pipeline.train_rows import sample_of
from bank360.storage.warehouse import Warehouse


def ablate(
    warehouse: Warehouse,
    describe: Describe,
    as_of: int,
    zone: str,
    model: str,
    candidate: str | None,
    seed: int,
    threads: int,
    definition: DefaultDefinition,
    progress: Progress = silent,
) -> Ablation:
    """Return what the inputs of a model are worth on the rows that it would be trained and tested on as of now.

    Parameters
    ----------
    describe, as_of, zone, seed, threads, definition
        As for `train.train`.
    model
        Its name in the catalogue.
    candidate
        Which candidate; None: the plain baseline.

    Raises
    ------
    NotFound
        If there is no such model or candidate.
    NotReady
        If the warehouse has no applications, or too few events; or if one input alone tells the outcome.
    """
    specs = {spec.name: spec for spec in MODELS}
    if model not in specs:
        raise NotFound(f"There is no model '{model}' of histories. There are: {', '.join(specs)}.")
    spec = specs[model]
    candidates = {one.name: one for one in spec.candidates}
    if candidate is not None and candidate not in candidates:
        raise NotFound(f"Model '{model}' has no candidate '{candidate}'. It has: {', '.join(candidates)}.")
    prepared = prepare(warehouse, describe, as_of, zone, (spec,), progress)
    sample = sample_of(
        warehouse, spec, prepared.spine, prepared.thin, prepared.columns, prepared.periods, zone, definition
    )
    enough_events(spec, sample)
    progress("fitting without each kind of input", 0, 0)
    try:
        return ablated(spec, candidates[candidate] if candidate else spec.candidates[0], sample, seed, threads)
    except CircularTarget as error:
        raise NotReady(f"Model '{model}': {error}.") from error
