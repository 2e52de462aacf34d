"""How a decision's scores came about: what each reason added to the log-odds, from the record and the stored model.

Nothing is scored anew: the model that decided is loaded by its version, held to the hash in the record, and read at the
recorded values.
"""

from dataclasses import dataclass

import numpy as np

from bank360.bank.errors import ArtefactRefused
from bank360.models.reasons import contributions_by_reason
from bank360.policies.decision import ModelUse
from bank360.storage.registry import Registry


@dataclass(frozen=True)
class ExplainedUse:
    """One model's answer taken apart; ``base`` and the contributions of all reasons sum to ``margin``.

    Parameters
    ----------
    added
        ``(reason code, wording, log-odds)``, the largest in size first; what adds nothing is left out.
    """

    base: float
    added: tuple[tuple[str, str, float], ...]
    margin: float


def explain_use(use: ModelUse, registry: Registry) -> ExplainedUse:
    """Return how a recorded score came about.

    Raises
    ------
    NotFound
        If the registry has the version no more.
    ArtefactRefused
        If it is not the version that decided.
    """
    loaded = registry.load(use.model, use.version)
    if loaded.hash != use.hash:
        raise ArtefactRefused(f"model '{use.model}' {use.version} is not the one that decided. Do not use it.")
    model, values = loaded.model, dict(use.features)
    columns = {
        own.name: np.array([values[own.name]], dtype=np.object_ if own.categorical else np.float64)
        for own in model.inputs
    }
    never = {name: np.array([True]) for name in use.unasked}
    base, by_code = contributions_by_reason(model, columns, np.array([use.thin_file]), never)
    added = sorted(((code, value) for code, value in by_code.items() if value), key=lambda pair: -abs(pair[1]))
    return ExplainedUse(base, tuple((code, model.wording(code), value) for code, value in added), use.margin)
