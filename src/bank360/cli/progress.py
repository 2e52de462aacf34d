"""The progress bar: shown on a terminal for steps that last longer than two seconds, silent for the rest.

A bar and a percentage are shown only of what has a count and has begun to count; anything else pulses, with the time
that it has taken, and what was done so far where that is known: a bar that stands at 0 % looks like one that hangs.
Where standard error is no terminal (a log, a pipe) nothing is drawn: there a bar is only noise between the lines.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, Timer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, ProgressColumn, Task, TaskID

    from bank360.pipeline.progress import Progress as Report

PATIENCE_SECONDS = 2.0


class _Bar:
    """Shows the one thing being done once it has lasted longer than the patience, also while nobody reports."""

    def __init__(self, progress: "Progress", patience: float) -> None:
        self._progress = progress
        self._patience = patience
        self._lock = Lock()
        self._what: str | None = None
        self._latest = (0.0, 0.0)
        self._task: TaskID | None = None
        self._timer: Timer | None = None

    def __call__(self, what: str, done: float, total: float) -> None:
        with self._lock:
            if what != self._what:
                self._end()
                self._what = what
                self._timer = Timer(self._patience, self._show, (what,))
                self._timer.daemon = True
                self._timer.start()
            self._latest = (done, total)
            if self._task is not None:
                self._progress.update(self._task, completed=done, total=_countable(done, total))
            if total > 0 and done >= total:
                self._end()

    def end(self) -> None:
        """Take down what is shown."""
        with self._lock:
            self._end()
            # Not unless it runs: stopping a bar that was never drawn prints an empty line.
            if self._progress.live.is_started:
                self._progress.stop()

    def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            self._progress.remove_task(self._task)
        self._what = self._task = self._timer = None

    def _show(self, what: str) -> None:
        with self._lock:
            if self._what == what and self._task is None:
                done, total = self._latest
                self._task = self._progress.add_task(what, completed=int(done), total=_countable(done, total))
                self._progress.start()


def _countable(done: float, total: float) -> float | None:
    """Return the total where a share of it can be shown; None makes the bar pulse."""
    return total if total > 0 and done > 0 else None


def _share_column() -> "ProgressColumn":
    """Return the column beside the bar: the share done, or else how much is done, or nothing."""
    from rich.progress import ProgressColumn
    from rich.text import Text

    class Share(ProgressColumn):
        def render(self, task: "Task") -> Text:
            if task.total is not None:
                return Text(f"{task.percentage:>3.0f} %")
            return Text(f"{task.completed:,.0f}" if task.completed else "")

    return Share()


@contextmanager
def progress_bar(patience: float = PATIENCE_SECONDS, console: "Console | None" = None) -> "Iterator[Report]":
    """Give a step somewhere to report to.

    Parameters
    ----------
    patience
        Seconds that one thing may last before it is shown.
    console
        Where to draw; left out, standard error, so that output can be piped.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from bank360.pipeline.progress import silent

    to = console or Console(stderr=True)
    if not to.is_terminal:
        yield silent
        return
    progress = Progress(
        SpinnerColumn("line"),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=30),
        _share_column(),
        TimeElapsedColumn(),
        console=to,
        transient=True,
        refresh_per_second=4,
    )
    bar = _Bar(progress, patience)
    try:
        yield bar
    finally:
        bar.end()
