"""What is said where a mapping has changed since files were read by it; `pipeline/readings` finds where."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from bank360.bank.counted import counted
from bank360.cli.deliveries import delivery_folders, folder_of
from bank360.cli.sources import source_of, source_of_delivery, source_settings

if TYPE_CHECKING:
    from bank360.bank.errors import DataRefused
    from bank360.cli.home import Home
    from bank360.pipeline.readings import Changed, Present
    from bank360.settings import SourceEntry
    from bank360.storage.landing import Delivery
    from bank360.storage.warehouse import Warehouse

_WHAT_TO_DO = (
    "Run 'bank360 rebuild' to read them again by the mapping as it is now, or, if they were read rightly,"
    " 'bank360 rebuild --as-loaded' to keep them so."
)
_NAMED = 6  # files, or keys, that a line names before it counts the rest


def current_sources(home: "Home") -> "dict[str, Present]":
    """Return the sources of bank360.yaml as they are now, by name."""
    from bank360.pipeline.readings import Present
    from bank360.storage.landing import Landing

    told_folder = Landing(home.landing).told_folder
    return {
        entry.name: Present(source_settings(home, entry), told_folder(folder_of(home, entry)))
        for entry in home.settings.sources
    }


def changes(home: "Home", warehouse: "Warehouse") -> "tuple[Changed, ...]":
    """Return the loaded deliveries whose mapping has changed since, by source."""
    from bank360.pipeline.readings import changed_readings
    from bank360.storage.landing import Landing

    return changed_readings(Landing(home.landing), warehouse, current_sources(home), source_of_delivery)


def unfit(home: "Home", entry: "SourceEntry") -> tuple[str, ...]:
    """Return why files in a source's folder do not fit its mapping, but for those that are meant to be read otherwise.

    Of a source that reads a database, why its relations do not.

    Raises
    ------
    SettingsError
        If the mapping is wrong in itself.
    """
    from bank360.pipeline.fit import unfit_files
    from bank360.pipeline.readings import kept_otherwise
    from bank360.storage.landing import Landing

    folder = folder_of(home, entry)
    source = source_of(entry.name, source_settings(home, entry), home.settings.now(None))
    if entry.database is not None:
        from bank360.pipeline.unload import unfit_relations

        since = {relation: one.column for relation, one in entry.since.items()}
        lacking = unfit_relations(source, entry.database.get_secret_value(), since)
        return tuple(
            dict.fromkeys(f"source '{entry.name}' does not fit its database: {_of_file(one)}" for one in lacking)
        )
    kept = kept_otherwise(Landing(home.landing), current_sources(home), source_of_delivery)
    meant = frozenset(file.sha256 for each in kept for delivery in each.deliveries for file in delivery.files)
    folders = delivery_folders(folder) if folder.is_dir() else ()
    faults = unfit_files(source, entry.mapping, home.settings.bank.zone, folders, meant)
    return tuple(dict.fromkeys(f"source '{entry.name}' does not fit its files: {_of_file(fault)}" for fault in faults))


def _of_file(fault: "DataRefused") -> str:
    column = "" if fault.column is None else f", column '{fault.column}'"
    return f"file '{fault.file}'{column}: {fault.problem}. {fault.remedy}"


def said_of(changed: "Sequence[Changed]") -> list[str]:
    """Return by source what has changed and which files stand as read before; in the end, once, what to do."""
    said = [_fact(one) for one in changed]
    return [*said[:-1], f"{said[-1]} {_WHAT_TO_DO}"] if said else []


def _fact(changed: "Changed") -> str:
    why = [_some(changed.keys)] if changed.keys else []
    why += [f"source '{source}' reads {_some(names)} now" for source, names in _by_reader(changed).items()]
    return (
        f"The mapping of source '{changed.source}' has changed ({'; '.join(why) or 'read anew and not finished'})"
        f" since {_files(changed)} read, and their rows stand as they were read then: {_some(changed.files)}."
    )


def done_about(changed: "Changed", as_loaded: bool) -> str:
    """Return what a rebuild did about the files of a source whose mapping has changed."""
    if as_loaded:
        return (
            f"source '{changed.source}': {_files(changed)} kept as read before; the mapping's change is for new files"
        )
    moved = [f"{_some(names)} as source '{source}'" for source, names in _by_reader(changed).items()]
    how = "; ".join([*([_some(changed.keys)] if changed.keys else []), *moved])
    return f"source '{changed.source}': {_files(changed)} read again by the mapping as it is now ({how})"


def still_kept(kept: "Changed") -> str:
    """Return that files of a source stay as they were read before, since when, and what reads them again."""
    count = len(kept.files)
    stay = counted(count, "file stays", "files stay")
    return (
        f"source '{kept.source}': {stay} as read before, as 'bank360 rebuild --as-loaded' decided of the mapping as it"
        " is now. Run 'bank360 rebuild --reread' to read them by it."
    )


def waiting(deliveries: "Sequence[Delivery]") -> list[str]:
    """Return the problem that deliveries were received and are not loaded, if there are any."""
    if not deliveries:
        return []
    first = deliveries[0]
    count = "1 delivery is" if len(deliveries) == 1 else f"{len(deliveries)} deliveries are"
    which = f"number {first.number} of source '{first.source}', received {first.received_at:%Y-%m-%d %H:%M} UTC"
    return [f"{count} in the landing zone and not loaded: {which}. Run 'bank360 ingest' to load what was received."]


def _by_reader(changed: "Changed") -> dict[str, list[str]]:
    """Return the files that another source reads now, by that source."""
    found: dict[str, list[str]] = {}
    for name, source in changed.moved:
        found.setdefault(source, []).append(name)
    return found


def _files(changed: "Changed") -> str:
    count = len(changed.files)
    return counted(count, "file was", "files were")


def _some(names: Iterable[str]) -> str:
    names = tuple(names)
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
