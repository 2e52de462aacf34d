"""How a profile is printed: three blocks with source and as-of time of every value, then scores and reasons."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from bank360.pipeline.profile import Profile, Score
    from bank360.pipeline.profile_blocks import Block, Cell, Listing

_MONEY = "minor units"
_LINES_OF_A_LISTING = 6


def print_profile(found: "Profile", everything: bool = False, console: Console | None = None) -> None:
    """Print a profile; headlines only, unless ``everything``."""
    to = console or Console()
    keys = ", ".join(f"{key.source} {key.source_key}" for key in found.keys if key.valid_to is None)
    to.rule(f"[bold]{found.customer_id}[/bold]  as of {found.as_of:%Y-%m-%d %H:%M} UTC", align="left")
    to.print(f"known as {keys}{'' if found.revealed else '; identity masked (--reveal shows it)'}", highlight=False)
    for block in found.blocks:
        _print_block(to, block, found.currency, everything)
    if not found.scores:
        to.print("\nNo score yet: run 'bank360 score'.", highlight=False)
    for score in found.scores:
        _print_score(to, score, found.currency)


def _print_block(to: Console, block: "Block", currency: str | None, everything: bool) -> None:
    to.print(f"\n[bold]{block.label}[/bold]", highlight=False)
    table = Table(box=None, pad_edge=False, show_header=True, header_style="dim")
    table.add_column("")
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("as of", no_wrap=True, style="dim")
    table.add_column("source", style="dim")
    for value in block.values:
        if everything or value.headline:
            table.add_row(
                value.label, _with_unit(value.value, value.unit, currency), _moment(value.as_of), value.source
            )
    to.print(table, highlight=False)
    for listing in block.listings:
        _print_listing(to, listing, everything)


def _print_listing(to: Console, listing: "Listing", everything: bool) -> None:
    if not listing.rows:
        return
    shown = listing.rows if everything else listing.rows[:_LINES_OF_A_LISTING]
    table = Table(
        box=None,
        pad_edge=False,
        header_style="dim",
        title=f"{listing.label} ({len(listing.rows)}; {listing.source})",
        title_justify="left",
        title_style="",
    )
    for column in listing.columns:
        table.add_column(column.replace("_", " "), no_wrap=True)
    for row in shown:
        table.add_row(*(_cell(cell, name) for cell, name in zip(row, listing.columns, strict=True)))
    to.print(table, highlight=False)


def _print_score(to: Console, score: "Score", currency: str | None) -> None:
    amount = _with_unit(score.requested_amount, _MONEY, currency)
    to.print(
        f"\n[bold]Score[/bold]  {score.model} {score.version}, as of {_moment(score.as_of)}, for {amount} "
        f"over {score.term_months} months ({score.product_id})",
        highlight=False,
    )
    to.print(f"probability of default {score.probability:.1%}, tier [bold]{score.tier}[/bold]", highlight=False)
    if score.thin_file:
        to.print("Scored without history (thin file).", highlight=False)
    if score.outside_training:
        to.print("Warning: an input lies outside what the model was trained on.", highlight=False)
    for reason in score.reasons:
        to.print(f"  {reason.rank}. {reason.wording} ({reason.code}, {reason.contribution:+.2f})", highlight=False)


def _with_unit(value: "Cell", unit: str | None, currency: str | None) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float) and unit is not None and unit.startswith(_MONEY):
        return f"{value / 100:,.2f} {currency or ''}".strip() + unit.removeprefix(_MONEY)
    if isinstance(value, int | float):
        number = f"{value:,.4g}" if isinstance(value, float) and not value.is_integer() else f"{value:,.0f}"
        return number if unit in (None, "1") else f"{number} {unit}"
    return _plain(value)


def _cell(value: "Cell", column: str) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and column in _MONEY_COLUMNS:
        return f"{value / 100:,.2f}"
    if isinstance(value, float):
        return f"{value:,.4g}"
    return "" if value is None else _plain(value)


def _plain(value: "Cell") -> str:
    return _moment(value) if isinstance(value, date | datetime) else str(value)


def _moment(at: date | datetime | None) -> str:
    if at is None:
        return ""
    return f"{at:%Y-%m-%d %H:%M}" if isinstance(at, datetime) else f"{at:%Y-%m-%d}"


_MONEY_COLUMNS = frozenset(
    {"balance", "limit", "credit_limit", "amount", "requested_amount", "spent", "booked", "available"}
)
