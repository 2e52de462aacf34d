"""A ``config.yaml`` of flat keys (data_path, model_path, random_state, scoring_metric …) as the settings of a bank.

Such a file describes one run: the ten-column file of loan applications, and where its model goes. It becomes settings
with one flat source and nothing else, so that every command reads the folder as any other bank's; what may stand in
``bank360.yaml`` has no place in it. Neighbours: `home.py` reads the file, `sources/loan_applications_csv.py` has the
columns, `train_table.py` trains by them.
"""

import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from bank360.bank.errors import SettingsError
from bank360.sources.loan_applications_csv import MAPPING

_KEYS = ("data_path", "model_path", "random_state", "scoring_metric", "hyperparameters", "preprocessing")
# What settings call it -> what the file does, for what is said of a wrong value.
KEY_OF: Mapping[str, str] = {
    "seed": "random_state",
    "training.metric": "scoring_metric",
    "training.trees": "hyperparameters",
}
_FLAGS = ("exclude", "score_age")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


def settings_of_config(values: Mapping[str, Any], file: str) -> dict[str, Any]:
    """Return the settings that a ``config.yaml`` stands for.

    Parameters
    ----------
    values
        Its keys: ``data_path``, the file to train on; ``model_path``, whose folder becomes the registry and whose stem
        the model's name, for no file of one model is written (a pickle runs whatever is in it); ``random_state``;
        ``scoring_metric``, by which the candidates are compared; ``hyperparameters`` of the trees; ``preprocessing``
        with ``exclude`` (columns that no model reads) and ``score_age``.
    file
        What messages call it.

    Raises
    ------
    SettingsError
        If a key is unknown or missing, or a path names no file.

    >>> found = settings_of_config({"data_path": "data/sample_input.csv", "model_path": "outputs/model.pkl"}, "c")
    >>> found["registry"], found["sources"][0]["name"], found["sources"][0]["folder"]
    ('outputs', 'model', 'data')
    """
    _known(values, _KEYS, file)
    for key in ("data_path", "model_path"):
        if not isinstance(values.get(key), str) or not PurePath(values[key]).name:
            raise SettingsError(f"{file}: '{key}' must name a file, such as data/sample_input.csv. Write it there.")
    data, model = PurePath(values["data_path"]), PurePath(values["model_path"])
    if not _NAME.fullmatch(model.stem):
        raise SettingsError(
            f"{file}: model_path: '{model.stem}' must be small letters, digits and underscores. Rename it."
        )
    return {
        "seed": values.get("random_state", 42),
        "registry": str(model.parent),
        "training": {
            "metric": values.get("scoring_metric", "roc_auc"),
            "trees": values.get("hyperparameters", {}),
        },
        "sources": [
            {
                "name": model.stem,
                "kind": "mapped",
                "folder": str(data.parent),
                "mapping": {"flat": _mapping(values.get("preprocessing", {}), data.name, file)},
            }
        ],
    }


def _mapping(flags: object, pattern: str, file: str) -> dict[str, Any]:
    """Return the mapping of the ten columns, with what the flags leave out or let in."""
    if not isinstance(flags, Mapping):
        raise SettingsError(f"{file}: preprocessing: must hold {' and '.join(_FLAGS)}, not '{flags}'. Mend it there.")
    _known(flags, _FLAGS, f"{file}: preprocessing")
    exclude, score_age = flags.get("exclude", []), flags.get("score_age", False)
    inputs = [name for name in MAPPING["numeric"] if name not in exclude] if isinstance(exclude, list) else []
    unknown = [name for name in exclude if name not in MAPPING["numeric"]] if isinstance(exclude, list) else [exclude]
    if unknown:
        raise SettingsError(
            f"{file}: preprocessing.exclude: '{unknown[0]}' is no input; it may list {', '.join(MAPPING['numeric'])}. "
            "Mend it there."
        )
    if not isinstance(score_age, bool):
        raise SettingsError(f"{file}: preprocessing.score_age: write true or false, not '{score_age}'.")
    return MAPPING | {
        "pattern": pattern,
        "numeric": [*inputs, "age"] if score_age else inputs,
        "unscored": [] if score_age else MAPPING["unscored"],
        "exclude": exclude,
        "reasons": {name: code for name, code in MAPPING["reasons"].items() if name in inputs},
    }


def _known(values: Mapping[str, Any], keys: tuple[str, ...], where: str) -> None:
    unknown = sorted(str(key) for key in values if key not in keys)
    if unknown:
        raise SettingsError(f"{where}: there is no key '{unknown[0]}'; there are {', '.join(keys)}. Mend it there.")
