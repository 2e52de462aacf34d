"""Which deliveries are read otherwise than ``bank360.yaml`` says now, and how they would be read by what it says.

A delivery is read once, by the mapping of that day; correcting the mapping changes nothing that was loaded until
somebody rebuilds. This module finds the difference, for those who tell of it (`ingest`, `doctor`) and for `rebuild`,
which removes it. A corrected mapping may also move a file to another source: one whose own source does not read it
any more is read by those that would have, had they been so from the start. Why, and what becomes of known times:
docs/decisions/0020-how-a-delivery-was-read.md.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from bank360.sources.source import Source
from bank360.storage.files import files_read_as
from bank360.storage.landing import Delivery, LandedFile, Landing
from bank360.storage.ledger import loaded_batches, loaded_readings
from bank360.storage.readings import Reading, differing_keys, reading_id
from bank360.storage.warehouse import Warehouse

NUMBERED_FOLDER = re.compile(r"^[0-9]{3,}-")  # one delivery of several in a source's folder


@dataclass(frozen=True)
class Present:
    """A source as ``bank360.yaml`` has it now: what it is told, and its folder as `Landing.told_folder` says it."""

    settings: Mapping[str, Any]
    folder: str


# The sources that bank360.yaml names, by name; and how a delivery's settings become its source.
Current = Mapping[str, Present]
SourceOf = Callable[[Delivery], Source]


@dataclass(frozen=True)
class Changed:
    """Deliveries of one source that are read otherwise than the mappings say now.

    Parameters
    ----------
    deliveries
        As they are read, in order of receipt.
    keys
        Where their settings and the present ones differ, such as ``mapping.files.transactions.sign``.
    moved
        ``(file, source)`` of each file that another source reads now and this one does not.
    """

    source: str
    deliveries: tuple[Delivery, ...]
    keys: tuple[str, ...]
    moved: tuple[tuple[str, str], ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """Names of their files, each with the delivery that brought it."""
        names = [(delivery, name) for delivery in self.deliveries for name in _names(delivery)]
        return tuple(f"{name} (delivery {one.number} of {one.received_at:%Y-%m-%d})" for one, name in names)


@dataclass(frozen=True)
class _Read:
    """One received delivery: each source's share of it as it is recorded, and by the mappings as they are now."""

    received: Delivery
    recorded: tuple[Delivery, ...]
    as_mapped: tuple[Delivery, ...]

    @property
    def otherwise(self) -> bool:
        return _by_whom(self.recorded) != _by_whom(self.as_mapped)

    @property
    def now_id(self) -> str:
        """Id of the present reading, by which a decision to keep the recorded one names what it was kept from."""
        (first, *others) = self.as_mapped
        if not others and first.source == self.received.source:
            return reading_id(first.settings)
        return reading_id(_by_whom(self.as_mapped))


def changed_readings(zone: Landing, warehouse: Warehouse, current: Current, source_of: SourceOf) -> tuple[Changed, ...]:
    """Return by source the loaded deliveries whose rows came from another reading than the present one.

    Those of which somebody decided that they are meant so, and of sources that are no longer named and whose files
    nothing else reads, are left out.
    """
    batches, read_by, kept = loaded_batches(warehouse), loaded_readings(warehouse), zone.decided().kept

    def behind(one: _Read) -> bool:
        """Return whether the warehouse holds another reading than is recorded: a rebuild was killed at its end."""
        recorded = {share.batch_id: reading_id(share.settings) for share in one.recorded}
        return any(recorded.get(batch) != read_by[batch] for batch in batches[one.received.number])

    found = [one for one in _all_read(zone, current, source_of) if one.received.number in batches]
    return _by_source(
        one for one in found if (one.otherwise or behind(one)) and kept.get(one.received.number) != one.now_id
    )


def recorded_otherwise(zone: Landing, current: Current, source_of: SourceOf) -> tuple[Changed, ...]:
    """Return by source the deliveries whose recorded reading, loaded or not, is another than the present one.

    Those of which somebody decided that they are meant so are left out: `kept_otherwise` has them.
    """
    kept = zone.decided().kept
    found = _all_read(zone, current, source_of)
    return _by_source(one for one in found if one.otherwise and kept.get(one.received.number) != one.now_id)


def kept_otherwise(zone: Landing, current: Current, source_of: SourceOf) -> tuple[Changed, ...]:
    """Return by source the deliveries of which somebody decided that the present reading is not theirs."""
    kept = zone.decided().kept
    found = _all_read(zone, current, source_of)
    return _by_source(one for one in found if one.otherwise and kept.get(one.received.number) == one.now_id)


def reread(
    zone: Landing, changed: Iterable[Changed], current: Current, source_of: SourceOf
) -> dict[int, tuple[Reading, ...]]:
    """Return by delivery how it is read by the present mappings, its files matched with their patterns anew.

    Bytes that an earlier delivery brought for the same part are left out of a later one, as they are at receipt.

    Raises
    ------
    SettingsError
        If a mapping is wrong.
    """
    wanted = {delivery.number for each in changed for delivery in each.deliveries}
    seen: set[tuple[str, str, str]] = set()
    readings: dict[int, tuple[Reading, ...]] = {}
    for one in _all_read(zone, current, source_of):
        number = one.received.number
        for share in one.as_mapped if number in wanted else one.recorded:
            new = []
            for file in share.files:
                identity = (share.source, file.part, file.sha256)
                new += [] if identity in seen else [(file.part, file.name)]
                seen |= {identity}
            if number in wanted:
                source = None if share.source == one.received.source else share.source
                readings[number] = (*readings.get(number, ()), Reading(share.settings, tuple(new), source))
    return readings


def now_ids(zone: Landing, changed: Iterable[Changed], current: Current, source_of: SourceOf) -> dict[int, str]:
    """Return by delivery the id of its present reading, to record that it is not meant."""
    wanted = {delivery.number for each in changed for delivery in each.deliveries}
    found = _all_read(zone, current, source_of)
    return {one.received.number: one.now_id for one in found if one.received.number in wanted}


def left_to_rebuild(zone: Landing, source: str, current: Current, source_of: SourceOf) -> frozenset[tuple[str, str]]:
    """Return ``(part, SHA-256)`` of the received files that a rebuild would read as a source's, loaded so or not yet.

    A corrected mapping may give a file another part or another source. Loaded again its rows would be corrections known
    from today; whether they are read again, as known from when they came, is decided by `rebuild`.
    """
    return frozenset(
        (file.part, file.sha256)
        for one in _all_read(zone, current, source_of)
        for share in one.as_mapped
        if share.source == source
        for file in share.files
    )


def unread_files(zone: Landing, readings: Mapping[int, Sequence[Reading]]) -> tuple[str, ...]:
    """Return the files that were received and that their new readings leave out."""
    brought = {
        (delivery.number, name): f"{name} (delivery {delivery.number} of source '{delivery.source}')"
        for delivery in zone.received()
        for name in _names(delivery)
    }
    shas = {(one.number, file.name): file.sha256 for one in zone.received() for file in one.files}
    read = {(number, name) for number, each in readings.items() for reading in each for _, name in reading.files}
    elsewhere = {shas[place] for place in read}  # the same bytes again are left out, and read where they came first
    return tuple(
        said
        for (number, name), said in brought.items()
        if number in readings and (number, name) not in read and shas[(number, name)] not in elsewhere
    )


def _all_read(zone: Landing, current: Current, source_of: SourceOf) -> tuple[_Read, ...]:
    """Return every received delivery as it is recorded and as it would be read now, in order of receipt."""
    shares: dict[int, tuple[Delivery, ...]] = {}
    for share in zone.deliveries():
        shares[share.number] = (*shares.get(share.number, ()), share)
    return tuple(
        _Read(received, shares[received.number], _read_now(received, shares[received.number], current, source_of))
        for received in zone.received()
    )


def _read_now(
    received: Delivery, recorded: tuple[Delivery, ...], current: Current, source_of: SourceOf
) -> tuple[Delivery, ...]:
    own, names = current.get(received.source), _names(received)
    if received.folder is None and own is not None:  # of an earlier version: where its source's deliveries lie now
        received = replace(received, folder=own.folder)
    present = {name: reading_id(one.settings) for name, one in current.items()}
    if _by_whom(recorded) == {received.source: present.get(received.source)}:
        return recorded  # nothing has changed: most of them, and no source need be made
    if own is None:
        at_first = next((one for one in recorded if one.source == received.source), received)
        left = names
    else:
        source = source_of(replace(received, settings=own.settings))
        at_first = received.read_as(Reading(own.settings, files_read_as(source, names)))
        left = tuple(name for name in names if name not in _names(at_first))
    moved = [
        share
        for name, one in current.items()
        if name != received.source and (share := _share_of(received, name, one, left, source_of)).files
    ]
    taken = {file.name for share in moved for file in share.files}
    stays = replace(at_first, files=tuple(file for file in at_first.files if file.name not in taken))
    return (stays, *moved) if own is not None or stays.files or not moved else tuple(moved)


def _share_of(received: Delivery, name: str, present: Present, left: Iterable[str], source_of: SourceOf) -> Delivery:
    """Return what another source reads of files that their own does not: those that lay in its folder."""
    as_found = {found: one for one in left if (found := _found_as(received, one, present.folder)) is not None}
    if not as_found:
        return received.read_as(Reading(present.settings, (), name))
    source = source_of(replace(received, source=name, settings=present.settings))
    files = tuple((part, as_found[found]) for part, found in files_read_as(source, as_found))
    return received.read_as(Reading(present.settings, files, name))


def _found_as(received: Delivery, name: str, folder: str) -> str | None:
    """Return a file's path as a source with a folder would have found it there; None where it lay elsewhere.

    What was loaded from a folder outside of the home was named by hand, and could have been for any source.
    """
    if received.folder is None:
        return None
    place = PurePosixPath(received.folder) / name
    if not place.is_relative_to(folder):
        return name if place.is_absolute() else None
    below = place.relative_to(folder).parts
    return PurePosixPath(*(below[1:] if len(below) > 1 and NUMBERED_FOLDER.match(below[0]) else below)).as_posix()


def _by_whom(shares: Iterable[Delivery]) -> dict[str, str]:
    return {share.source: reading_id(share.settings) for share in shares}


def _by_source(found: Iterable[_Read]) -> tuple[Changed, ...]:
    """Return deliveries by the source that they came for."""
    grouped: dict[str, list[_Read]] = {}
    for one in found:
        first = one.recorded[0].source
        grouped.setdefault(first, []).append(one)
    return tuple(
        Changed(
            source,
            tuple(replace(one.received, files=_recorded_files(one)) for one in ones),
            tuple(sorted({key for one in ones for key in _keys(one)})),
            tuple(dict.fromkeys(moved for one in ones for moved in _moved(one, source))),
        )
        for source, ones in grouped.items()
    )


def _recorded_files(one: _Read) -> tuple[LandedFile, ...]:
    return tuple(file for share in one.recorded for file in share.files)


def _keys(one: _Read) -> set[str]:
    now = {share.source: share.settings for share in one.as_mapped}
    both = ((share.settings, now[share.source]) for share in one.recorded if share.source in now)
    return {key for before, after in both for key in differing_keys(before, after)}


def _moved(one: _Read, source: str) -> list[tuple[str, str]]:
    before = {(share.source, name) for share in one.recorded for name in _names(share)}
    return [
        (name, share.source)
        for share in one.as_mapped
        for name in _names(share)
        if share.source != source and (share.source, name) not in before
    ]


def _names(delivery: Delivery) -> tuple[str, ...]:
    return tuple(dict.fromkeys(file.name for file in delivery.files))
