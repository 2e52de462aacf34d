"""Histories of merchants and terminals, read from the warehouse and packed as a customer's are (`build.py`).

Same streams, layouts and kernel; only whose events they are differs, and who is who need not be resolved for it. All
their windows end, so that a snapshot reads a year of frauds and weeks of payments, not everything (`read_since`).
"""

from collections.abc import Sequence

import pyarrow as pa

from bank360.features.feature import AnyFeature, Feature
from bank360.features.history import Histories, packed_stream
from bank360.features.latest import reaches_back
from bank360.features.layout import layouts
from bank360.features.needs import all_needs
from bank360.features.scan import EventScan, scan_plan
from bank360.storage.delivered import known_from
from bank360.storage.events import event_stream
from bank360.storage.places import names_by_date
from bank360.storage.warehouse import Warehouse


def place_histories(
    warehouse: Warehouse,
    places: pa.Table,
    zone: str,
    currency: str,
    country: str,
    features: Sequence[AnyFeature],
    threads: int = 2,
    as_of: int | None = None,
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
    as_of
        The first instant (microseconds UTC) that will be described: what no feature can need from it on is not read.
        None: all is.
    """
    by_stream = layouts(features)
    streams = {}
    for scan in scan_plan(features):
        layout = by_stream[scan.stream.name]
        since = None if as_of is None else read_since(warehouse, scan, features, as_of, zone)
        events = event_stream(warehouse, scan, zone, currency, country, places=places, since=since)
        streams[scan.stream.name] = packed_stream(events, layout, len(places), zone, threads)
    return Histories(len(places), zone, streams, known_from(warehouse, all_needs(features), currency, country))


def read_since(
    warehouse: Warehouse, scan: EventScan, features: Sequence[AnyFeature], as_of: int, zone: str
) -> int | None:
    """Return the instant before which no event of a scan moves a value at ``as_of`` or later; None: any may.

    Instants are microseconds (UTC). Of a feature that needs the time of day any event may, where some have none.

    Parameters
    ----------
    scan, features
        A scan of merchants' or terminals' events, and what is computed.
    """
    own = [one for one in features if isinstance(one, Feature) and one.measure.table == scan.stream.name]
    if any(one.needs_time_of_day for one in own) and names_by_date(warehouse, scan.stream.entity):
        return None
    return reaches_back(own, as_of, zone)
