"""Processes to be killed, forked from one that has imported everything and started no thread.

So a kill falls into the work and not into a second of imports. A script defines ``run(*words)``; each child does that
in a process of its own, and stays waitable until asked, so that its number cannot be another process's.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# Forks a child per line of input (the words of `run`) and prints its pid; at the next line waits and prints its status.
FORKS = """
import os, sys
for line in iter(sys.stdin.readline, ""):
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        run(*line.split())
        os._exit(0)
    print(child, flush=True)
    sys.stdin.readline()
    print(os.waitpid(child, 0)[1], flush=True)
"""


@dataclass
class Nursery:
    """The process that forks; ``errors`` is where its children complain."""

    process: "subprocess.Popen[str]"
    errors: Path

    def start(self, *words: object) -> int:
        """Start a run and return its process id."""
        return self._asked(" ".join(map(str, words)))

    def ended(self) -> int:
        """Wait for the run and return its wait status (0: finished, 9: killed)."""
        return self._asked("wait")

    def finished(self, *words: object) -> float:
        """Run to its end and return the seconds it took."""
        begun = time.monotonic()
        self.start(*words)
        assert self.ended() == 0, self.errors.read_text()[-3000:]
        return time.monotonic() - begun

    def killed(self, moments: random.Random, seconds: float, *words: object) -> bool:
        """Start a run, kill it at a random moment of its first ``seconds``, and return whether that was in time."""
        child = self.start(*words)
        time.sleep(moments.uniform(0, seconds))
        os.kill(child, signal.SIGKILL)
        return self.ended() == signal.SIGKILL

    def _asked(self, question: str) -> int:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(question + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, self.errors.read_text()[-3000:]
        return int(line)


@contextmanager
def nursery_of(script: str, folder: Path, *args: Path) -> Iterator[Nursery]:
    """Start the process that forks children of ``script``, which finds ``args`` in ``sys.argv``."""
    with (folder / "stderr").open("w") as told:
        process = subprocess.Popen(
            [sys.executable, "-c", script + FORKS, *map(str, args)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=told, text=True,
        )  # fmt: skip
        yield Nursery(process, folder / "stderr")
        process.communicate(timeout=60)
