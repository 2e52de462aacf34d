"""Histories of merchants and terminals, read from the warehouse and packed as a customer's are (`build.py`).

Same streams, layouts and kernel; only whose events they are differs, and who is who need not be resolved for it.
"""

from collections.abc import Sequence

import pyarrow as pa

from bank360.features.feature import AnyFeature
from bank360.features.history import Histories, packed_stream
from bank360.features.layout import layouts
from bank360.features.needs import all_needs
from bank360.features.scan import scan_plan
from bank360.storage.delivered import known_from
from bank360.storage.events import event_stream
from bank360.storage.warehouse import Warehouse


def place_histories(
    warehouse: Warehouse,
    places: pa.Table,
    zone: str,
    currency: str,
    country: str,
    features: Sequence[AnyFeature],
    threads: int = 2,
) -> Histories:
    """Return the packed histories that ``features`` of merchants, or of terminals, read.

    Parameters
    ----------
    warehouse
        With canonical tables filled; identity need not have run.
    places
        Which ones and their numbers, from `storage.places`: number ``customer`` of the histories is that place.
    zone, currency, country
        The bank's own.
    features
        Of one entity.
    threads
        Threads over batches of events.
    """
    by_stream = layouts(features)
    streams = {
        scan.stream.name: packed_stream(
            event_stream(warehouse, scan, zone, currency, country, places=places),
            by_stream[scan.stream.name],
            len(places),
            zone,
            threads,
        )
        for scan in scan_plan(features)
    }
    return Histories(len(places), zone, streams, known_from(warehouse, all_needs(features), currency, country))
