"""One run of training on a flat file: the rules it was given, which candidate is the challenger, and its record.

The record stands beside the versions (`storage/registry.py`), for a version is named by what it is and not by what it
was asked with: under ``settings`` all that a run can be told, so that two runs show what was changed and only that;
under ``found`` what came of it. Neighbours: `train_table.py` trains, `run_config.py` reads what is told.
"""

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from bank360 import __version__
from bank360.bank.errors import SettingsError
from bank360.learning.estimators.boosting import BoostingRules
from bank360.models.development import Measured
from bank360.pipeline.train_flat import FlatReport

_RULES = {field.name: type(getattr(BoostingRules(), field.name)) for field in fields(BoostingRules)}


def boosting_rules(told: Mapping[str, int | float]) -> BoostingRules:
    """Return the rules of the trees, with those that settings tell otherwise.

    Raises
    ------
    SettingsError
        If there is no such rule, or its value is not above 0, or no whole number where one is needed.

    >>> boosting_rules({"leaves": 4}).leaves, boosting_rules({}).leaves
    (4, 8)
    """
    for name, value in told.items():
        if name not in _RULES:
            raise SettingsError(f"Trees have no rule '{name}'; they have {', '.join(_RULES)}. Name one of these.")
        if value <= 0 or (_RULES[name] is int and value != int(value)):
            kind = "a whole number" if _RULES[name] is int else "a number"
            raise SettingsError(f"The rule '{name}' of the trees must be {kind} above 0, not {value}.")
    return replace(BoostingRules(), **{name: _RULES[name](value) for name, value in told.items()})


def challenger_of(found: FlatReport, metric: str | None) -> str:
    """Return the candidate that challenges: the better by ``metric``, the plainer where they are equal.

    Parameters
    ----------
    metric
        ``roc_auc``, ``average_precision`` or ``ks``; None: the trees, whatever they are worth.
    """
    if metric is None:
        return found.metrics[-1].candidate
    return max(found.metrics, key=lambda one: _value(one.measured, metric)).candidate


def run_record(
    settings: Mapping[str, Any], found: FlatReport, versions: Mapping[str, str], challenger: str, trained_as_of: str
) -> dict[str, Any]:
    """Return the record of a run as JSON values.

    Parameters
    ----------
    settings
        All that the run was told: paths, seed, metric, the trees' rules, the mapping.
    versions
        The registered version by candidate.
    trained_as_of
        Instant that counts as now, ISO 8601.
    """
    return {
        "settings": dict(settings),
        "found": {
            "trained_as_of": trained_as_of,
            "code_version": __version__,
            "versions": dict(versions),
            "challenger": challenger,
            **found.to_json(),
        },
    }


def told_settings(
    data: str, registry: str, seed: int, metric: str | None, rules: BoostingRules, mapping: Mapping[str, Any]
) -> dict[str, Any]:
    """Return all that a run was told, defaults written out, as JSON values."""
    return {
        "data": data,
        "registry": registry,
        "seed": seed,
        "metric": metric,
        "trees": asdict(rules),
        "mapping": dict(mapping),
    }


def _value(measured: Measured, metric: str) -> float:
    return {"roc_auc": measured.auc.value, "average_precision": measured.average_precision, "ks": measured.ks}[metric]
