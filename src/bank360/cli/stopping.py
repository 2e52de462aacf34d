"""Ctrl-C: whatever is at work ends within two seconds, with one line and exit code 130, and nothing is half done.

Python runs its own handler only between two of its instructions, and a query, a parser or a compiled kernel may keep it
waiting for a minute. So there are two ways out, and the first that gets there says the line:

1. the usual one: KeyboardInterrupt unwinds the command, transactions roll back, spare files are removed;
2. a thread that the operating system wakes at the signal itself (`signal.set_wakeup_fd`), and that ends the process
   when the grace is over. That is no worse than a kill, and all that is kept is proved against kills: what it leaves
   beside the warehouse is removed by the next command that writes there.
"""

import os
import shlex
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

GRACE_SECONDS = 1.0
CODE = 130  # 128 and the number of SIGINT, as shells report it
_SHOW_CURSOR = "\r\x1b[?25h\x1b[K"  # a progress bar hides it, and may not come to show it again


@contextmanager
def stoppable(words: Sequence[str]) -> Iterator[None]:
    """End the process as told above if Ctrl-C comes inside the block; another's own handler (a server's) is left alone.

    Parameters
    ----------
    words
        The command after ``bank360``, for the line that says how to go on.

    Raises
    ------
    SystemExit
        With code 130, in place of whatever the interrupted block raised.
    """
    if threading.current_thread() is not threading.main_thread():  # where Python allows no handlers
        yield
        return
    stop = _Stop(f"bank360: stopped; nothing was left half done. To go on: {shlex.join(['bank360', *words])}\n")
    before = signal.signal(signal.SIGINT, stop.interrupt)
    read, write = os.pipe()
    os.set_blocking(write, False)
    told_before = signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    threading.Thread(target=stop.watch, args=(read,), name="stop", daemon=True).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(told_before)
        os.close(write)  # the thread reads the end and goes, unless it was asked to stop: then its grace goes on
        if stop.asked:  # its handler stays: it takes no second Ctrl-C, and the thread knows by it that the grace runs
            stop.say()
            sys.exit(CODE)
        signal.signal(signal.SIGINT, before)


class _Stop:
    """Whether to stop was asked, and the one line about it."""

    def __init__(self, line: str) -> None:
        self.asked = False
        self._line = line
        self._unsaid = threading.Lock()
        # Kept: each access to a method makes another object, and the handler is known by it.
        self.interrupt = self._interrupt

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if not self.asked:
            self.asked = True
            raise KeyboardInterrupt

    def watch(self, read: int) -> None:
        """Wait for the signal; then give the command its grace, and end the process."""
        while told := os.read(read, 64):
            if signal.SIGINT in told and signal.getsignal(signal.SIGINT) is self.interrupt:
                time.sleep(GRACE_SECONDS)
                self.say()
                os._exit(CODE)
        os.close(read)

    def say(self) -> None:
        """Write the line, once."""
        if self._unsaid.acquire(blocking=False):
            shown = os.isatty(2)
            os.write(2, ((_SHOW_CURSOR if shown else "") + self._line).encode())
