"""The catalogue of features as people read it: each with its family, words, columns, needs and the models that use it.

`cli/features.py` prints entries and `feature_reference.py` makes the reference page of them; nothing is computed here.
"""

from dataclasses import asdict, dataclass
from typing import Any

from bank360.features.families import CATALOGUE, FAMILIES_OF
from bank360.features.feature import NEITHER, AnyFeature, Derived, Feature, stated_sign
from bank360.features.needs import needs, said
from bank360.features.scan import Entity
from bank360.features.wording import columns_read, counts_said, formula_said, window_said
from bank360.models.catalogue import MODELS
from bank360.models.feature_users import Use, derived_from, users_of

_SIGNS = {1: "more is riskier", -1: "less is riskier", NEITHER: "no sign expected"}


@dataclass(frozen=True)
class FeatureEntry:
    """One feature in words.

    Parameters
    ----------
    entity
        What it describes: a customer, merchant or terminal.
    computed
        What is done with which events, or the formula of a derived one.
    window
        In words; None for a derived feature, whose inputs have theirs.
    made_of, enters
        The features it is derived from, and those derived from it.
    columns
        ``table.column`` that the value depends on.
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
    window: str | None
    made_of: tuple[str, ...]
    enters: tuple[str, ...]
    columns: tuple[str, ...]
    needs: tuple[str, ...]
    uses: tuple[Use, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the entry as JSON values."""
        return asdict(self)


def feature_entries() -> tuple[FeatureEntry, ...]:
    """Return an entry for every feature of the catalogue, in its order."""
    return tuple(
        _entry(feature, family, entity)
        for entity, families in FAMILIES_OF.items()
        for family, features in families.items()
        for feature in features
    )


def _entry(feature: AnyFeature, family: str, entity: Entity) -> FeatureEntry:
    by_name = {one.name: one for one in CATALOGUE}
    return FeatureEntry(
        feature.name,
        family.replace("_", " "),
        entity.value,
        feature.owner,
        feature.meaning,
        feature.unit,
        _SIGNS[stated_sign(feature)],
        _computed(feature),
        window_said(feature.window) if isinstance(feature, Feature) else None,
        feature.inputs if isinstance(feature, Derived) else (),
        derived_from(feature.name, by_name),
        columns_read(feature, by_name),
        tuple(said(any_of) for any_of in needs(feature, by_name)),
        users_of(feature.name, by_name, MODELS),
    )


def _computed(feature: AnyFeature) -> str:
    if isinstance(feature, Derived):
        return formula_said(feature)
    return counts_said(feature) if isinstance(feature, Feature) else "stated by the request"
