"""The model registry: versions, their cards, and which is champion and challenger. No pickle on any load path.

::

    registry/<model>/aliases.json                 {"champion": ..., "challenger": ..., "promotions": [...]}
    registry/<model>/run.json                     what the latest training of a flat file was told, and found
    registry/<model>/<version>/manifest.json      SHA-256 and size of every other file, in canonical JSON
                               card.json card.md  for programs and for people
                               model.json         encoders, calibrators, scorecards and linear models
                               trees-<k>.npz      the trees of part k, plain arrays
                               golden.json        made-up rows and the scores they must get

A version is named by the hash of its manifest, so the same training gives the same version and a changed byte anywhere
is found: the manifest is held to its folder's name, every file to the manifest, all **before** a parser sees a byte;
golden scores are recomputed after. Files are written to a temporary folder, synced, and moved into place. Promotion
is a separate act by somebody other than the trainer; the demonstration bank approves by itself, stamped DEMO.
"""

import hashlib
import io
import json
import re
import shutil
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from zipfile import BadZipFile

import numpy as np

from bank360.bank.errors import ArtefactRefused, Bank360Error, NotFound
from bank360.models.card import ModelCard, card_markdown
from bank360.models.golden import golden_rows, golden_scores_agree
from bank360.models.spec import FittedModel
from bank360.storage.durable import flush_folder, make_folder, write_whole

FORMAT = "bank360-model-1"
Alias = Literal["champion", "challenger"]
ALIASES: tuple[Alias, ...] = ("champion", "challenger")
_VERSION = re.compile(r"[0-9a-f]{16}")
_MODEL = re.compile(r"[a-z][a-z0-9_]{0,62}")
_LARGEST_FILE = 256 * 2**20
# What parsing a structure that is not a model raises, arrays and archives included.
_UNREADABLE = (ValueError, KeyError, TypeError, IndexError, AttributeError, EOFError, BadZipFile, zlib.error)


@dataclass(frozen=True)
class Loaded:
    """A version that passed every check; ``hash`` is the SHA-256 of its manifest, of which the version is the start."""

    version: str
    model: FittedModel
    card: Mapping[str, Any]
    hash: str


@dataclass(frozen=True)
class Registry:
    """The registry below one folder."""

    root: Path

    def register(self, model: FittedModel, card: ModelCard, alias: Alias | None = "challenger") -> str:
        """Write a version and return its name; the same content again writes nothing new.

        Parameters
        ----------
        alias
            "challenger" (the usual) or None. A champion is only made by `promote`.

        Raises
        ------
        ValueError
            If asked to register a champion directly.
        ArtefactRefused
            If the version is there already and was changed since.
        """
        if alias == "champion":
            raise ValueError("a champion is made by promote(), not by registering")
        values = card.to_json()
        files = {
            "card.json": _json(values),
            "card.md": card_markdown(values, model).encode(),
            "model.json": _json(model.to_json()),
            "golden.json": _json(golden_rows(model)),
        }
        for k, arrays in enumerate(model.arrays):
            if arrays:
                buffer = io.BytesIO()
                np.savez(buffer, allow_pickle=False, **arrays)
                files[f"trees-{k}.npz"] = buffer.getvalue()
        manifest = _json(
            {
                "format": FORMAT,
                "model": model.name,
                "files": {
                    name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
                    for name, data in sorted(files.items())
                },
            }
        )
        version = _version_of(manifest)
        folder = self._model_folder(model.name) / version
        if folder.exists():
            _checked_files(folder, model.name, version)  # a damaged version is not quietly registered again
        else:
            _write_folder(folder, files | {"manifest.json": manifest})
        if alias is not None:
            self._set_alias(model.name, alias, version, None)
        return version

    def promote(
        self, name: str, version: str, approved_by: str, demo: bool = False, said: Mapping[str, str] | None = None
    ) -> str | None:
        """Make a version the champion, a separate act by somebody who did not train it; return which it replaced.

        Parameters
        ----------
        approved_by
            Who approves; recorded with the promotion.
        demo
            The demonstration bank approves its own models; the promotion is stamped DEMO.
        said
            What else the record of the promotion says, such as the role and when.

        Raises
        ------
        Bank360Error
            If the approver trained the version.
        NotFound, ArtefactRefused
            As `load`.
        """
        trained_by = str(self.load(name, version).card["trained_by"])
        if _person(approved_by) == _person(trained_by) and not demo:
            raise Bank360Error(
                f"'{approved_by}' trained {name} {version} and cannot approve it. Somebody else must promote it."
            )
        before = self.aliases(name).get("champion")
        stamp = {
            **(said or {}),
            "version": version,
            "approved_by": "DEMO" if demo else approved_by,
            "trained_by": trained_by,
            **({} if before is None else {"replaced": str(before)}),
        }
        self._set_alias(name, "champion", version, stamp)
        return None if before is None else str(before)

    def aliases(self, name: str) -> dict[str, Any]:
        """Return the model's aliases and its promotions, oldest first; empty where there are none."""
        path = self._model_folder(name) / "aliases.json"
        if not path.exists():
            return {"promotions": []}
        try:
            values = json.loads(path.read_bytes())
        except ValueError as error:
            raise ArtefactRefused(f"{path} is not JSON. Restore it, or promote a version again.") from error
        known = {*ALIASES, "promotions"}
        named = [values[alias] for alias in ALIASES if alias in values] if isinstance(values, dict) else [None]
        if set(values) - known or not all(isinstance(v, str) and _VERSION.fullmatch(v) for v in named):
            raise ArtefactRefused(f"{path} does not name versions. Restore it, or promote a version again.")
        return dict(values)

    def note_run(self, name: str, record: Mapping[str, Any]) -> Path:
        """Write what the latest run that trained a model was told and found, in the place of the one before."""
        path = self._model_folder(name) / "run.json"
        write_whole(path, json.dumps(record, indent=2, allow_nan=False, ensure_ascii=False).encode() + b"\n")
        return path

    def models(self) -> tuple[str, ...]:
        """Return the names of the models that have a version."""
        if not self.root.is_dir():
            return ()
        return tuple(sorted(p.name for p in self.root.iterdir() if p.is_dir() and _MODEL.fullmatch(p.name)))

    def versions(self, name: str) -> tuple[str, ...]:
        """Return the model's versions, sorted by name."""
        folder = self._model_folder(name)
        if not folder.is_dir():
            return ()
        return tuple(sorted(p.name for p in folder.iterdir() if _VERSION.fullmatch(p.name)))

    def load(self, name: str, version: str = "champion") -> Loaded:
        """Return a version, or the one an alias names, after every check.

        Raises
        ------
        NotFound
            If there is no such model, version or alias.
        ArtefactRefused
            If any byte differs from what was registered, or the golden scores do not come out.
        """
        if version in ALIASES:
            named = self.aliases(name).get(version)
            if named is None:
                raise NotFound(f"Model '{name}' has no {version} yet. Run 'bank360 train', then promote a version.")
            version = str(named)
        folder = self._model_folder(name) / version
        if not _VERSION.fullmatch(version) or not folder.is_dir():
            raise NotFound(f"Model '{name}' has no version '{version}'. It has {list(self.versions(name))}.")
        files = _checked_files(folder, name, version)
        try:
            values, card, golden = (json.loads(files[f]) for f in ("model.json", "card.json", "golden.json"))
            arrays = [_arrays(files.get(f"trees-{k}.npz")) for k in range(len(values["parts"]))]
            model = FittedModel.from_json(values, arrays)
            agrees = golden_scores_agree(model, golden)
        except _UNREADABLE as error:
            raise ArtefactRefused(f"{folder} holds no model this version of bank360 can read: {error}") from error
        if not agrees:
            raise ArtefactRefused(f"{folder} does not give its golden scores on this machine. Do not use it.")
        return Loaded(version, model, card, _hash_of((folder / "manifest.json").read_bytes()))

    def _model_folder(self, name: str) -> Path:
        if not _MODEL.fullmatch(name):
            raise NotFound(f"'{name}' is not the name of a model")
        return self.root / name

    def _set_alias(self, name: str, alias: Alias, version: str, stamp: Mapping[str, str] | None) -> None:
        values = self.aliases(name)
        values[alias] = version
        if stamp is not None:
            values["promotions"] = [*values.get("promotions", []), dict(stamp)]
        path = self._model_folder(name) / "aliases.json"
        write_whole(path, _json(values))


def _person(name: str) -> str:
    """Return a name as people are told apart by it: a capital or a space more is nobody else."""
    return name.strip().casefold()


def _json(values: Any) -> bytes:
    """Return the one way a value is written: sorted keys, no spaces, no NaN, a newline at the end."""
    return json.dumps(values, sort_keys=True, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def _version_of(manifest: bytes) -> str:
    return _hash_of(manifest)[:16]


def _hash_of(manifest: bytes) -> str:
    return hashlib.sha256(manifest).hexdigest()


def _checked_files(folder: Path, name: str, version: str) -> dict[str, bytes]:
    """Return the bytes of a version's files, each held to the manifest and the manifest to the version's name."""
    path = folder / "manifest.json"
    if not path.is_file() or path.stat().st_size > 2**20:
        raise ArtefactRefused(f"{folder} has no manifest. Do not use it; train again.")
    manifest = path.read_bytes()
    if _version_of(manifest) != version:
        raise ArtefactRefused(f"{path} was changed after registration. Do not use it; train again.")
    values = json.loads(manifest)
    if values["format"] != FORMAT or values["model"] != name:
        raise ArtefactRefused(f"{folder} is not a version of '{name}' in format {FORMAT}. Do not use it; train again.")
    present = {p.name for p in folder.iterdir()} - {"manifest.json"}
    if present != set(values["files"]):
        differ = sorted(present ^ set(values["files"]))
        raise ArtefactRefused(f"{folder}: the files {differ} are missing, or not in the manifest. Do not use it.")
    files = {}
    for file, entry in values["files"].items():
        if (folder / file).stat().st_size != entry["bytes"] or entry["bytes"] > _LARGEST_FILE:
            raise ArtefactRefused(f"{folder / file} has another size than when it was registered. Do not use it.")
        data = (folder / file).read_bytes()
        if hashlib.sha256(data).hexdigest() != entry["sha256"]:
            raise ArtefactRefused(f"{folder / file} was changed after registration. Do not use it; train again.")
        files[file] = data
    return files


def _arrays(data: bytes | None) -> dict[str, Any]:
    if data is None:
        return {}
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def _write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write all files or none: to a temporary folder beside, synced, then renamed."""
    make_folder(folder.parent)
    temporary = folder.with_name(f".{folder.name}.new")
    if temporary.exists():  # left by a process that was killed
        shutil.rmtree(temporary)
    temporary.mkdir()
    for name, data in files.items():
        write_whole(temporary / name, data)
    flush_folder(temporary)
    temporary.replace(folder)
    flush_folder(folder.parent)
