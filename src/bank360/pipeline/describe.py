"""Features of any spine from one packing of the histories, for the steps that need several spines in a row."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from bank360.features.compute import FeatureMatrix, compute
from bank360.features.families import ALL_FEATURES
from bank360.features.feature import AnyFeature
from bank360.features.history import Histories
from bank360.features.needs import Need, all_needs
from bank360.features.spine import Spine
from bank360.pipeline.build import packed_histories
from bank360.pipeline.train import Describe
from bank360.storage.delivered import all_known_from
from bank360.storage.one_customer import warehouse_of_one
from bank360.storage.warehouse import Warehouse


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


@contextmanager
def describing_only(
    warehouse: Warehouse,
    customer_id: str,
    zone: str,
    currency: str,
    country: str,
    features: Sequence[AnyFeature] = ALL_FEATURES,
) -> Iterator[tuple[Warehouse, Describe, Mapping[Need, int]]]:
    """Open one customer's own warehouse and yield it with what describes spines read from it; they end with the block.

    Third comes since when what features need was delivered by the whole bank, as its last build found, or, of features
    declared since, as its rows stand.

    The values are those that the whole bank's histories give, to the last bit, for the price of one customer's events.

    Parameters
    ----------
    warehouse
        The bank's, with identity run.
    customer_id
        The stable id.
    zone, currency, country
        The bank's own.
    features
        What may be asked for.

    Raises
    ------
    NotReady
        If nothing is built yet.
    """
    delivered = all_known_from(warehouse, all_needs(features), currency, country)
    with warehouse_of_one(warehouse, customer_id) as own:
        histories = packed_histories(own, zone, currency, country, features, 1, known=delivered)
        yield own, describer(lambda: histories, 1), delivered
