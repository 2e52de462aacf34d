"""Which behaviour tells who will be at risk: a study, registered nowhere, that scores nobody.

A published analysis of card payments says that spend volatility and average monthly spend are the strongest predictors
of at-risk customers, and that a random forest reaches an AUC of about 0.93, read here as: at least that. Both are asked
of a bank: of customers whom nobody has seen, in later months than those of training, by a logistic regression and by
boosted trees. First of the behaviour that the analysis names, in a month and over all time; then with repayment history
and balances beside it. A measure's two windows say much the same and are shuffled together; spend level and volatility
also as one.

No direction of risk is stated for any input: the study asks what there is. No input is protected. Neighbours:
`learning/importance.py`, the craft; `labels/at_risk.py`; `pipeline/at_risk_study.py`, which reads the rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from bank360.bank.counted import counted
from bank360.bank.errors import TooFewEvents
from bank360.features.families import balances, behaviour, repayment
from bank360.features.feature import AnyFeature
from bank360.learning.arrays import Bools, Floats, Ints
from bank360.learning.estimators.boosting import BoostingRules
from bank360.learning.importance import Importance, Verdict, permutation_importance
from bank360.learning.metrics.discrimination import auc_difference, auc_interval
from bank360.learning.metrics.estimate import Estimate
from bank360.learning.tabular import Input, Recipe, fit_with_folds
from bank360.models.application_columns import with_parts
from bank360.models.development import LEAST_TRAINING_EVENTS

VOLATILITY, LEVEL = "spend volatility", "average monthly spend"
CLAIMED, CLAIMED_AUC = (VOLATILITY, LEVEL), 0.93
Groups = Mapping[str, tuple[str, ...]]
_MEASURES: Groups = {
    VOLATILITY: ("spend_volatility_month", "spend_volatility_lifetime"),
    "ATM rate": ("atm_rate_month", "atm_rate_lifetime"),
    "online rate": ("online_rate_month", "online_rate_lifetime"),
    "cross-border": ("abroad_rate_month", "abroad_rate_lifetime"),
    "night": ("night_rate_month", "night_rate_lifetime"),
    "discretionary spend": ("discretionary_share_month", "discretionary_share_lifetime"),
    LEVEL: ("spend_month", "spend_per_month"),
}
# What was declared after the study was published is not among what its figures are of.
_LATER = frozenset(("overdrawn_days_30d", "overdrawn_days_90d", "overdrawn_days_365d"))
_BALANCES = tuple(one for one in balances.FEATURES if one.name not in _LATER)
_MORE: Groups = {
    **_MEASURES,
    "repayment history": tuple(one.name for one in repayment.FEATURES),
    "balances": tuple(one.name for one in _BALANCES),
}
SETS: Mapping[str, Groups] = {
    "behaviour alone": _MEASURES,
    "behaviour, repayment history and balances": _MORE,
}
ALL, WITH_CREDIT = "all", "those with credit in the year before"
CANDIDATES: Mapping[str, Recipe] = {
    "logistic": Recipe("linear"),
    "lightgbm": Recipe("trees", boosting=BoostingRules(max_rounds=100, leaves=8, learning_rate=0.1)),
}
SHUFFLES = 10
# Intervals of falls are those of a mean of events: of fewer they say too much.
LEAST_TESTED_EVENTS = 30

_DECLARED = (*behaviour.MONTHLY, *behaviour.LIFETIMES, *repayment.FEATURES, *_BALANCES)
_READ = {name for names in _MORE.values() for name in names}
_INPUTS = tuple(one for one in _DECLARED if one.name in _READ)
FEATURES: tuple[AnyFeature, ...] = (*_INPUTS, *with_parts(_INPUTS, _DECLARED))


@dataclass(frozen=True, eq=False)
class StudyRows:
    """Rows of customers on days, sorted by customer and day; only those with a known outcome train or test.

    Parameters
    ----------
    customer
        Dense index. No customer both trains and tests, and who tests has one row.
    columns
        The features by name.
    train, test
        Which rows train and which test.
    outcome
        1.0 where the customer came to be at risk: of training rows as known when the test begins.
    """

    customer: Ints
    columns: Mapping[str, npt.NDArray[Any]]
    train: Bools
    test: Bools
    outcome: Floats


@dataclass(frozen=True)
class CandidateStudy:
    """One candidate on the test rows of one part.

    Parameters
    ----------
    auc, gain
        Its AUC; how much that is above the plain baseline's, None of the baseline itself.
    importances
        What each measure's inputs are worth, shuffled together.
    together
        The same of spend level and volatility as one group.
    strongest, reaches
        Whether the two are the strongest, and whether the AUC is the claimed one.
    """

    candidate: str
    auc: Estimate
    gain: Estimate | None
    importances: tuple[Importance, ...]
    together: Estimate
    strongest: Verdict
    reaches: Verdict


@dataclass(frozen=True)
class StudyPart:
    """One set of inputs asked of one population: its candidates, the plain baseline first, and what they rest on."""

    inputs: str
    n_inputs: int
    population: str
    train_rows: int
    train_customers: int
    train_events: int
    test_rows: int
    test_events: int
    candidates: tuple[CandidateStudy, ...]


def studied(
    rows: StudyRows, seed: int, threads: int, candidates: Mapping[str, Recipe] = CANDIDATES
) -> tuple[StudyPart, ...]:
    """Return what the candidates, the plain baseline first, find of each population on each set of inputs.

    Raises
    ------
    TooFewEvents
        If too few events train or test, of either population.
    CircularTarget
        If one input alone tells the outcome.
    """
    everyone = np.ones(len(rows.outcome), dtype=np.bool_)
    populations = {ALL: everyone, WITH_CREDIT: rows.columns["credit_months_365d"] > 0}
    parts = []
    for population, of in populations.items():
        train, test = rows.train & of, rows.test & of
        _enough("trains on", population, rows.outcome[train], LEAST_TRAINING_EVENTS)
        _enough("is tested on", population, rows.outcome[test], LEAST_TESTED_EVENTS)
        parts += [(name, groups, population, train, test) for name, groups in SETS.items()]
    return tuple(
        StudyPart(
            name,
            sum(map(len, groups.values())),
            population,
            int(train.sum()),
            len(np.unique(rows.customer[train])),
            int(rows.outcome[train].sum()),
            int(test.sum()),
            int(rows.outcome[test].sum()),
            _found(groups, replace(rows, train=train, test=test), seed, threads, candidates),
        )
        for name, groups, population, train, test in parts
    )


def _enough(what: str, population: str, outcome: Floats, least: int) -> None:
    if outcome.sum() < least or len(outcome) - outcome.sum() < least:
        events, rows = counted(int(outcome.sum()), "event"), counted(len(outcome), "row")
        raise TooFewEvents(
            f"The study of 'at_risk' {what} {events} in {rows} of {population}; it needs at least {least}, and as many "
            "others. Load more history, or wait until more outcome windows are complete."
        )


def _found(
    groups: Groups, rows: StudyRows, seed: int, threads: int, candidates: Mapping[str, Recipe]
) -> tuple[CandidateStudy, ...]:
    names = [name for group in groups.values() for name in group]
    inputs = tuple(Input(name) for name in names)
    table, later = ({name: rows.columns[name][which] for name in names} for which in (rows.train, rows.test))
    fitted, outcome, group = rows.outcome[rows.train], rows.outcome[rows.test], rows.customer[rows.train]
    places = {name: tuple(map(names.index, members)) for name, members in groups.items()}
    both = {"both": tuple(place for one in CLAIMED for place in places[one])}
    found: list[CandidateStudy] = []
    plain: Floats | None = None
    for candidate, recipe in candidates.items():
        model = fit_with_folds(recipe, inputs, table, fitted, seed, threads, group).model
        design = model.design(later)
        margin = model.margin(design)
        gain = None if plain is None else auc_difference(outcome, margin, plain)
        plain = margin if plain is None else plain
        reached = auc_interval(outcome, margin)
        each = permutation_importance(model.margin, design, outcome, places, SHUFFLES, seed)
        together = permutation_importance(model.margin, design, outcome, both, SHUFFLES, seed).groups[0].fall
        verdict = each.verdict(CLAIMED)
        found.append(
            CandidateStudy(candidate, reached, gain, each.groups, together, verdict, reaches(reached, CLAIMED_AUC))
        )
    return tuple(found)


def reaches(found: Estimate, claimed: float) -> Verdict:
    """Say whether an AUC is at least the claimed one.

    Reproduced: its whole interval is. Refuted: its whole interval is below. Not shown: the interval holds the claimed
    one, so that either may be.

    >>> reaches(Estimate(0.61, 0.57, 0.65), 0.93), reaches(Estimate(0.9, 0.85, 0.94), 0.93)
    ('refuted', 'not shown')
    """
    return "reproduced" if found.low >= claimed else "refuted" if found.high < claimed else "not shown"
