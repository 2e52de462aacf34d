"""Files without a name: read as written, seen by nobody, gone with their process; a full disk is told."""

import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from bank360.bank.errors import Bank360Error
from bank360.storage.unnamed_files import UnnamedFiles

HOLDING = """
import sys, time
from pathlib import Path
import numpy as np
from bank360.storage.unnamed_files import UnnamedFiles
kept, _ = UnnamedFiles(Path(sys.argv[1]), 0).keep(iter([np.ones(5_000_000, dtype=np.uint8)]))
print(int(kept.sum()), flush=True)
time.sleep(600)
"""


def test_pieces_come_back_as_one_array_that_nobody_can_write_to_and_no_name_leads_to(tmp_path: Path) -> None:
    pieces = [np.arange(n, dtype=np.uint8) for n in (200, 0, 7)]
    kept, _ = UnnamedFiles(tmp_path / "a" / "b", 1).keep(iter(pieces))
    np.testing.assert_array_equal(kept, np.concatenate(pieces))
    assert not kept.flags.writeable
    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_the_disk_is_free_again_when_nobody_reads_any_more(tmp_path: Path) -> None:
    def held() -> tuple[int, int]:
        """Return how many mappings and how many open files lead there."""
        links = list(Path("/proc/self/fd").iterdir())
        opened = [str(one.readlink()) for one in links if one.is_symlink()]
        mapped = Path("/proc/self/maps").read_text(encoding="utf-8")
        return mapped.count(str(tmp_path)), sum(one.startswith(str(tmp_path)) for one in opened)

    kept, let_go = UnnamedFiles(tmp_path, 1).keep(iter([np.ones(100_000, dtype=np.uint8)]))
    assert held() == (1, 1)
    del kept, let_go
    assert held() == (0, 0)


def test_pages_that_were_read_are_let_go_of_and_read_again_as_they_were(tmp_path: Path) -> None:
    def in_memory() -> int:
        """Return how many kilobytes of files there are in this process' memory."""
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.partition("RssFile:")[2].split()[0])

    kept, let_go = UnnamedFiles(tmp_path, 1).keep(iter([np.ones(20_000_000, dtype=np.uint8)]))
    before = in_memory()
    assert kept.sum() == 20_000_000
    read = in_memory()
    let_go()
    assert read - before > 15_000
    assert in_memory() - before < 5_000
    assert kept.sum() == 20_000_000


def test_a_process_that_is_killed_leaves_nothing(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDING, tmp_path], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        try:
            assert child.stdout.readline() == "5000000\n"
            assert list(tmp_path.iterdir()) == []  # already: so whenever it is killed, there is no name to remove
        finally:
            child.send_signal(signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_with_what_to_do_and_leaves_no_file(tmp_path: Path, monkeypatch) -> None:
    with Path("/dev/full").open("w+b", buffering=0) as full:
        monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: full)
        with pytest.raises(Bank360Error, match=r"raise engine\.memory") as told:
            UnnamedFiles(tmp_path, 300_000_000).keep(iter([np.ones(10, dtype=np.uint8)]))
    assert f"beyond 300 MB a stream cannot be kept in {tmp_path}" in str(told.value)
    assert "No space left on device" in str(told.value)
    assert list(tmp_path.iterdir()) == []


LIMITED = """
import resource, sys
from pathlib import Path
import numpy as np
from bank360.bank.errors import Bank360Error
from bank360.storage.unnamed_files import UnnamedFiles
resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, 3_000_000))
try:
    UnnamedFiles(Path(sys.argv[1]), 0).keep(np.ones(1_000_000, dtype=np.uint8) for _ in range(9))
except Bank360Error as error:
    print(error)
"""


def test_a_file_that_stops_growing_half_way_is_told_too(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, tmp_path], capture_output=True, text=True, check=True, timeout=60
    )
    assert "3 MB into a file: File too large" in done.stdout
    assert list(tmp_path.iterdir()) == []
