"""``bank360 features riskiest``: the merchants or terminals where most payments turned out to be fraud."""

import json as json_text
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from bank360.bank.counted import counted
from bank360.cli.home import HomeOption, JsonOption, open_home, warehouse_of
from bank360.cli.typed import in_lines
from bank360.features.scan import Entity

if TYPE_CHECKING:
    from bank360.pipeline.riskiest_places import Riskiest

_MEANING = (
    "share: frauds among the payments by card of the 30 days that ended 7 days before, when most were reported; at"
    " least: the lower end of its 95 % interval, by which the list is ordered, for one fraud among few payments says"
    " little; last: days since the latest payment that is known to be fraud."
)


def riskiest(
    of: Annotated[Entity, typer.Option(help="Of what: merchant or terminal.")] = Entity.MERCHANT,
    most: Annotated[int, typer.Option(min=1, help="How many to print.")] = 20,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Print where most payments turned out to be fraud.

    Merchants, or terminals, as of the last build, by the share of payments there that are known to be fraud.

    Example: bank360 features riskiest --of terminal --home demo
    """
    from rich.console import Console

    from bank360.pipeline.riskiest_places import riskiest_places

    if of is Entity.CUSTOMER:
        raise typer.BadParameter("--of is merchant or terminal: 'bank360 queue list' prints customers to look at.")
    bank = open_home(home)
    with warehouse_of(bank, read_only=True) as warehouse:
        found = riskiest_places(warehouse, of, most)
    if json:
        typer.echo(json_text.dumps(found.to_json()))
        return
    width = Console().width
    for line in _said(found, bank.settings.bank.zone):
        for part in in_lines(line, width, "  "):
            typer.echo(part)


def _said(found: "Riskiest", zone: str) -> list[str]:
    if found.as_of is None:
        return [f"No transaction names a {found.entity}. Deliver '{found.entity.key}' with the transactions."]
    head = (
        f"As of {found.as_of.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} {zone}, {found.with_fraud:,} of "
        f"{counted(found.described, found.entity)} had a payment in the last year that is known to be fraud"
    )
    if found.no_data:
        return [f"{head}: nothing was delivered of {', '.join(found.no_data)}."]
    if not found.places:
        return [f"{head}."]
    rows = [
        f"{'none' if one.share is None else f'{one.share:.1%}':>7}  {one.at_least:>8.1%}  "
        f"{f'{one.frauds:,} of {one.payments:,}':>16}  {one.days_since:>4}  {one.id}"
        for one in found.places
    ]
    rest = found.with_fraud - len(rows)
    more = f"{rest:,} more: --most {found.with_fraud} prints them all. " if rest else ""
    whole = next((one.id for one in found.places if "•" not in one.id), "ID")
    shown = f"bank360 features value {whole} --of {found.entity}"
    return [
        f"{head}.",
        f"{'share':>7}  {'at least':>8}  {'frauds, payments':>16}  {'last':>4}  {found.entity}",
        *rows,
        _MEANING,
        f"{more}'{shown}' prints what is known of one.",
    ]
