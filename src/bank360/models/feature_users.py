"""Which models read a feature, directly or through what is derived from it, and for which reason it speaks there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bank360.features.feature import AnyFeature, Derived
from bank360.models.spec import ModelSpec


@dataclass(frozen=True)
class Use:
    """One model's use of a feature: the input through which it enters, and the reason that input may be stated as."""

    model: str
    input: str
    reason: str


def users_of(name: str, catalogue: Mapping[str, AnyFeature], models: Iterable[ModelSpec]) -> tuple[Use, ...]:
    """Return every use of a feature, in the order of the models and their inputs.

    Parameters
    ----------
    catalogue
        Features by name, among them the inputs of derived ones.
    """
    made_of = {name, *derived_from(name, catalogue)}
    return tuple(
        Use(spec.name, one.name, str(one.reason)) for spec in models for one in spec.inputs if one.name in made_of
    )


def derived_from(name: str, catalogue: Mapping[str, AnyFeature]) -> tuple[str, ...]:
    """Return the derived features that a feature enters, directly or through another, in the catalogue's order."""
    found: list[str] = []
    grown = True
    while grown:
        among = {name, *found}
        more = [
            one.name
            for one in catalogue.values()
            if isinstance(one, Derived) and one.name not in among and among & set(one.inputs)
        ]
        found += more
        grown = bool(more)
    return tuple(one for one in catalogue if one in found)
