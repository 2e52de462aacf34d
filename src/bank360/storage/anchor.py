"""The anchor: the log's last acknowledged link, kept in a file outside the store, signed with a key of its own.

Who can write to the store can cut its newest records off, head and all, and what is left is a valid shorter chain. The
anchor tells. It is written after each commit and before the acknowledgement, so it is never ahead of what was
acknowledged, and behind the store by no more than what was committed and not yet acknowledged when a process died.

A power cut may take it back by up to `SYNCED_EVERY` records, a kill by none: it is written each time, synced seldom.

The file has two slots of one line each, written in turn: a torn write spoils one, and the other still holds the link
before. It only moves forward; writers of several processes take a lock on it.
"""

import fcntl
import hmac
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bank360.bank.errors import ChainBroken
from bank360.storage.chain import Link, derived_key
from bank360.storage.durable import flush_folder

SYNCED_EVERY = 32  # records: what a power cut, unlike a kill, may take the anchor back by
_SLOT = 160  # bytes: sequence, MAC of the record, MAC of this line, spaces, newline


@dataclass(frozen=True)
class Anchor:
    """The anchor file of one home.

    Parameters
    ----------
    path
        Best on another disk or machine than the store: who can turn both back together is not found by it.
    key
        The bank's audit key.
    """

    path: Path
    key: bytes

    def read(self) -> Link | None:
        """Return the anchored link; None where there is no file.

        Raises
        ------
        ChainBroken
            If it is not empty and no slot of it is whole and signed.
        """
        if not self.path.exists():
            return None
        with self._open() as file:
            return self._read(file)

    def move_to(self, link: Link) -> None:
        """Write a link that comes after the anchored one; an earlier or the same one changes nothing.

        It is there for every process when this returns, and on the disk at the latest with record number
        `SYNCED_EVERY` after the last that was (docs/decisions/0025-the-online-path.md).
        """
        with self._open() as file:
            anchored = self._read(file)
            if anchored is None or link.sequence > anchored.sequence:
                before = -1 if anchored is None else anchored.sequence // SYNCED_EVERY
                self._write(file, link, sync=link.sequence // SYNCED_EVERY != before)

    def set_to(self, link: Link) -> None:
        """Write a link whatever is anchored: an operator's act, after the log was verified."""
        with self._open() as file:
            os.ftruncate(file, 0)
            self._write(file, link, sync=True)

    @contextmanager
    def _open(self) -> Iterator[int]:
        new = not self.path.exists()
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            if new:
                flush_folder(self.path.parent)
            yield file
        finally:
            os.close(file)

    def _read(self, file: int) -> Link | None:
        if os.fstat(file).st_size == 0:  # made, and its maker died before the first line
            return None
        slots = [self._link_in(os.pread(file, _SLOT, place * _SLOT)) for place in (0, 1)]
        whole = [link for link in slots if link is not None]
        if not whole:
            raise ChainBroken(
                f"The anchor {self.path} holds no line signed with this audit key. Bring back its copy, or the key."
            )
        return max(whole, key=lambda link: link.sequence)

    def _write(self, file: int, link: Link, *, sync: bool) -> None:
        said = f"{link.sequence:020d} {link.mac.hex()} "
        line = f"{said}{self._signature(said)}".ljust(_SLOT - 1).encode("ascii") + b"\n"
        first, second = (self._link_in(os.pread(file, _SLOT, place * _SLOT)) for place in (0, 1))
        # Over the older or spoilt one, so that the newer survives if this write is torn.
        place = 1 if first is not None and (second is None or second.sequence < first.sequence) else 0
        if os.pwrite(file, line, place * _SLOT) != _SLOT:
            raise OSError(f"the anchor {self.path} was written in part")
        if sync:
            os.fdatasync(file)

    def _link_in(self, line: bytes) -> Link | None:
        said, signature = line[:86], line[86:150]
        if len(line) != _SLOT or not hmac.compare_digest(signature, self._signature_of(said)):
            return None
        return Link(int(said[:20]), bytes.fromhex(said[21:85].decode("ascii")))

    def _signature(self, said: str) -> str:
        return self._signature_of(said.encode("ascii")).decode("ascii")

    def _signature_of(self, said: bytes) -> bytes:
        return hmac.digest(derived_key(self.key, b"anchor"), said, "sha256").hex().encode("ascii")
