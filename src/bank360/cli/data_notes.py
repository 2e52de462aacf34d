"""What `ingest`, `build` and `profile` say of the data itself: how old it is, and what was never delivered."""

from collections import Counter
from datetime import datetime
from textwrap import wrap
from typing import TYPE_CHECKING

from bank360.bank.counted import counted
from bank360.cli.home import Home
from bank360.cli.typed import made_whole

if TYPE_CHECKING:
    from bank360.pipeline.build import Built
    from bank360.storage.warehouse import Warehouse

NEEDS_PAGE = "docs/reference/feature-needs.md"


def age_lines(home: Home, warehouse: "Warehouse", now: datetime | None = None, short: bool = False) -> list[str]:
    """Return how old the newest rows are and what to do where they are old, in lines of the terminal's width.

    Parameters
    ----------
    now
        The instant that counts as now; None: by the settings' clock.
    short
        Only what is to be done, nothing where the data is of these days.
    """
    from bank360.pipeline.ages import ages
    from bank360.storage.ledger import last_known_time

    by_clock = home.settings.now(last_known_time(warehouse))
    by_data = home.settings.clock == "data" and now in (None, by_clock)
    found = ages(warehouse, now or by_clock, home.settings.bank.zone, by_data)
    lines = found.lines()
    return _folded(lines[-len(found.advice) :] if short and found.advice else () if short else lines)


def no_data_lines(built: "Built") -> list[str]:
    """Return which features nobody has a value of, by the first thing that each lacks."""
    if not built.no_data:
        return []
    lacking = Counter(missing[0] for missing in built.no_data.values())
    head = (
        f"no data for {len(built.no_data)} of {built.features} features (they read 'no data', never 0;"
        f" {NEEDS_PAGE} says what each needs). Nothing was delivered of:"
    )
    needs = (f"  {need}: {counted(count, 'feature')}" for need, count in lacking.most_common())
    return _folded((head, *needs))


def _folded(lines: tuple[str, ...]) -> list[str]:
    from rich.console import Console

    width = Console().width
    return [
        part
        for line in lines
        for part in wrap(
            made_whole(line), width, subsequent_indent="    ", break_on_hyphens=False, break_long_words=False
        )
    ]
