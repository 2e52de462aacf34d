"""How training is printed: each candidate's out-of-time metrics beside the baseline, with intervals."""

from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bank360.bank.counted import counted

if TYPE_CHECKING:
    from bank360.pipeline.train_report import Trained


def print_training(trained: "Trained", console: Console | None = None) -> None:
    """Print one table per model: a line per candidate and population, the baseline first; then who was left out."""
    to = console or Console()
    for report in trained.reports:
        typer.echo(
            f"\n{report.model}: {report.meaning}\n"
            f"  trained on {counted(report.train.rows, 'application')} ({report.train.events:,} bad) "
            f"{report.train.first} to {report.train.last}, "
            f"tested on {report.test.rows:,} ({report.test.events:,} bad) {report.test.first} to {report.test.last}"
        )
        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in ("candidate", "population", "rows", "bad", "AUC (95 %)", "Gini", "KS", "observed / expected"):
            table.add_column(heading, justify="left" if heading in ("candidate", "population") else "right")
        for candidate, measured in report.measured.items():
            for m in measured:
                figures = (str(m.auc), f"{m.gini:.3f}", f"{m.ks:.3f}", m.calibration.total_in_words())
                table.add_row(*map(Text, (candidate, m.population, f"{m.rows:,}", f"{m.events:,}", *figures)))
            for few in report.unmeasured[candidate]:
                rows = (f"{few.rows:,}", f"{few.events:,}")
                table.add_row(*map(Text, (candidate, few.population, *rows, "too few events")))
        to.print(table)
    for one in trained.not_trained:
        typer.echo(f"\n{one.why}")
