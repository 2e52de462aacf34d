"""Packed histories kept in a folder between two nights: arrays in files, and one manifest that says what they are.

::

    manifest.json    what the arrays stand for, which file holds which at what place, each file's size; its own SHA-256
    <sha256>.layer   arrays of numbers one after the other, little-endian: one layer of every stream it is of

Derived data: whatever is not found exactly as the manifest says (a torn file, another layout, an earlier format) counts
as nothing kept, and is packed anew. A layer is written aside, flushed and renamed before a manifest names it; the
manifest is the moment at which it counts, so a process that is killed leaves the histories that stood before. Files
that no manifest names are removed by the next who writes one. Whoever reads everything compares the hashes first
(`intact`). Neighbours: `features/layers.py` says what a layer is, `kept_state.py` what a warehouse has come to since.
"""

import hashlib
import json
import mmap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from bank360.features.history import Noticed
from bank360.features.layers import Layer, LayerParts, Run, RunPart, fixed, whose
from bank360.storage.durable import make_folder, move_into_place, write_whole
from bank360.storage.scratch import remove_folder

Int32s = npt.NDArray[np.int32]
FORMAT = 1
MANIFEST = "manifest.json"
_ENDING = ".layer"
_ALIGNED = 64
_TYPES: dict[str, np.dtype[Any]] = {"int32": np.dtype("<i4"), "int64": np.dtype("<i8")}
Place = list[Any]  # file, first byte, type, shape


@dataclass(frozen=True)
class Written:
    """A layer file that is there and that no manifest names yet: where in it each stream's arrays are.

    ``numbers`` are the numbers of the bank's customers in the layers, in the bank's order; None: 0, 1, 2 and so on.
    """

    streams: Mapping[str, Any]
    numbers: Place | None


@dataclass(frozen=True)
class Kept:
    """Histories as they are kept, and what they stand for.

    Parameters
    ----------
    about
        What they were packed by: texts by name.
    state
        What they hold, as `keep` was told: values of JSON.
    n_customers
        How many customers there are.
    numbers
        Their numbers in the layers, in the bank's order.
    streams
        By stream its layers, the base first; their arrays are the files'.
    noticed
        By stream what was noticed while packing.
    token
        Names exactly this: the hash of the manifest.
    """

    about: Mapping[str, str]
    state: Mapping[str, Any]
    n_customers: int
    numbers: Int32s
    streams: Mapping[str, tuple[Layer, ...]]
    noticed: Mapping[str, Noticed]
    token: str
    manifest: Mapping[str, Any]


def write_layers(folder: Path, parts: Mapping[str, LayerParts], numbers: Int32s | None = None) -> Written:
    """Write a layer of each of some streams into one file, durably, and say where everything is.

    Parameters
    ----------
    folder
        Of the kept histories; made where it is not there.
    parts
        By stream, read once: memory does not grow with the layer.
    numbers
        See `Written`.
    """
    make_folder(folder)
    spare = folder / f".writing{_ENDING}"
    with spare.open("wb") as file:
        out = _Out(file)
        places = {name: _write_layer(out, one) for name, one in parts.items()}
        ordered = None if numbers is None else out.array(numbers)
    name = out.hash.hexdigest() + _ENDING
    move_into_place(spare, folder / name)
    return Written({stream: _named(one, name) for stream, one in places.items()}, _named(ordered, name))


def keep(
    folder: Path,
    about: Mapping[str, str],
    state: Mapping[str, Any],
    n_customers: int,
    noticed: Mapping[str, Noticed],
    written: Written,
    upon: Kept | None = None,
    replaced: Sequence[str] = (),
) -> str:
    """Make what was written count, in one step, and return its token; files of no more use are removed.

    Parameters
    ----------
    about, state, n_customers, noticed
        See `Kept`; of all layers together.
    written
        From `write_layers`.
    upon
        The histories whose layers come before those written; None: those written are all.
    replaced
        Streams whose layers written take the place of those before.
    """
    before = {} if upon is None else upon.manifest["streams"]
    streams = {
        name: {
            "clipped": dict(said.clipped),
            "dated": said.dated,
            "layers": [*([] if name in replaced or name not in before else before[name]["layers"])]
            + ([written.streams[name]] if name in written.streams else []),
        }
        for name, said in noticed.items()
    }
    manifest = {
        "format": FORMAT,
        "about": dict(about),
        "state": dict(state),
        "customers": n_customers,
        "numbers": upon.manifest["numbers"] if upon is not None and written.numbers is None else written.numbers,
        "streams": streams,
    }
    files = sorted(_files(manifest))
    manifest["files"] = {name: (folder / name).stat().st_size for name in files}
    text = json.dumps(manifest, sort_keys=True, separators=(",", ":")).encode()
    token = hashlib.sha256(text).hexdigest()
    write_whole(folder / MANIFEST, text + b"\n" + token.encode() + b"\n")
    for path in folder.glob(f"*{_ENDING}"):
        if path.name not in files:
            path.unlink()
    return token


def open_kept(folder: Path) -> Kept | None:
    """Return the histories kept in a folder; None where none are, or what is there is not what was written.

    The manifest's hash and all sizes are looked at, the files' hashes are not: see `intact`.
    """
    path = folder / MANIFEST
    if not path.is_file():
        return None
    text, _, end = path.read_bytes().partition(b"\n")
    token = hashlib.sha256(text).hexdigest()
    if end != token.encode() + b"\n":
        return None
    manifest: dict[str, Any] = json.loads(text)
    if manifest["format"] != FORMAT:
        return None
    bytes_of: dict[str, mmap.mmap | bytes] = {}
    for name, size in manifest["files"].items():
        if not (folder / name).is_file() or (folder / name).stat().st_size != size:
            return None
        with (folder / name).open("rb") as file:
            bytes_of[name] = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
    n = manifest["customers"]
    numbers = (
        fixed(np.arange(n, dtype=np.int32)) if manifest["numbers"] is None else _array(bytes_of, manifest["numbers"])
    )
    streams = {
        name: tuple(_layer(bytes_of, one) for one in said["layers"]) for name, said in manifest["streams"].items()
    }
    noticed = {name: Noticed(said["clipped"], said["dated"]) for name, said in manifest["streams"].items()}
    return Kept(manifest["about"], manifest["state"], n, numbers, streams, noticed, token, manifest)


def intact(folder: Path, kept: Kept) -> bool:
    """Return whether every file's bytes are those that were written; reads all of them."""
    return all(_hash(folder / name) + _ENDING == name for name in kept.manifest["files"])


def drop_kept(folder: Path) -> bool:
    """Remove what is kept, and say whether there was anything; the next who needs histories packs them anew."""
    there = folder.exists()
    (folder / MANIFEST).unlink(missing_ok=True)  # first: half a folder must not count
    remove_folder(folder)
    return there


class _Out:
    """A file being written, array after array, and the hash of its bytes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._at = 0
        self.hash = hashlib.sha256()

    def array(self, numbers: npt.NDArray[np.signedinteger[Any]]) -> Place:
        return self.arrays(iter([numbers]), numbers.dtype, numbers.shape[1:])

    def arrays(
        self, pieces: Iterator[npt.NDArray[np.signedinteger[Any]]], of: np.dtype[Any], row: tuple[int, ...]
    ) -> Place:
        """Write pieces of one array, rows after rows."""
        first, rows = self._at, 0
        for piece in pieces:
            data = np.ascontiguousarray(piece, dtype=of.newbyteorder("<")).data.cast("B") if piece.size else b""
            self._put(data)
            rows += len(piece)
        self._put(bytes(-self._at % _ALIGNED))
        return [first, of.name, [rows, *row]]

    def _put(self, data: memoryview | bytes) -> None:
        self._file.write(data)
        self.hash.update(data)
        self._at += len(data)


def _write_layer(out: _Out, parts: LayerParts) -> dict[str, Any]:
    return {
        "events": _write_run(out, parts.events, parts.wide, parts.customers),
        "late": _write_run(out, parts.late, parts.late_wide, parts.customers),
        "standing": out.array(parts.standing),
        "stands_from": out.array(parts.stands_from),
    }


def _write_run(out: _Out, parts: Iterator[RunPart], wide: npt.NDArray[np.bool_], whom: Int32s | None) -> dict[str, Any]:
    counts = [np.empty(0, dtype=np.int64)]

    def words() -> Iterator[Int32s]:
        for part in parts:
            counts.append(part.counts)
            yield part.words

    written = out.arrays(words(), np.dtype(np.int32), (len(wide) + int(np.count_nonzero(wide)),))
    customers, starts = whose(np.concatenate(counts), whom)
    return {
        "words": written,
        "customers": out.array(customers),
        "starts": out.array(starts),
        "wide": [bool(one) for one in wide],
    }


def _named(said: Any, file: str) -> Any:
    """Return places of arrays with the file they are in; in runs and layers each of them."""
    if isinstance(said, dict):
        return {key: one if key == "wide" else _named(one, file) for key, one in said.items()}
    return None if said is None else [file, *said]


def _files(manifest: Mapping[str, Any]) -> set[str]:
    """Return the files that a manifest names."""
    layers = [layer for stream in manifest["streams"].values() for layer in stream["layers"]]
    return {layer["standing"][0] for layer in layers} | ({manifest["numbers"][0]} if manifest["numbers"] else set())


def _array(bytes_of: Mapping[str, mmap.mmap | bytes], place: Place) -> npt.NDArray[Any]:
    file, first, of, shape = place
    count = int(np.prod(shape))
    return np.frombuffer(bytes_of[file], _TYPES[of], count, first).reshape(shape) if count else _none(of, shape)


def _none(of: str, shape: list[int]) -> npt.NDArray[Any]:
    return fixed(np.empty(shape, dtype=_TYPES[of]))


def _layer(bytes_of: Mapping[str, mmap.mmap | bytes], said: Mapping[str, Any]) -> Layer:
    events, late = (
        Run(
            _array(bytes_of, said[run]["customers"]),
            _array(bytes_of, said[run]["starts"]),
            _array(bytes_of, said[run]["words"]),
            np.array(said[run]["wide"], dtype=np.bool_),
        )
        for run in ("events", "late")
    )
    return Layer(events, late, _array(bytes_of, said["standing"]), _array(bytes_of, said["stands_from"]))


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
