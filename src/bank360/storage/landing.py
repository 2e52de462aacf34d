"""The landing zone: append-only, content-addressed copies of what was received; the warehouse is rebuilt from it.

::

    landing/ab/ab12…           the bytes of one received file, named by their SHA-256
    landing/deliveries/000001-<id>.json    what came together, in order of receipt: the manifest
    landing/accepted/000001-<id>.json      empty: the delivery was loaded once, and may never be refused any more
    landing/refused/000001-<id>.json       what was refused, and why; the bytes that only it brought are gone
    landing/readings/000001.json           which deliveries are read otherwise since: `readings`

Invariants: a manifest exists only when every file it names is safely on disk; a copy is written to a temporary name,
flushed, renamed and its folder flushed, so a kill or a power cut leaves either the whole file or none; nothing here is
ever changed. Copies are made byte by byte: a hard link would let a later edit of the delivered file reach into here.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bank360.bank.errors import Bank360Error, DataRefused
from bank360.storage.durable import flush_folder, make_folder, move_into_place, write_whole
from bank360.storage.readings import Decided, Reading, decided, record

_CHUNK = 4 * 1024 * 1024
_FORMAT = 1


@dataclass(frozen=True)
class LandedFile:
    """One received file.

    Parameters
    ----------
    part
        Name of the `SourceFile` it was received as.
    name
        Its path below the delivered folder; what messages call it.
    sha256, size
        Of its bytes, as hex digits, and their number.
    """

    part: str
    name: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Delivery:
    """What was received together and is loaded together.

    Parameters
    ----------
    number
        Position in the order of receipt, from 1.
    source
        Name of the source.
    received_at
        When it was received (aware, UTC).
    files
        As they are read, in that order.
    settings
        What the source is told beyond its name.
    batch_id
        Id of the load: 16 hex digits of a hash over order, source and content as received. It names the delivery
        however its source reads it; what another source reads of it is a load of its own.
    folder
        Where it lay: below the home folder, or from the root; None where an earlier version received it.
    manifest_id
        The id under which it was received, where it is shown as another source reads it; else empty.
    """

    number: int
    source: str
    received_at: datetime
    files: tuple[LandedFile, ...]
    settings: Mapping[str, Any]
    batch_id: str
    folder: str | None = None
    manifest_id: str = ""

    def read_as(self, reading: Reading) -> "Delivery":
        """Return the delivery with the settings and files of a reading; names that it never brought are left out."""
        by_name = {file.name: file for file in self.files}
        files = tuple(replace(by_name[name], part=part) for part, name in reading.files if name in by_name)
        read = replace(self, files=files, settings=reading.settings)
        if reading.source in (None, self.source):
            return read
        other = str(reading.source)
        batch_id = _batch_id(self.number, other, self.files)
        return replace(read, source=other, batch_id=batch_id, manifest_id=self.batch_id)


@dataclass(frozen=True)
class Landing:
    """A landing zone below ``root``, which is made when first needed.

    ``planned`` readings, by delivery, count as if they were recorded: a rebuild tries them before it records them.
    """

    root: Path
    planned: Mapping[int, tuple[Reading, ...]] = field(default_factory=dict)

    def receive(
        self,
        source: str,
        files: Iterable[tuple[str, str, Path]],
        received_at: datetime,
        settings: Mapping[str, Any] | None = None,
        folder: Path | None = None,
    ) -> Delivery:
        """Copy delivered files in and write their manifest.

        Parameters
        ----------
        source
            Name of the source.
        files
            ``(part, name, path)`` of each file, in reading order.
        received_at
            Aware instant that counts as now.
        settings
            JSON values to keep with it.
        folder
            Where the files lie; kept with it as `told_folder` says it.
        """
        if received_at.tzinfo is None:
            raise ValueError("received_at has no time zone")
        landed = tuple(self._copied(part, name, path) for part, name, path in files)
        number = 1 + max((delivery.number for delivery in (*self.received(), *self.refusals())), default=0)
        batch_id = _batch_id(number, source, landed)
        lay = None if folder is None else self.told_folder(folder)
        delivery = Delivery(number, source, received_at.astimezone(UTC), landed, dict(settings or {}), batch_id, lay)
        _write_new(self._manifest(delivery), _to_json(delivery, None))
        return delivery

    def deliveries(self) -> tuple[Delivery, ...]:
        """Return what was received and not refused, in order of receipt, each as it is to be read now.

        One of which several sources read some files stands there once for each of them.
        """
        readings = {**self.decided().reread, **self.planned}
        return tuple(
            read
            for delivery in self.received()
            for read in (
                map(delivery.read_as, readings[delivery.number]) if delivery.number in readings else (delivery,)
            )
        )

    def told_folder(self, folder: Path) -> str:
        """Return a folder as manifests say it: below the home, which the landing zone lies in, or from the root."""
        home, place = self.root.resolve().parent, folder.resolve()
        return (place.relative_to(home) if place.is_relative_to(home) else place).as_posix()

    def received(self) -> tuple[Delivery, ...]:
        """Return what was received and not refused, in order of receipt, each as it was read at first."""
        return self._read("deliveries")

    def decided(self) -> Decided:
        """Return what was decided since about how deliveries are read."""
        return decided(self.root / "readings")

    def decide(self, what: Decided, decided_at: datetime) -> None:
        """Record how deliveries are read from now on; nothing of what was recorded before is changed."""
        record(self.root / "readings", what, decided_at)

    def refusals(self) -> tuple[Delivery, ...]:
        """Return the deliveries that were refused, in order of receipt."""
        return self._read("refused")

    def accept(self, delivery: Delivery) -> None:
        """Note that a delivery is in the warehouse: from now on it is what the warehouse is rebuilt from."""
        if not self.was_accepted(delivery):
            _write_new(self.root / "accepted" / self._manifest(delivery).name, "")

    def was_accepted(self, delivery: Delivery) -> bool:
        """Return whether a delivery was ever loaded, perhaps into a warehouse that is no more."""
        return (self.root / "accepted" / self._manifest(delivery).name).exists()

    def refuse(self, delivery: Delivery, reason: str) -> None:
        """Take a delivery out of those that count, keep why, and remove the bytes that only it brought.

        Raises
        ------
        ValueError
            If it was accepted before: the landing zone never loses what a warehouse was made from.
        """
        if self.was_accepted(delivery):
            raise ValueError(f"delivery {delivery.number} was accepted before and cannot be refused")
        received = next(one for one in self.received() if one.number == delivery.number)
        _write_new(self.root / "refused" / self._manifest(received).name, _to_json(received, reason))
        self._manifest(delivery).unlink(missing_ok=True)
        flush_folder(self.root / "deliveries")
        kept = {file.sha256 for other in self.received() for file in other.files}
        for file in received.files:
            if file.sha256 not in kept:
                self.path_of(file).unlink(missing_ok=True)

    def path_of(self, file: LandedFile) -> Path:
        """Return where the bytes of a received file are."""
        return self.root / file.sha256[:2] / file.sha256

    def verify(self, file: LandedFile) -> None:
        """Raise Bank360Error unless the copy is there and its bytes still have their hash."""
        path = self.path_of(file)
        if not path.exists() or sha256_of(path) != file.sha256:
            raise Bank360Error(
                f"The landing zone's copy of '{file.name}' ({path}) is missing or changed. Restore it from a backup."
            )

    def _manifest(self, delivery: Delivery) -> Path:
        return self.root / "deliveries" / f"{delivery.number:06d}-{delivery.manifest_id or delivery.batch_id}.json"

    def _read(self, folder: str) -> tuple[Delivery, ...]:
        paths = sorted((self.root / folder).glob("*.json"))
        return tuple(_from_json(path) for path in paths)

    def _copied(self, part: str, name: str, path: Path) -> LandedFile:
        incoming = self.root / "incoming"
        make_folder(incoming)
        for left_over in incoming.iterdir():  # of a run that was killed
            left_over.unlink()
        temporary = incoming / "file"
        digest, size = hashlib.sha256(), 0
        try:
            with path.open("rb") as delivered, temporary.open("wb") as copy:
                while chunk := delivered.read(_CHUNK):
                    digest.update(chunk)
                    copy.write(chunk)
                    size += len(chunk)
        except PermissionError as error:
            raise DataRefused(name, "the file may not be read", "Give the user who runs bank360 access.") from error
        landed = LandedFile(part, name, digest.hexdigest(), size)
        final = self.path_of(landed)
        make_folder(final.parent)
        move_into_place(temporary, final)
        return landed


def _batch_id(number: int, source: str, files: Iterable[LandedFile]) -> str:
    said = [str(number), source, *(f"{file.part} {file.name} {file.sha256}" for file in files)]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes as hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_new(path: Path, text: str) -> None:
    make_folder(path.parent)
    write_whole(path, text.encode())


def _to_json(delivery: Delivery, refused: str | None) -> str:
    said: dict[str, Any] = {
        "format": _FORMAT,
        "number": delivery.number,
        "batch_id": delivery.batch_id,
        "source": delivery.source,
        "received_at": delivery.received_at.isoformat(),
        "settings": dict(delivery.settings),
        **({} if delivery.folder is None else {"folder": delivery.folder}),
        "files": [
            {"part": file.part, "name": file.name, "sha256": file.sha256, "size": file.size} for file in delivery.files
        ],
    }
    if refused is not None:
        said["refused"] = refused
    return json.dumps(said, indent=2, ensure_ascii=False, default=str) + "\n"


def _from_json(path: Path) -> Delivery:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        if said["format"] != _FORMAT:
            raise ValueError(f"format {said['format']}, not {_FORMAT}")
        files = tuple(LandedFile(file["part"], file["name"], file["sha256"], file["size"]) for file in said["files"])
        received_at = datetime.fromisoformat(said["received_at"])
        batch_id = _batch_id(said["number"], said["source"], files)
        if batch_id != said["batch_id"]:
            raise ValueError("its files are not those that were received")
        return Delivery(
            said["number"], said["source"], received_at, files, said["settings"], batch_id, said.get("folder")
        )
    except (ValueError, KeyError, TypeError) as error:
        raise Bank360Error(f"The manifest {path} cannot be read ({error}). Restore it from a backup.") from error
