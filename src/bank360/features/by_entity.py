"""Features of several entities in one matrix: a card payment has a customer, and a merchant and terminal where it was.

Each entity's features are computed on its own histories by `compute.compute`; what is derived from features of two of
them is worked out here, by the same formulas. No row of one entity's histories is ever read for another.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from bank360.features.compute import FeatureMatrix, compute
from bank360.features.derived import derived
from bank360.features.feature import AnyFeature, Derived, Feature
from bank360.features.history import Histories
from bank360.features.programs import in_order
from bank360.features.scan import Entity, entity_of
from bank360.features.spine import Spine

Doubles = npt.NDArray[np.float64]


def compute_by_entity(
    histories: Mapping[Entity, Histories], spine: Spine, features: Sequence[AnyFeature], threads: int = 1
) -> FeatureMatrix:
    """Return the value of each feature at each row of the spine, from what was known before its as_of.

    Parameters
    ----------
    histories
        By entity, packed with what its features read.
    spine
        The rows; ``spine.places`` says which merchant and which terminal each one is about.
    features
        Numeric declarations of any entity; every input of a derived one is among them.
    threads
        Threads over partitions.

    Raises
    ------
    ValueError
        If the spine does not say whom a feature's entity is, or an input or a spine column is missing.
    """
    by_name = {feature.name: feature for feature in features}
    order = in_order(features, by_name)
    home = _homes(order)
    column: dict[str, Doubles] = {}
    for entity in dict.fromkeys(home.values()):
        own = [feature for feature in order if home.get(feature.name) is entity]
        matrix = compute(histories[entity], spine.of(entity), own, threads=threads)
        column |= {name: matrix.values[:, place] for place, name in enumerate(matrix.names)}
    for feature in order:
        if isinstance(feature, Derived) and feature.name not in home:
            first, second = (column[name] for name in feature.inputs)
            column[feature.name] = derived(feature.kind, first, second, feature.factor)
    names = tuple(by_name)
    values = np.empty((len(spine), len(names)), dtype=np.float64, order="F")
    for place, name in enumerate(names):
        values[:, place] = column[name]
    return FeatureMatrix(names, values, {})


def _homes(order: Sequence[AnyFeature]) -> dict[str, Entity]:
    """Return by feature, inputs first, the entity on whose histories it is computed; not what is derived from two.

    Attributes of the row itself are computed with the customer's, as everywhere.
    """
    home: dict[str, Entity] = {}
    for feature in order:
        if isinstance(feature, Derived):
            first, second = (home.get(name) for name in feature.inputs)
            if first is not None and first is second:
                home[feature.name] = first
        else:
            home[feature.name] = entity_of(feature) if isinstance(feature, Feature) else Entity.CUSTOMER
    return home
