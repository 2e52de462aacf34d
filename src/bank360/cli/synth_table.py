"""How the check of the synthetic bank is printed: each magnitude beside its target and tolerance."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from bank360.pipeline.synth_check import CheckRow


def print_check(rows: "Sequence[CheckRow]", console: Console | None = None) -> None:
    """Print one line per magnitude, and a last line with the verdict."""
    to = console or Console(width=130)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("quantity")
    for heading in ("target", "passes between", "observed", "rests on", ""):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(
            row.quantity,
            "" if row.target is None else _number(row.target),
            "" if row.low is None or row.high is None else f"{_number(row.low)} to {_number(row.high)}",
            "not shown" if row.observed is None else _number(row.observed),
            f"{row.count:,}",
            "printed only" if row.low is None or row.observed is None else "ok" if row.ok else "OUTSIDE",
        )
    to.print(table, highlight=False)
    outside = [row.name for row in rows if not row.ok]
    if outside:
        to.print(f"{len(outside)} of {len(rows)} magnitudes are outside their tolerance: {', '.join(outside)}")
    else:
        to.print(f"All {len(rows)} magnitudes are within their tolerance.")


def _number(value: float) -> str:
    return f"{value:.4g}"
