"""Features of any spine from one packing of the histories, for the steps that need several spines in a row."""

from collections.abc import Callable, Sequence

from bank360.features.compute import FeatureMatrix, compute
from bank360.features.feature import AnyFeature
from bank360.features.history import Histories
from bank360.features.spine import Spine
from bank360.pipeline.train import Describe


def describer(histories: Callable[[], Histories], threads: int) -> Describe:
    """Return a function from a spine and features to their values.

    Parameters
    ----------
    histories
        Gives the packed histories of everything that may be asked for, the same ones at every call.
    threads
        Threads of the engine.
    """

    def describe(spine: Spine, features: Sequence[AnyFeature]) -> FeatureMatrix:
        return compute(histories(), spine, features, threads=threads)

    return describe
