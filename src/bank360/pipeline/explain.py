"""Explain one customer's score for the standard request: every input's value, contribution and reason."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from bank360.bank.errors import NotFound
from bank360.bank.reasons import REASON_BY_CODE
from bank360.models.catalogue import MODEL_BY_NAME
from bank360.models.reasons import reasons
from bank360.pipeline.requests import StandardRequest, request_rows
from bank360.pipeline.score_batch import MODEL
from bank360.pipeline.train import Describe
from bank360.storage.reads_profile import resolved_id
from bank360.storage.registry import Registry
from bank360.storage.warehouse import Warehouse


@dataclass(frozen=True)
class ExplainedInput:
    """One input of the score: what it is, its value (None: missing), and what it adds to the log-odds.

    ``asked`` is False where the request does not know it and the neutral value stands in.
    """

    name: str
    meaning: str
    unit: str
    value: float | str | None
    asked: bool
    contribution: float
    reason: str


@dataclass(frozen=True)
class Explanation:
    """One customer's score taken apart; ``base`` and all contributions sum to ``margin``.

    ``stated`` are the reason codes that passed their counterfactual, strongest first, with their wording.
    """

    customer_id: str
    model: str
    candidate: str
    version: str
    thin_file: bool
    base: float
    margin: float
    probability: float
    inputs: tuple[ExplainedInput, ...]
    stated: tuple[tuple[str, str], ...]

    def to_json(self) -> dict[str, Any]:
        """Return the explanation as JSON values."""
        return vars(self) | {"inputs": [vars(i) for i in self.inputs], "stated": [list(s) for s in self.stated]}


def explain(
    warehouse: Warehouse,
    registry: Registry,
    describe: Describe,
    customer_id: str,
    as_of: int,
    zone: str,
    request: StandardRequest,
    version: str = "champion",
) -> Explanation:
    """Return the explanation of one customer's score, inputs by the size of their contribution.

    Parameters
    ----------
    customer_id
        A stable customer id, or a key by which a source names the customer.
    version
        A version of the model, or "champion" or "challenger".

    Raises
    ------
    NotFound
        If nobody has this id or key, the customer is no adult, or there is no such version or product.
    """
    stable_id = resolved_id(warehouse, customer_id)
    if stable_id is None:
        raise NotFound(
            f"No customer and no source key is called '{customer_id}'. Check its spelling, capitals included."
        )
    loaded = registry.load(MODEL, version)
    spec = MODEL_BY_NAME[MODEL]
    rows = request_rows(warehouse, describe, spec, request, as_of, zone)
    found = np.nonzero(rows.spine.customer_id == stable_id)[0]
    if len(found) == 0:
        raise NotFound(
            f"'{customer_id}' is customer {stable_id}, who is not scored: only adults are."
            " 'bank360 profile list' says who."
        )
    k = int(found[0])
    columns = {name: values[k : k + 1] for name, values in rows.columns.items()}
    thin = rows.thin[k : k + 1]
    unasked = {name: mask[k : k + 1] for name, mask in rows.unasked.items()}
    (part, _, design), *_ = loaded.model.designs(columns, thin, unasked)
    scored = loaded.model.score(columns, thin, unasked)
    contributions = part.contributions(design)[0]
    about = {feature.name: feature for feature in spec.inputs}
    inputs = tuple(
        ExplainedInput(
            i.name,
            about[i.name].meaning,
            about[i.name].unit,
            _value(columns[i.name][0]),
            not bool(unasked.get(i.name, np.zeros(1))[0]),
            float(contributions[j]),
            loaded.model.reason_of[i.name],
        )
        for j, i in enumerate(part.inputs)
    )
    stated = reasons(loaded.model, columns, thin, unasked)
    return Explanation(
        stable_id,
        MODEL,
        loaded.model.candidate,
        loaded.version,
        bool(thin[0]),
        part.base,
        float(scored.margin[0]),
        float(scored.probability[0]),
        tuple(sorted(inputs, key=lambda i: -abs(i.contribution))),
        tuple((code, REASON_BY_CODE[code].wording) for code in stated.code),
    )


def _value(value: Any) -> float | str | None:
    if value is None or isinstance(value, str):
        return value
    return None if np.isnan(value) else float(value)
