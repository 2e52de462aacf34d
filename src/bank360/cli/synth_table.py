"""How a synthetic bank's check is printed, and its truth: magnitudes beside targets, models beside the truth.

Payments are printed beside a reference.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from bank360.pipeline.reference_check import Compared
    from bank360.pipeline.synth_check import CheckRow

_ORACLE = "oracle_"  # names of the rows that this is said of
_OF_ORACLES = (
    "Oracle AUC is of the true probabilities. Fraud that nobody found is left out or told apart here;\n"
    "a trained model's oracle is of its own test rows and labels, where that fraud is not known: the two differ."
)


def print_check(rows: "Sequence[CheckRow]", console: Console | None = None) -> None:
    """Print one line per magnitude, and a last line with the verdict."""
    to = console or Console(width=130)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("quantity")
    for heading in ("target", "passes between", "observed", "rests on", ""):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        cells = (
            row.quantity,
            "" if row.target is None else _number(row.target),
            "" if row.low is None or row.high is None else f"{_number(row.low)} to {_number(row.high)}",
            "not shown" if row.observed is None else _number(row.observed),
            f"{row.count:,}",
            _judged(row),
        )
        table.add_row(*map(Text, cells))
    to.print(table, highlight=False)
    if any(row.name.startswith(_ORACLE) for row in rows):
        to.print(Text(_OF_ORACLES))
    to.print(Text(verdict(rows)))


def _judged(row: "CheckRow") -> str:
    if row.low is None or row.observed is None:
        return "printed only"
    if row.needed is not None:
        return f"not judged, takes {_about(row.needed)}"
    return "ok" if row.ok else "OUTSIDE"


def _about(count: int) -> str:
    """Return a count to two digits, rounded up.

    >>> _about(32812), _about(87)
    ('33,000', '87')
    """
    unit = 10 ** max(len(str(count)) - 2, 0)
    return f"{-(-count // unit) * unit:,}"


def verdict(rows: "Sequence[CheckRow]") -> str:
    """Return in one sentence how many magnitudes have a tolerance and are within it, and what of the others."""
    shown = [row for row in rows if row.observed is not None]
    held = [row for row in shown if row.low is not None and row.needed is None]
    few = [row.name for row in shown if row.needed is not None]
    unseen, outside = [row for row in rows if row.observed is None], [row.name for row in rows if not row.ok]
    counted = {
        "without a tolerance, and printed only": len(shown) - len(held) - len(few),
        "not judged, for so small a bank has too few events of them": len(few),
        "not to be shown by this bank": len(unseen),
    }
    others = [f"{what}: {number}" for what, number in counted.items() if number]
    kept = sum(row.ok for row in held)
    said = f"{kept} of {len(held)} magnitudes with a tolerance are within it" + "".join(f"; {one}" for one in others)
    return f"{said}. The check fails by: {', '.join(outside)}" if outside else f"{said}."


def print_compared(found: "Compared", console: Console | None = None) -> None:
    """Print one line per distance from the reference, and a last line with the verdict."""
    to = console or Console(width=130)
    part = ", a part: reweighted to the published counts" if found.reweighted else ""
    to.print(Text(f"{found.bank_rows:,} payments of the bank; reference {found.reference_rows:,} rows{part}"))
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("quantity")
    for heading in ("distance", "chance allows", "moved (sd)", ""):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("bank and reference")
    for row in found.rows:
        cells = (
            row.quantity,
            f"{row.distance:.5f}",
            "" if row.bound is None else f"{row.bound:.5f}",
            "" if row.moved is None else f"{row.moved:.4f}",
            "printed only" if row.bound is None else "ok" if row.ok else "OUTSIDE",
            row.detail,
        )
        table.add_row(*map(Text, cells))
    to.print(table, highlight=False)
    held = sum(row.bound is not None for row in found.rows)
    outside = [row.name for row in found.failures]
    if outside:
        to.print(Text(f"{len(outside)} of {held} distances are beyond chance: {', '.join(outside)}"))
    else:
        to.print(Text(f"All {held} distances are within chance."))


def _number(value: float) -> str:
    return f"{value:.4g}"


def print_oracle(found: Mapping[str, Any], console: Console | None = None) -> None:
    """Print each candidate's share of the oracle, then each reject inference method on those who were declined."""
    to = console or Console(width=130)
    shares = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("model", "candidate", "rows", "bad", "AUC", "oracle AUC", "share (95 %)"):
        shares.add_column(heading, justify="left" if heading in ("model", "candidate") else "right")
    for model, rows in found["models"].items():
        for row in rows:
            cells = (
                model,
                row["candidate"],
                f"{row['rows']:,}",
                f"{row['events']:,}",
                f"{row['auc']:.3f}",
                f"{row['oracle_auc']:.3f}",
                f"{row['share']:.2f} ({row['share_low']:.2f} to {row['share_high']:.2f})",
            )
            shares.add_row(*map(Text, cells))
    to.print(shares, highlight=False)
    for model, rows in found["rejects"].items():
        about = (
            f"\n{model}: reject inference beside what the {rows[0]['declined']:,} declined of the test period would "
            f"have done ({rows[0]['bad']:,} bad)"
        )
        to.print(Text(about))
        table = Table(box=None, pad_edge=False, header_style="bold")
        headings = ("method", "AUC", "observed / expected", "AUC, all at the door", "observed / expected", "bad rate")
        for heading in headings:
            table.add_column(heading, justify="left" if heading == "method" else "right")
        for row in rows:
            measured = ("auc", "observed_over_expected", "door_auc", "door_observed_over_expected")
            figures = (*(_interval(row[name]) for name in measured), f"{row['approved_bad_rate']:.2%}")
            table.add_row(*map(Text, (row["method"], *figures)))
        to.print(table, highlight=False)
        to.print("bad rate: true, of those each would approve if it approved as many as the bank did", highlight=False)


def _interval(estimate: Mapping[str, float]) -> str:
    return f"{estimate['value']:.3f} ({estimate['low']:.3f} to {estimate['high']:.3f})"
