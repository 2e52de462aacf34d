"""A damaged warehouse made anew while a command waits: from the landing zone, by the mappings that were in force.

What `rebuild` is when somebody asks for it, this is when DuckDB found wrong bytes. The damaged file is kept aside.
"""

from pathlib import Path

import typer

from bank360.bank.errors import WarehouseDamaged
from bank360.cli.home import place, warehouse_of
from bank360.cli.lacks import why_unscored
from bank360.cli.progress import progress_bar
from bank360.cli.runs import Bank, run_build, run_check, run_identify, run_score
from bank360.cli.sources import source_of_delivery
from bank360.home import open_home
from bank360.pipeline.ingest import complete_pending
from bank360.storage.warehouse_damage import set_aside


def mend(damage: WarehouseDamaged) -> None:
    """Set the damaged warehouse aside and make all that it held anew, scores included where there is a champion."""
    path = Path(damage.path)
    home = open_home(path.parent)
    aside = set_aside(path)
    typer.echo(
        f"bank360: {place(path)} was damaged ({damage.fault}); it is kept as {aside.name} and made anew from "
        "the landing zone.",
        err=True,
    )
    with warehouse_of(home, new=True) as warehouse, progress_bar() as report:
        complete_pending(home.landing, warehouse, source_of_delivery, report)
        if not warehouse.tables():
            return
        bank = Bank(home, warehouse, report)
        run_identify(bank)
        run_build(bank)
        run_check(bank)
        if why_unscored(bank) is None:
            run_score(bank)
