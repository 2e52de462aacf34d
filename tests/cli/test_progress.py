"""The progress bar: nothing for what is quick, a bar for what lasts, nothing at all where there is no terminal."""

import io
from threading import Condition

import pytest
from rich.console import Console

from bank360.cli.progress import progress_bar


class Screen(io.StringIO):
    """Standard error of a terminal, on which one can wait for a text to be drawn."""

    def __init__(self) -> None:
        super().__init__()
        self._written = Condition()

    def write(self, text: str) -> int:
        with self._written:
            count = super().write(text)
            self._written.notify_all()
        return count

    def shows(self, text: str) -> bool:
        with self._written:
            return self._written.wait_for(lambda: text in self.getvalue(), timeout=60)

    def since(self, text: str) -> str:
        return self.getvalue()[self.getvalue().rindex(text) :]


def terminal(screen: io.StringIO, *, interactive: bool = True) -> Console:
    return Console(file=screen, force_terminal=True, force_interactive=interactive, width=80)


@pytest.mark.parametrize("interactive", [True, False], ids=["a terminal", "a dumb terminal"])
def test_what_is_done_within_the_patience_shows_nothing(interactive):
    screen = Screen()
    with progress_bar(patience=3600, console=terminal(screen, interactive=interactive)) as report:
        for done in range(4):
            report("loading", done, 3)
        report("merging", 0, 0)
    assert screen.getvalue() == ""


def test_what_lasts_longer_is_shown_though_nobody_reports_again():
    screen = Screen()
    with progress_bar(patience=0, console=terminal(screen)) as report:
        report("loading rows", 1, 4)
        assert screen.shows("loading rows")
        assert screen.shows("25 %")


@pytest.mark.parametrize(("done", "total"), [(0, 0), (0, 1), (0, 22)], ids=["no count", "one step", "not begun"])
def test_what_cannot_be_counted_yet_shows_time_and_no_share(done, total):
    screen = Screen()
    with progress_bar(patience=0, console=terminal(screen)) as report:
        report("merging", done, total)
        assert screen.shows("merging")
        assert screen.shows("0:00:01")
    assert "%" not in screen.getvalue()


def test_rows_of_a_file_without_a_known_end_are_counted():
    screen = Screen()
    with progress_bar(patience=0, console=terminal(screen)) as report:
        report("load transactions", 0, 0)
        assert screen.shows("load transactions")
        report("load transactions", 1_234_567, 0)
        assert screen.shows("1,234,567")
    assert "%" not in screen.getvalue()


def test_the_share_appears_with_the_first_part_done():
    screen = Screen()
    with progress_bar(patience=0, console=terminal(screen)) as report:
        report("training", 0, 2)
        assert screen.shows("training")
        report("training", 1, 2)
        assert screen.shows("50 %")


@pytest.mark.parametrize("ended", [True, False], ids=["said to be done", "left behind"])
def test_only_the_thing_being_done_is_shown(ended):
    screen = Screen()
    with progress_bar(patience=0, console=terminal(screen)) as report:
        report("loading", 0, 4)
        assert screen.shows("loading")
        if ended:
            report("loading", 4, 4)
        report("merging", 0, 0)
        assert screen.shows("merging")
    drawn = screen.getvalue()
    assert drawn.rindex("loading") < drawn.index("merging")


def test_the_bar_is_taken_down_when_a_step_fails():
    screen = Screen()

    def fail():
        with progress_bar(patience=0, console=terminal(screen)) as report:
            report("loading", 1, 4)
            assert screen.shows("loading")
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert "\x1b[2K" in screen.since("loading")  # the line is erased
    assert "\x1b[?25h" in screen.since("loading")  # and the cursor shown again


def test_off_a_terminal_nothing_is_drawn():
    log = io.StringIO()
    with progress_bar(patience=0, console=Console(file=log, force_terminal=False)) as report:
        report("loading", 1, 4)
        report("loading", 4, 4)
    assert log.getvalue() == ""
