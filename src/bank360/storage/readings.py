"""How deliveries are read, where that was decided after they were received: an append-only record beside the manifests.

::

    landing/deliveries/000001-<id>.json   received, and read by these settings at first: never changed
    landing/readings/000001.json          from this decision on, these deliveries are read otherwise, or kept as read

A *reading* is what a source was told (kind, mapping, zone, currency); `reading_id` names it. One decision is one file,
written whole (`durable`), so a kill leaves all of a decision or nothing. Later files win. What it means for known
times: docs/decisions/0020-how-a-delivery-was-read.md. Neighbours: `landing` shows deliveries as they now count,
`ledger` keeps which reading the warehouse's rows came from.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bank360.bank.errors import Bank360Error
from bank360.storage.durable import make_folder, write_whole

_FORMAT = 1


@dataclass(frozen=True)
class Reading:
    """How one delivery is read.

    Parameters
    ----------
    settings
        What its source is told.
    files
        ``(part, name)`` of each file in reading order; a file may be read as several parts, or as none.
    source
        Name of the source that reads it; None for the one that received it.
    """

    settings: Mapping[str, Any]
    files: tuple[tuple[str, str], ...]
    source: str | None = None


@dataclass(frozen=True)
class Decided:
    """What was decided about deliveries, by their numbers.

    Parameters
    ----------
    reread
        How each is read from now on: one reading for each source that reads some of its files.
    kept
        Id of the reading by which each is not to be read: its own stays.
    """

    reread: Mapping[int, tuple[Reading, ...]] = field(default_factory=dict)
    kept: Mapping[int, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.reread or self.kept)


def reading_id(settings: Mapping[str, Any]) -> str:
    """Return 16 hex digits that name a reading; key order, and a date for its text, make no difference.

    >>> reading_id({"a": 1, "b": {True: "x"}}) == reading_id({"b": {"true": "x"}, "a": 1})
    True
    """
    plain = json.loads(json.dumps(settings, default=str))  # first: keys of different types cannot be sorted
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:16]


def record(folder: Path, decided: Decided, decided_at: datetime) -> None:
    """Append a decision to the record in ``folder``; one about no delivery writes nothing.

    Parameters
    ----------
    decided_at
        Aware instant that counts as now.
    """
    if not decided:
        return
    if decided_at.tzinfo is None:
        raise ValueError("decided_at has no time zone")
    said = {
        "format": _FORMAT,
        "decided_at": decided_at.astimezone(UTC).isoformat(),
        "reread": [
            {
                "delivery": number,
                "reading": reading_id(reading.settings),
                "settings": reading.settings,
                "files": [{"part": part, "name": name} for part, name in reading.files],
                **({} if reading.source is None else {"source": reading.source}),
            }
            for number in sorted(decided.reread)
            for reading in decided.reread[number]
        ],
        "kept": [{"delivery": number, "not_read_by": other} for number, other in sorted(decided.kept.items())],
    }
    make_folder(folder)
    number = 1 + max((int(path.stem) for path in _records(folder)), default=0)
    text = json.dumps(said, indent=2, ensure_ascii=False, default=str) + "\n"
    write_whole(folder / f"{number:06d}.json", text.encode())


def decided(folder: Path) -> Decided:
    """Return what the record in ``folder`` says in the end: of each delivery the last reading, and what was kept since.

    Raises
    ------
    Bank360Error
        If a file of it cannot be read.
    """
    reread: dict[int, tuple[Reading, ...]] = {}
    kept: dict[int, str] = {}
    for path in _records(folder):
        try:
            said = json.loads(path.read_text(encoding="utf-8"))
            if said["format"] != _FORMAT:
                raise ValueError(f"format {said['format']}, not {_FORMAT}")
            here: dict[int, tuple[Reading, ...]] = {}
            for one in said["reread"]:
                if one["reading"] != reading_id(one["settings"]):
                    raise ValueError(f"the settings of delivery {one['delivery']} are not those that were recorded")
                files = tuple((file["part"], file["name"]) for file in one["files"])
                reading = Reading(one["settings"], files, one.get("source"))
                here[one["delivery"]] = (*here.get(one["delivery"], ()), reading)
                kept.pop(one["delivery"], None)
            reread |= here
            kept |= {one["delivery"]: one["not_read_by"] for one in said["kept"]}
        except (ValueError, KeyError, TypeError) as error:
            raise Bank360Error(f"The record {path} cannot be read ({error}). Restore it from a backup.") from error
    return Decided(reread, kept)


def differing_keys(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the paths, sorted, at which two readings differ; a list is one value.

    >>> differing_keys({"zone": "UTC", "mapping": {"a": {"sign": 1}}}, {"zone": "UTC", "mapping": {"a": {}}})
    ('mapping.a.sign',)
    """
    one, other = (dict(_leaves(json.loads(json.dumps(settings, default=str)), ())) for settings in (before, after))
    changed = {path for path in one.keys() | other.keys() if one.get(path) != other.get(path)}
    return tuple(sorted(".".join(path) for path in changed))


def _leaves(value: Any, path: tuple[str, ...]) -> Iterable[tuple[tuple[str, ...], Any]]:
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _leaves(below, (*path, key))
    else:
        yield path, json.dumps(value, sort_keys=True)


def _records(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json"))
