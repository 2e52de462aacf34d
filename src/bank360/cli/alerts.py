"""``bank360 alerts``: what the alert rules find now, with their evidence; nothing is recorded."""

import json as json_text
from dataclasses import asdict
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from bank360.bank.vocabulary import AlertSeverity
from bank360.cli.home import HomeOption, JsonOption, open_home, warehouse_of
from bank360.cli.progress import progress_bar


def alerts(
    customer: Annotated[
        str | None, typer.Option(help="Only this customer: an id, or a key by which a source names them.")
    ] = None,
    severity: Annotated[AlertSeverity | None, typer.Option(help="Only alerts of this severity.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many to print, the most urgent first.")] = 20,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Print the customers that somebody should look at, and why.

    Example: bank360 alerts --severity high --home demo
    """
    from bank360.cli.runs import Bank
    from bank360.pipeline.find_alerts import blind_rules, find_alerts, rules_known
    from bank360.policies.alerts import RULES
    from bank360.storage.known import not_delivered

    bank = open_home(home)
    with warehouse_of(bank, read_only=True) as warehouse, progress_bar() as report:
        own, now = bank.settings.bank, Bank(bank, warehouse, report).now
        found = find_alerts(warehouse, now, own.zone, own.currency, customer)
        blind = blind_rules(rules_known(warehouse, now, own.currency, own.country))
    lacking = [f"  {rule}: {not_delivered(unmet)}" for rule, unmet in blind]
    wanted = [one for one in found if severity in (None, one.severity)]
    if json:
        typer.echo(json_text.dumps([asdict(one) | {"found_at": now.isoformat()} for one in wanted[:limit]]))
        for line in ["No data for:", *lacking] if lacking else ():
            typer.echo(line, err=True)  # beside the answer: an empty one would say that nobody has to be looked at
        return
    typer.echo(f"As of {now.astimezone(ZoneInfo(own.zone)):%Y-%m-%d %H:%M} {own.zone}:")
    if wanted:
        typer.echo(f"{'urgency':<8}{'customer':<16}rule and evidence")
    for one in wanted[:limit]:
        typer.echo(f"{one.severity:<8}{one.customer_id:<16}{one.rule}")
        typer.echo(f"{'':<24}{one.evidence}")
    if len(wanted) > limit:
        typer.echo(f"{len(wanted) - limit:,} more; --limit says how many are printed.")
    if not wanted:
        typer.echo(_nothing(len(RULES) - len(blind), len(RULES)))
    for line in ["No data for:", *lacking] if lacking else ():
        typer.echo(line)


def _nothing(seeing: int, rules: int) -> str:
    """Return that nothing was found, by as many rules as had data to look at."""
    if seeing == rules:
        return "No rule found anything."
    return f"Nothing was found by the {seeing} of {rules} rules that have data." if seeing else "No rule has any data."
