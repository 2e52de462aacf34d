"""From a model and a request to a sealed record, and from a record back to the same bytes.

One function asks a model for one row and one makes the record: the decision and its replay are the same code, so a
replay differs only where the model, the policy or our own arithmetic does. That is what it is there to show.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from bank360.bank.errors import ArtefactRefused
from bank360.models.reasons import reasons_of
from bank360.models.spec import FittedModel
from bank360.policies.affordability import Finances
from bank360.policies.credit import decide
from bank360.policies.credit_policy import CreditPolicy, credit_policy
from bank360.policies.decision import DecisionRecord, ModelUse, Value, sealed_bytes
from bank360.policies.gates import Applicant, Request, Scores

PD_MODEL, FRAUD_MODEL = "application_pd", "application_fraud"


@dataclass(frozen=True)
class StoredModel:
    """A model with what names it: its version and the SHA-256 of its manifest."""

    model: FittedModel
    version: str
    hash: str


LoadModel = Callable[[str, str], StoredModel]  # model, version


@dataclass(frozen=True)
class Asked:
    """Who asks about whom, and when; parameters as of `DecisionRecord`."""

    kind: Literal["decision", "what-if"]
    decision_id: str
    subject: str
    application_id: str | None
    principal: str
    as_of: int


def use_model(
    stored: StoredModel,
    values: Mapping[str, Value],
    thin_file: bool,
    unasked: frozenset[str],
    lap: Callable[[str], None] = lambda _: None,
) -> ModelUse:
    """Return a model's answer for one request, with everything that it read.

    Parameters
    ----------
    values
        By name, at least every input of the model; more is left out.
    thin_file
        Whether the applicant has no history.
    unasked
        Names of inputs that were never asked for.
    lap
        Told "score" and "reasons" when each is done, for whoever takes the time.
    """
    model = stored.model
    features = tuple((own.name, values[own.name]) for own in sorted(model.inputs, key=lambda own: own.name))
    columns = {
        own.name: np.array([values[own.name]], dtype=np.object_ if own.categorical else np.float64)
        for own in model.inputs
    }
    thin = np.array([thin_file])
    asked = frozenset(columns)
    never = {name: np.array([True]) for name in unasked & asked}
    designs = model.designs(columns, thin, never)  # once for both: it takes as long as the score
    scored = model.scored(designs, 1)
    lap("score")
    stated = reasons_of(model, designs, thin)
    lap("reasons")
    return ModelUse(
        model.name, stored.version, stored.hash, thin_file, features, tuple(sorted(unasked & asked)),
        float(scored.margin[0]), float(scored.probability[0]), stated.code,
    )  # fmt: skip


def decision_record(
    asked: Asked,
    policy: CreditPolicy,
    request: Request,
    applicant: Applicant,
    finances: Finances,
    models: tuple[ModelUse, ...],
) -> DecisionRecord:
    """Return the record of the decision that the policy makes of a request, given what the models said."""
    by_name = {use.model: use for use in models}
    pd, fraud = by_name.get(PD_MODEL), by_name.get(FRAUD_MODEL)
    scores = Scores(
        pd=None if pd is None else pd.probability,
        fraud=None if fraud is None else fraud.probability,
        pd_reasons=() if pd is None else pd.reasons,
        thin_file=any(use.thin_file for use in models),
    )
    made = decide(policy, request, applicant, finances, scores)
    return DecisionRecord(
        asked.kind, asked.decision_id, asked.subject, asked.application_id, asked.principal, asked.as_of,
        policy.name, policy.version, policy.hash, request, applicant, finances,
        tuple(sorted(models, key=lambda use: use.model)),
        made.gates, made.outcome, made.reasons, made.alternatives,
    )  # fmt: skip


def replay(record: DecisionRecord, load_model: LoadModel, policy_text: str) -> bytes:
    """Return the bytes of the decision made again from the recorded feature values, stored models and policy.

    The same bytes as the record's say that it was made so; other bytes that something of it was changed since.

    Parameters
    ----------
    load_model
        Gives a stored model by name and version, every check of the registry passed.
    policy_text
        The policy of the record.

    Raises
    ------
    ArtefactRefused
        If the policy or a model is not the one that the record names.
    """
    policy = credit_policy(policy_text, record.policy)
    if policy.hash != record.policy_hash:
        raise ArtefactRefused(
            f"policy '{record.policy}' is not the text that decided (SHA-256 {record.policy_hash[:16]}…). Find that."
        )
    models = []
    for use in record.models:
        stored = load_model(use.model, use.version)
        if stored.hash != use.hash:
            raise ArtefactRefused(f"model '{use.model}' {use.version} is not the one that scored. Find that.")
        models.append(use_model(stored, dict(use.features), use.thin_file, frozenset(use.unasked)))
    asked = Asked(
        record.kind, record.decision_id, record.subject, record.application_id, record.principal, record.as_of
    )
    again = decision_record(asked, policy, record.request, record.applicant, record.finances, tuple(models))
    return sealed_bytes(replace(again, format=record.format))
