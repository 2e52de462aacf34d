"""Packed events beyond memory, in files without a name: gone with the process that made them, however it ends.

A file is made without a name where the file system can do that (ext4, XFS, Btrfs, tmpfs), and its name is removed at
once where it cannot; it is written, mapped read-only and closed. So nothing has to be cleaned up, after SIGKILL either:
the disk is free again when nobody reads the arrays any more. The system keeps as many of the pages in memory as it has
room for. It is written, not mapped while it grows: on a full disk a write fails, where a page would end the process.
"""

import mmap
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bank360.bank.errors import Bank360Error
from bank360.storage.durable import make_folder

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class UnnamedFiles:
    """What a `features.spilling.Outside` is, on a disk.

    Parameters
    ----------
    folder
        On that disk; made where it is not there.
    budget
        How many bytes of chunks one stream may hold in memory while it is packed.
    """

    folder: Path
    budget: int

    def keep(self, pieces: Iterator[Bytes]) -> tuple[Bytes, Callable[[], None]]:
        """Return the pieces as one array, read-only, of a file without a name, and what lets go of pages read so far.

        Raises
        ------
        Bank360Error
            If they cannot be written.
        """
        written = 0
        try:
            make_folder(self.folder)
            with tempfile.TemporaryFile(dir=self.folder) as file:
                for piece in pieces:
                    written += file.write(piece.data)
                file.flush()
                mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError as error:
            raise Bank360Error(
                f"Packed events beyond {self.budget // 10**6:,} MB a stream cannot be kept in {self.folder}, "
                f"{written // 10**6:,} MB into a file: {error.strerror}. Nothing of it is left. Make room there, some "
                "30 to 110 bytes an event, or raise engine.memory."
            ) from error
        # The system would take the pages back by itself when memory is short; until then they count as the process'.
        return np.frombuffer(mapped, dtype=np.uint8), lambda: mapped.madvise(mmap.MADV_DONTNEED)
