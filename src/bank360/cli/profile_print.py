"""How a profile is printed: three blocks with source and as-of time of every value, then scores and reasons.

What the bank wrote is printed as it is: every text goes to the console as `Text`, never as markup to be read.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from textwrap import wrap
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from bank360.bank.counted import counted
from bank360.bank.money import in_major
from bank360.bank.tables import TABLES
from bank360.bank.vocabulary import RiskTier
from bank360.bank.words import words_of
from bank360.cli.quantities import MONEY, outside_in_words, with_unit
from bank360.models.calibrated import calibration_step, unstated
from bank360.policies.risk_tier import OF_A_NEW_REQUEST
from bank360.storage.known import not_delivered

if TYPE_CHECKING:
    from bank360.pipeline.profile import Profile, Score
    from bank360.pipeline.profile_blocks import Block, Cell, Listing

_LINES_OF_A_LISTING = 6
_CODE = re.compile(r"[a-z]+(_[a-z0-9]+)+|atm|pos")  # what the bank's vocabulary writes; a text of the bank's is not so
_NAMED = frozenset({"source", "source_key", "description", "raw_text"})  # columns whose texts are somebody else's words
_WIDE = 120  # columns from which every value's source stands beside it
_UNBOUND = 10_000  # columns: how wide a table would be if nothing were folded
_MONEY_COLUMNS = frozenset(
    {column.name for table in TABLES for column in table.columns if column.unit == MONEY}
    | {"money_in", "money_out", "owed"}
)


def print_profile(found: "Profile", zone: str, everything: bool = False, console: "Console | None" = None) -> None:
    """Print a profile, instants in the bank's zone; headlines only, unless ``everything``."""
    to = console or Console()
    draw = _Draw(to, ZoneInfo(zone), found.currency, everything)
    keys = ", ".join(f"{key.source} {key.source_key}" for key in found.keys if key.valid_to is None)
    title = Text.assemble((found.customer_id, "bold"), f"  as of {draw.moment(found.as_of)} ({zone})")
    to.rule(title, align="left")
    draw.line(f"known as {keys}{'' if found.revealed else '; identity masked (--reveal shows it)'}")
    for block in found.blocks:
        draw.block(block)
    for part, unmet in found.not_known.items():
        draw.line("not known: ", (words_of(part), "bold"), f" ({not_delivered(unmet)})")
    for score in found.scores:
        draw.score(score)


def tables_of(source: str) -> str:
    """Return where a value is read from, with the tables' names as words.

    >>> tables_of("customer_features (cross_border)")
    'customer features (cross border)'
    """
    return source.replace("_", " ")


@dataclass(frozen=True)
class _Draw:
    """Where and how values are drawn: console, zone of instants, currency of money, headlines or everything."""

    to: Console
    zone: ZoneInfo
    currency: str
    everything: bool

    def line(self, *parts: str | tuple[str, str]) -> None:
        """Print a line of texts, each as it is or with a style."""
        self.to.print(Text.assemble(*parts))

    def block(self, block: "Block") -> None:
        self.line("\n", (block.label, "bold"))
        shown = [value for value in block.values if self.everything or value.headline]
        wide = self.to.width >= _WIDE
        table = Table(box=None, pad_edge=False, header_style="dim")
        table.add_column("")
        table.add_column("value", justify="right", overflow="fold")
        table.add_column("as of", no_wrap=True, style="dim")
        if wide:
            table.add_column("source", style="dim", no_wrap=True)
        for value in shown:
            said = "no data" if value.no_data else self.with_unit(value.value, value.unit)
            at = value.as_of if wide or value.as_of is None else value.as_of.astimezone(self.zone).date()
            source = [tables_of(value.source)] if wide else []
            table.add_row(*map(Text, (value.label, said, self.moment(at), *source)))
        self.to.print(table, highlight=False)
        if shown and not wide:
            self.line(f"from {', '.join(dict.fromkeys(tables_of(value.source) for value in shown))}")
        lacking = dict.fromkeys(value.no_data[0] for value in shown if value.no_data)
        if lacking:
            self.line(f"no data: nothing was ever delivered of {'; '.join(lacking)}")
        for listing in block.listings:
            self.listing(listing)

    def listing(self, listing: "Listing") -> None:
        shown = listing.rows if self.everything else listing.rows[:_LINES_OF_A_LISTING]
        filled = [
            position for position in range(len(listing.columns)) if any(row[position] is not None for row in shown)
        ]
        more = f", the first {len(shown)}" if len(shown) < len(listing.rows) else ""
        about = f" ({len(listing.rows)}{more}; {tables_of(listing.source)}; as of {self.moment(listing.as_of)})"
        self.line((listing.label, "bold"), about)
        names = [listing.columns[position] for position in filled]
        rows = []
        for row in shown:
            currency = str(dict(zip(listing.columns, row, strict=True)).get("currency") or self.currency)
            rows.append([self.cell(row[position], listing.columns[position], currency) for position in filled])
        table = Table(box=None, pad_edge=False, header_style="dim")
        for name in names:
            table.add_column(name.replace("_", " "), justify="right" if name in _MONEY_COLUMNS else "left")
        for cells in rows:
            table.add_row(*map(Text, cells))
        if Measurement.get(self.to, self.to.options.update(max_width=_UNBOUND), table).maximum <= self.to.width:
            self.to.print(table, highlight=False)
            return
        for first, *others in rows:  # too wide for a table: a row is a sentence, folded between words
            parts = [f"{name.replace('_', ' ')} {cell}" for name, cell in zip(names[1:], others, strict=True) if cell]
            line = f"{first}  {', '.join(parts)}"
            for part in wrap(line, self.to.width, subsequent_indent="    ", break_on_hyphens=False):
                self.line(part)

    def score(self, score: "Score") -> None:
        amount = self.with_unit(score.requested_amount, MONEY)
        self.line(
            ("\nScore", "bold"),
            f"  {words_of(score.model)} ({score.model} {score.version}), as of {self.moment(score.as_of)}, "
            f"for {amount} over {counted(score.term_months, 'month')} ({score.product_id})",
        )
        why = f": {OF_A_NEW_REQUEST}" if score.tier == RiskTier.IN_DEFAULT else ""
        self.line(f"probability of default {score.probability:.1%}, tier ", (words_of(score.tier), "bold"), why)
        if score.thin_file:
            self.line("Scored without history (thin file).")
        for one in score.outside_training:
            self.line(f"Warning: {outside_in_words(one, self.currency)}")
        for reason in score.reasons:
            self.line(f"  {reason.rank}. {reason.wording} ({reason.code}, {reason.contribution:+.2f})")
        rest = unstated(score.margin, (reason.contribution for reason in score.reasons))
        step = calibration_step(score.margin, score.probability).in_words()
        self.line(f"  Base and everything else {rest:+.2f}; together {step}.")

    def with_unit(self, value: "Cell", unit: str | None) -> str:
        if value is None:
            return "none"
        if isinstance(value, bool):
            return "yes" if value else "no"
        return with_unit(value, unit, self.currency) if isinstance(value, int | float) else self.plain(value)

    def cell(self, value: "Cell", column: str, currency: str) -> str:
        if value is None:
            return ""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, int) and column in _MONEY_COLUMNS:
            return in_major(value, currency)
        if isinstance(value, str) and (column.endswith("_id") or column in _NAMED):
            return value
        return f"{value:,.4g}" if isinstance(value, float) else self.plain(value)

    def plain(self, value: "Cell") -> str:
        if isinstance(value, date):
            return self.moment(value)
        text = str(value)
        return words_of(text) if _CODE.fullmatch(text) else text

    def moment(self, at: "date | datetime | None") -> str:
        if at is None:
            return ""
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M}" if isinstance(at, datetime) else f"{at:%Y-%m-%d}"
