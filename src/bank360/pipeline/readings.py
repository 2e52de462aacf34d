"""Which deliveries are read otherwise than ``bank360.yaml`` says now, and how they would be read by what it says.

A delivery is read once, by the mapping of that day; correcting the mapping changes nothing that was loaded until
somebody rebuilds. This module finds the difference, for those who tell of it (`ingest`, `doctor`) and for `rebuild`,
which removes it. Why, and what becomes of known times: docs/decisions/0020-how-a-delivery-was-read.md.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bank360.sources.source import Source
from bank360.storage.files import files_read_as
from bank360.storage.landing import Delivery, Landing
from bank360.storage.ledger import loaded_readings
from bank360.storage.readings import Reading, differing_keys, reading_id
from bank360.storage.warehouse import Warehouse

# What each source that bank360.yaml names is told now, by name.
Current = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Changed:
    """Deliveries of one source that are read otherwise than its mapping says now.

    Parameters
    ----------
    deliveries
        As they are read, in order of receipt.
    keys
        Where their settings and the present ones differ, such as ``mapping.files.transactions.sign``.
    """

    source: str
    deliveries: tuple[Delivery, ...]
    keys: tuple[str, ...]

    @property
    def files(self) -> tuple[str, ...]:
        """Names of their files, each with the delivery that brought it."""
        names = [(delivery, name) for delivery in self.deliveries for name in _names(delivery)]
        return tuple(f"{name} (delivery {one.number} of {one.received_at:%Y-%m-%d})" for one, name in names)


def changed_readings(zone: Landing, warehouse: Warehouse, current: Current) -> tuple[Changed, ...]:
    """Return by source the loaded deliveries whose rows came from another reading than the present one.

    Those of which somebody decided that they are meant so, and of sources that are no longer named, are left out.
    """
    read_by, kept = loaded_readings(warehouse), zone.decided().kept
    return _by_source(
        zone,
        current,
        lambda one, now: one.batch_id in read_by and read_by[one.batch_id] != now and kept.get(one.number) != now,
    )


def recorded_otherwise(zone: Landing, current: Current) -> tuple[Changed, ...]:
    """Return by source the deliveries whose recorded reading, loaded or not, is another than the present one.

    Those of which somebody decided that they are meant so are left out: `kept_otherwise` has them.
    """
    kept = zone.decided().kept
    return _by_source(zone, current, lambda one, now: reading_id(one.settings) != now != kept.get(one.number))


def kept_otherwise(zone: Landing, current: Current) -> tuple[Changed, ...]:
    """Return by source the deliveries of which somebody decided that the present reading is not theirs."""
    kept = zone.decided().kept
    return _by_source(zone, current, lambda one, now: reading_id(one.settings) != now == kept.get(one.number))


def reread(
    zone: Landing, changed: Iterable[Changed], current: Current, source_of: Callable[[Delivery], Source]
) -> dict[int, Reading]:
    """Return by delivery how it is read by the present mapping, its files matched with the mapping's patterns anew.

    Raises
    ------
    SettingsError
        If a mapping is wrong.
    """
    received = {delivery.number: delivery for delivery in zone.received()}
    readings = {}
    for delivery in (one for each in changed for one in each.deliveries):
        settings = current[delivery.source]
        source = source_of(replace(delivery, settings=settings))
        names = (file.name for file in received[delivery.number].files)
        readings[delivery.number] = Reading(settings, files_read_as(source, names))
    return readings


def unread_files(zone: Landing, readings: Mapping[int, Reading]) -> tuple[str, ...]:
    """Return the files that were received and that their new readings leave out."""
    return tuple(
        f"{name} (delivery {delivery.number} of source '{delivery.source}')"
        for delivery in zone.received()
        if delivery.number in readings
        for name in _names(delivery)
        if name not in {read for _, read in readings[delivery.number].files}
    )


def _by_source(zone: Landing, current: Current, otherwise: Callable[[Delivery, str], bool]) -> tuple[Changed, ...]:
    """Return the deliveries that are read ``otherwise`` than by the reading whose id it is given."""
    now = {source: reading_id(settings) for source, settings in current.items()}
    found: dict[str, list[Delivery]] = {}
    for delivery in zone.deliveries():
        if delivery.source in now and otherwise(delivery, now[delivery.source]):
            found.setdefault(delivery.source, []).append(delivery)
    return tuple(
        Changed(
            source,
            tuple(ones),
            tuple(sorted({key for one in ones for key in differing_keys(one.settings, current[source])})),
        )
        for source, ones in found.items()
    )


def _names(delivery: Delivery) -> tuple[str, ...]:
    return tuple(dict.fromkeys(file.name for file in delivery.files))
