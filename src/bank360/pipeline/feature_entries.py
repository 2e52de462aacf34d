"""The features as people read them: each with its family, words, columns, needs and the models that use it.

All of the catalogue, and last, as a family of its own, what the models read of an application and is in no family of
the catalogue. `cli/features.py` prints entries and `feature_reference.py` makes the reference page of them; nothing is
computed here.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import Any

from bank360.bank.errors import NotFound
from bank360.bank.tables import TABLE_BY_NAME
from bank360.bank.vocabulary import EventPrecision
from bank360.features.families import CATALOGUE, FAMILIES_OF
from bank360.features.families.spending import CATEGORY_MAP, DISCRETIONARY, ESSENTIAL
from bank360.features.feature import NEITHER, AnyFeature, Derived, Feature, SpineColumn, stated_sign
from bank360.features.needs import Need, Needs, needs, said
from bank360.features.source_columns import columns_found_by, columns_read
from bank360.features.wording import counts_said, formula_said, told_said, windows_said
from bank360.models.catalogue import MODELS
from bank360.models.feature_users import Use, derived_from, users_of

APPLICATION = "application"  # the family, and what its features describe

_SIGNS = {1: "more is riskier", -1: "less is riskier", NEITHER: "no sign expected"}
_MAPPED = (frozenset(ESSENTIAL), frozenset(DISCRETIONARY), frozenset((*ESSENTIAL, *DISCRETIONARY)))


@dataclass(frozen=True)
class FeatureEntry:
    """One feature in words.

    Parameters
    ----------
    entity
        What it describes: a customer, merchant, terminal or application.
    computed
        What is done with which events, the formula of a derived one, or who told it.
    window
        In words; of a derived feature the windows of what it is made of.
    made_of, enters
        The features it is derived from, and those derived from it.
    columns
        ``table.column`` that the value is made of.
    found_by
        ``table.column`` by which its events find whom they are of.
    category_map
        The version of the map of categories that it reads; None: it reads none.
    needs
        What must have been delivered before it has data; one line per need.
    uses
        Which models read it, through which input, and the reason that input may be stated as.
    """

    name: str
    family: str
    entity: str
    owner: str
    meaning: str
    unit: str
    risk: str
    computed: str
    window: str
    made_of: tuple[str, ...]
    enters: tuple[str, ...]
    columns: tuple[str, ...]
    found_by: tuple[str, ...]
    category_map: str | None
    needs: tuple[str, ...]
    uses: tuple[Use, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the entry as JSON values."""
        return asdict(self)


def of_applications() -> tuple[AnyFeature, ...]:
    """Return what the models read, or their inputs are made of, and is not in the catalogue; as first declared."""
    known = {feature.name for feature in CATALOGUE}
    found: dict[str, AnyFeature] = {}
    for feature in (one for spec in MODELS for one in (*spec.inputs, *spec.parts)):
        if feature.name not in known:
            found.setdefault(feature.name, feature)
    return tuple(found.values())


def feature_entries() -> tuple[FeatureEntry, ...]:
    """Return an entry for every feature of the catalogue, in its order, and for what is read of applications."""
    by_name = _by_name()
    catalogue = (
        _entry(feature, family, entity.value, by_name)
        for entity, families in FAMILIES_OF.items()
        for family, features in families.items()
        for feature in features
    )
    return (*catalogue, *(_entry(feature, APPLICATION, APPLICATION, by_name) for feature in of_applications()))


def known_entry(name: str) -> FeatureEntry:
    """Return the entry of a feature by its name.

    Raises
    ------
    NotFound
        If there is none, with names that come close.
    """
    by_name = {entry.name: entry for entry in feature_entries()}
    if name not in by_name:
        close = get_close_matches(name, by_name, 3)
        hint = f"Did you mean {' or '.join(close)}? " if close else ""
        raise NotFound(f"There is no feature '{name}'. {hint}'bank360 features list' names them all.")
    return by_name[name]


def entry_needs() -> dict[str, Needs]:
    """Return by feature what must have been delivered before it has data, as its entry says it."""
    by_name = _by_name()
    return {name: _needs(feature, by_name) for name, feature in by_name.items()}


def _by_name() -> dict[str, AnyFeature]:
    return {one.name: one for one in (*CATALOGUE, *of_applications())}


def _entry(feature: AnyFeature, family: str, entity: str, by_name: Mapping[str, AnyFeature]) -> FeatureEntry:
    return FeatureEntry(
        feature.name,
        family.replace("_", " "),
        entity,
        feature.owner,
        feature.meaning,
        feature.unit,
        _SIGNS[stated_sign(feature)],
        _computed(feature),
        windows_said(feature, by_name),
        feature.inputs if isinstance(feature, Derived) else (),
        derived_from(feature.name, by_name),
        columns_read(feature, by_name),
        columns_found_by(feature, by_name),
        CATEGORY_MAP if _reads_map(feature, by_name) else None,
        tuple(said(any_of) for any_of in _needs(feature, by_name)),
        users_of(feature.name, by_name, MODELS),
    )


def _computed(feature: AnyFeature) -> str:
    if isinstance(feature, Derived):
        return formula_said(feature)
    return counts_said(feature) if isinstance(feature, Feature) else told_said(feature)


def _reads_map(feature: AnyFeature, by_name: Mapping[str, AnyFeature]) -> bool:
    """Whether a condition asks for all essential categories, all discretionary ones, or all of both."""
    if isinstance(feature, Derived):
        return any(_reads_map(by_name[name], by_name) for name in feature.inputs)
    conditions = feature.measure.where if isinstance(feature, Feature) else ()
    return any(frozenset(values) in _MAPPED for column, _, values in conditions if column in ("category", "purpose"))


def _needs(feature: AnyFeature, by_name: Mapping[str, AnyFeature]) -> Needs:
    """Return what a feature needs; of what comes with an application the rows and the column that say it."""
    if isinstance(feature, Derived):
        return tuple(dict.fromkeys(one for name in feature.inputs for one in _needs(by_name[name], by_name)))
    if not isinstance(feature, SpineColumn):
        return needs(feature, by_name)
    if not feature.columns:
        return ()
    tables = dict.fromkeys(column.split(".")[0] for column in feature.columns)
    found = [(Need(table),) for table in tables if table != "source_keys"]  # which identity fills
    table, column = feature.columns[-1].split(".")
    if "application_facts.fact" in feature.columns:
        found.append((Need(table, "fact", (feature.name,)),))
    elif column == "event_precision":
        found.append((Need(table, column, (EventPrecision.SECOND,)),))
    elif TABLE_BY_NAME[table].column(column).nullable:
        found.append((Need(table, column),))
    return tuple(found)
