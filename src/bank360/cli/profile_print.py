"""How a profile is printed: three blocks with source and as-of time of every value, then scores and reasons."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from bank360.bank.money import in_major

if TYPE_CHECKING:
    from bank360.pipeline.profile import Profile, Score
    from bank360.pipeline.profile_blocks import Block, Cell, Listing

_MONEY = "minor units"
_LINES_OF_A_LISTING = 6
_WIDTH_OF_A_PIPE = 140
_MONEY_COLUMNS = frozenset({"balance", "credit_limit", "amount", "requested_amount", "money_in", "money_out"})


def print_profile(found: "Profile", zone: str, everything: bool = False, console: "Console | None" = None) -> None:
    """Print a profile, instants in the bank's zone; headlines only, unless ``everything``."""
    to = console or Console()
    if not to.is_terminal:
        to.width = _WIDTH_OF_A_PIPE
    draw = _Draw(to, ZoneInfo(zone), found.currency, everything)
    keys = ", ".join(f"{key.source} {key.source_key}" for key in found.keys if key.valid_to is None)
    to.rule(f"[bold]{found.customer_id}[/bold]  as of {draw.moment(found.as_of)} ({zone})", align="left")
    to.print(f"known as {keys}{'' if found.revealed else '; identity masked (--reveal shows it)'}", highlight=False)
    for block in found.blocks:
        draw.block(block)
    if not found.scores:
        to.print("\nNo score yet: run 'bank360 score'.", highlight=False)
    for score in found.scores:
        draw.score(score)


@dataclass(frozen=True)
class _Draw:
    """Where and how values are drawn: console, zone of instants, currency of money, headlines or everything."""

    to: Console
    zone: ZoneInfo
    currency: str | None
    everything: bool

    def block(self, block: "Block") -> None:
        self.to.print(f"\n[bold]{block.label}[/bold]", highlight=False)
        table = Table(box=None, pad_edge=False, header_style="dim")
        table.add_column("")
        table.add_column("value", justify="right", no_wrap=True)
        table.add_column("as of", no_wrap=True, style="dim")
        table.add_column("source", style="dim", no_wrap=True)
        for value in block.values:
            if self.everything or value.headline:
                table.add_row(
                    value.label, self.with_unit(value.value, value.unit), self.moment(value.as_of), value.source
                )
        self.to.print(table, highlight=False)
        for listing in block.listings:
            self.listing(listing)

    def listing(self, listing: "Listing") -> None:
        shown = listing.rows if self.everything else listing.rows[:_LINES_OF_A_LISTING]
        filled = [
            position for position in range(len(listing.columns)) if any(row[position] is not None for row in shown)
        ]
        more = f", the first {len(shown)}" if len(shown) < len(listing.rows) else ""
        self.to.print(
            f"[bold]{listing.label}[/bold] ({len(listing.rows)}{more}; {listing.source}; "
            f"as of {self.moment(listing.as_of)})",
            highlight=False,
        )
        table = Table(box=None, pad_edge=False, header_style="dim")
        for position in filled:
            name = listing.columns[position]
            table.add_column(name.replace("_", " "), justify="right" if name in _MONEY_COLUMNS else "left")
        for row in shown:
            currency = str(dict(zip(listing.columns, row, strict=True)).get("currency") or self.currency or "")
            table.add_row(*(self.cell(row[position], listing.columns[position], currency) for position in filled))
        self.to.print(table, highlight=False)

    def score(self, score: "Score") -> None:
        amount = self.with_unit(score.requested_amount, _MONEY)
        self.to.print(
            f"\n[bold]Score[/bold]  {score.model} {score.version}, as of {self.moment(score.as_of)}, for {amount} "
            f"over {score.term_months} months ({score.product_id})",
            highlight=False,
        )
        self.to.print(
            f"probability of default {score.probability:.1%}, tier [bold]{score.tier}[/bold]", highlight=False
        )
        if score.thin_file:
            self.to.print("Scored without history (thin file).", highlight=False)
        if score.outside_training:
            self.to.print("Warning: an input lies outside what the model was trained on.", highlight=False)
        for reason in score.reasons:
            self.to.print(
                f"  {reason.rank}. {reason.wording} ({reason.code}, {reason.contribution:+.2f})", highlight=False
            )

    def with_unit(self, value: "Cell", unit: str | None) -> str:
        if value is None:
            return "none"
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, int | float) and unit is not None and unit.startswith(_MONEY):
            return f"{in_major(value, self.currency or '')} {self.currency or ''}".strip() + unit.removeprefix(_MONEY)
        if isinstance(value, int | float):
            number = f"{value:,.3g}" if isinstance(value, float) and not value.is_integer() else f"{value:,.0f}"
            return number if unit in (None, "1", "count") else f"{number} {unit}"
        return self.plain(value)

    def cell(self, value: "Cell", column: str, currency: str) -> str:
        if value is None:
            return ""
        if isinstance(value, int) and not isinstance(value, bool) and column in _MONEY_COLUMNS:
            return in_major(value, currency)
        return f"{value:,.4g}" if isinstance(value, float) else self.plain(value)

    def plain(self, value: "Cell") -> str:
        return self.moment(value) if isinstance(value, date) else str(value)

    def moment(self, at: "date | datetime | None") -> str:
        if at is None:
            return ""
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M}" if isinstance(at, datetime) else f"{at:%Y-%m-%d}"
