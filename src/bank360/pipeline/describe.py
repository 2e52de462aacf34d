"""Features of any spine from one packing of the histories, for the steps that need several spines in a row."""

from collections.abc import Sequence

from bank360.features.compute import FeatureMatrix, compute
from bank360.features.families import ALL_FEATURES
from bank360.features.feature import AnyFeature
from bank360.features.history import Histories
from bank360.features.spine import Spine
from bank360.pipeline.build import packed_histories
from bank360.pipeline.progress import Progress, silent
from bank360.pipeline.train import Describe
from bank360.storage.warehouse import Warehouse


def describer(warehouse: Warehouse, zone: str, threads: int, progress: Progress = silent) -> Describe:
    """Return a function from a spine and features to their values; the histories are read at its first call.

    Parameters
    ----------
    warehouse
        With canonical tables filled and identity run; what is loaded after the first call is not seen.
    zone
        The bank's time zone.
    threads
        Threads of the engine.
    """
    packed: list[Histories] = []

    def describe(spine: Spine, features: Sequence[AnyFeature]) -> FeatureMatrix:
        if not packed:
            packed.append(packed_histories(warehouse, ALL_FEATURES, zone, threads, progress))
        return compute(packed[0], spine, features, threads=threads)

    return describe
