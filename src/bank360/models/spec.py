"""What a model is: its specification, and the fitted thing that scores and explains.

A `ModelSpec` is data: inputs, label, candidates (the plain baseline first), and what the number means. A `FittedModel`
is one candidate after training: one part for everybody, or one for applicants with a history and one for those
without (the thin file), because a row without history answers other questions. Neighbours: `development.py` fits and
compares, `reasons.py` explains, `card.py` writes it down, `storage/registry.py` keeps it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from bank360.bank.reasons import REASON_BY_CODE
from bank360.features.feature import AnyFeature, Derived, Feature, SpineColumn, stated_sign
from bank360.labels.label import Label
from bank360.learning.arrays import Bools, Floats
from bank360.learning.tabular import Columns, Input, Recipe, TabularModel

NO_HISTORY = "R18"  # "Limited banking history to assess"

Population = Literal["all", "with history", "thin file"]
# Of each part that has rows its model, the mask of those rows, and their design matrix, which nobody changes.
Designs = list[tuple[TabularModel, Bools, Floats]]


@dataclass(frozen=True)
class Candidate:
    """One way to fit the model; ``by_history`` fits the thin file apart from the rest."""

    name: str
    recipe: Recipe
    by_history: bool


@dataclass(frozen=True)
class ModelSpec:
    """A model as stated before it is fitted.

    Parameters
    ----------
    name
        "application_pd".
    meaning
        What the probability says, in one sentence.
    label
        The label it is fitted to, which also states the population.
    inputs
        What it reads, each with its reason code; the parts of derived inputs are in ``parts``.
    parts
        Features that only serve to derive inputs.
    candidates
        The plain baseline first.
    missing_reason_of
        The reason code to use instead where an input has no value ("no file at the bureau", not "bureau score").
    owner
        Who in the bank answers for the model.
    level_days
        The level of the probabilities is that of the training rows of so many last days (`level.py`): for what comes
        and goes with the economy. None: of all training rows.
    decided
        Whether only applications that the bank approved have an outcome: reject inference is then shown on the card.
    """

    name: str
    meaning: str
    label: Label
    inputs: tuple[AnyFeature, ...]
    parts: tuple[AnyFeature, ...]
    candidates: tuple[Candidate, ...]
    owner: str
    missing_reason_of: Mapping[str, str] = field(default_factory=dict)
    decided: bool = False
    level_days: int | None = None

    def __post_init__(self) -> None:
        names = [feature.name for feature in (*self.inputs, *self.parts)]
        if len(set(names)) != len(names):
            raise ValueError(f"model '{self.name}' reads an input twice")
        if set(self.missing_reason_of) - set(names) or set(self.missing_reason_of.values()) - set(REASON_BY_CODE):
            raise ValueError(f"model '{self.name}': a reason for a missing value names no input, or no reason")
        unknown = [f.name for f in self.inputs if f.reason not in REASON_BY_CODE]
        if unknown:
            raise ValueError(f"model '{self.name}': inputs without a reason of bank/reasons.py: {unknown}")
        for feature in self.inputs:
            stated_sign(feature)  # what holds the model to a direction is never left to a default

    @property
    def reason_of(self) -> dict[str, str]:
        """The reason code of each input."""
        return {feature.name: str(feature.reason) for feature in self.inputs}

    @property
    def from_history(self) -> frozenset[str]:
        """Inputs that are read off events, directly or through what they are derived from: void for a thin file."""
        by_name = {feature.name: feature for feature in (*self.inputs, *self.parts)}

        def historical(feature: AnyFeature) -> bool:
            if isinstance(feature, Derived):
                return any(historical(by_name[name]) for name in feature.inputs)
            return isinstance(feature, Feature)

        return frozenset(feature.name for feature in self.inputs if historical(feature))

    def tabular_inputs(self, thin: bool) -> tuple[Input, ...]:
        """Return the inputs as columns of a table; for a thin file without those that need history."""
        return tuple(
            Input(f.name, isinstance(f, SpineColumn) and f.categorical, stated_sign(f))
            for f in self.inputs
            if not (thin and f.name in self.from_history)
        )


@dataclass(frozen=True, eq=False)
class Part:
    """The model of one population."""

    population: Population
    model: TabularModel


@dataclass(frozen=True, eq=False)
class Scored:
    """Scores of rows, shape ``(n_rows,)``: log-odds before calibration, and the probability."""

    margin: Floats
    probability: Floats


@dataclass(frozen=True, eq=False)
class FittedModel:
    """One fitted candidate.

    Parameters
    ----------
    name, candidate
        The model, and which candidate of it.
    parts
        One part for "all", or one "with history" and one "thin file".
    reason_of
        The reason code of each input.
    from_history
        Inputs that are void where there is no history; there they speak for `NO_HISTORY`, not for their own reason.
    missing_reason_of
        The reason code to use instead where another input has no value.
    own_reasons
        Wording by code, of reasons that stand in no list of the bank's: a mapping gave them to a file's columns.
    """

    name: str
    candidate: str
    parts: tuple[Part, ...]
    reason_of: Mapping[str, str]
    from_history: frozenset[str]
    missing_reason_of: Mapping[str, str] = field(default_factory=dict)
    own_reasons: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        populations = [part.population for part in self.parts]
        if populations not in (["all"], ["with history", "thin file"]):
            raise ValueError(f"a model cannot have the parts {populations}")
        names = {i.name for part in self.parts for i in part.model.inputs}
        if names - set(self.reason_of):
            raise ValueError(f"inputs without a reason: {sorted(names - set(self.reason_of))}")
        if set(self.own_reasons) & set(REASON_BY_CODE):
            raise ValueError("a reason of a model's own may not have the code of one of the bank's")

    def wording(self, code: str) -> str:
        """Return what a customer reads for a reason code that the model may state."""
        return self.own_reasons[code] if code in self.own_reasons else REASON_BY_CODE[code].wording

    @property
    def inputs(self) -> tuple[Input, ...]:
        """Every input of every part, each once."""
        return tuple({i.name: i for part in self.parts for i in part.model.inputs}.values())

    def designs(self, columns: Columns, thin: Bools, unasked: Mapping[str, Bools] | None = None) -> Designs:
        """Return the model of each part that has rows, the mask of those rows, and their design matrix.

        Parameters
        ----------
        columns
            By input name, one value per row.
        thin
            Which rows have no history; their history inputs are read as missing.
        unasked
            By input name, which rows were never asked for it (a standard request has no purpose). They are neutral:
            the cell holds the input's reference. Not asked is not the same as asked and not known.
        """
        everyone = np.ones(len(thin), dtype=np.bool_)
        masks = [everyone] if len(self.parts) == 1 else [~thin, thin]
        table = void_history(self.from_history, columns, thin)
        answer = []
        for part, rows in zip(self.parts, masks, strict=True):
            if not rows.any():
                continue
            design = part.model.design(rows_of(table, rows))
            for j, own in enumerate(part.model.inputs):
                if unasked is not None and own.name in unasked:
                    design[unasked[own.name][rows], j] = part.model.reference[j]
            answer.append((part.model, rows, design))
        return answer

    def score(self, columns: Columns, thin: Bools, unasked: Mapping[str, Bools] | None = None) -> Scored:
        """Return margin and probability of each row; arguments as of `designs`."""
        return self.scored(self.designs(columns, thin, unasked), len(thin))

    def scored(self, designs: Designs, n: int) -> Scored:
        """Return margin and probability of each of ``n`` rows by what `designs` gave for them."""
        margin, probability = np.zeros(n), np.zeros(n)
        for model, rows, design in designs:
            margin[rows] = model.margin(design)
            probability[rows] = model.probability(margin[rows])
        return Scored(margin, probability)

    def to_json(self) -> dict[str, Any]:
        """Return the model as JSON values; trees are in `arrays`."""
        return {
            "name": self.name,
            "candidate": self.candidate,
            "reason_of": dict(self.reason_of),
            "from_history": sorted(self.from_history),
            "missing_reason_of": dict(self.missing_reason_of),
            **({"own_reasons": dict(self.own_reasons)} if self.own_reasons else {}),
            "parts": [{"population": part.population, "model": part.model.to_json()} for part in self.parts],
        }

    @property
    def arrays(self) -> list[dict[str, Any]]:
        """The tree arrays of each part; empty for parts without trees."""
        return [part.model.arrays for part in self.parts]

    @classmethod
    def from_json(cls, values: Mapping[str, Any], arrays: Sequence[Mapping[str, Any]]) -> "FittedModel":
        """Return the model that `to_json` and `arrays` wrote; ValueError where they cannot be one."""
        parts = tuple(
            Part(part["population"], TabularModel.from_json(part["model"], own))
            for part, own in zip(values["parts"], arrays, strict=True)
        )
        reason_of = {str(name): str(code) for name, code in values["reason_of"].items()}
        from_history = frozenset(str(name) for name in values["from_history"])
        missing = {str(name): str(code) for name, code in values["missing_reason_of"].items()}
        own = {str(code): str(wording) for code, wording in values.get("own_reasons", {}).items()}
        return cls(str(values["name"]), str(values["candidate"]), parts, reason_of, from_history, missing, own)


def rows_of(columns: Columns, rows: Bools) -> dict[str, Any]:
    """Return the marked rows of every column."""
    return {name: values[rows] for name, values in columns.items()}


def void_history(from_history: frozenset[str], columns: Columns, thin: Bools) -> dict[str, Any]:
    """Return the columns with history inputs missing where there is no history.

    The engine answers 0 for a count over an empty history. For somebody the bank has never seen that is no
    observation, and a model must not read it as one.
    """
    return {
        name: np.where(thin, np.nan, values) if name in from_history else values for name, values in columns.items()
    }
