"""``bank360 profile list | show``: the customers, and the 360 of one of them, identity masked unless asked for."""

import json as json_text
from dataclasses import asdict
from typing import Annotated, Any

import typer

from bank360.bank.errors import NotReady
from bank360.bank.personal_numbers import masked_key
from bank360.bank.vocabulary import RiskTier
from bank360.bank.words import words_of
from bank360.cli.home import HomeOption, JsonOption, open_home, warehouse_of
from bank360.cli.progress import progress_bar
from bank360.cli.store import fresh_id, log_of, operator, this_instant
from bank360.cli.typed import made_whole

app = typer.Typer(no_args_is_help=True, help="Customer 360 profiles.")


@app.command("list")
def list_customers(
    tier: Annotated[RiskTier | None, typer.Option(help="Only this risk tier.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many to print, the riskiest first.")] = 20,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Print the customers, the riskiest first.

    Those in default stand before all others.

    Where nobody is scored, all of them by id. The ids are those that 'profile show' and 'explain' take.

    Example: bank360 profile list --tier high --limit 20 --home demo
    """
    from bank360.cli.lacks import unscored_or_stale
    from bank360.cli.runs import Bank
    from bank360.pipeline.progress import silent
    from bank360.policies.risk_tier import OF_A_NEW_REQUEST
    from bank360.storage.reads_summary import known_customers, scored_customers

    bank = open_home(home)
    with warehouse_of(bank, read_only=True) as warehouse:
        if "scores" not in warehouse.tables():
            known = known_customers(warehouse, limit + 1)
            why = unscored_or_stale(Bank(bank, warehouse, silent))
            if tier is not None:
                raise NotReady(f"Nobody is in a risk tier: {why}")
            _print_known(known, limit, why, json)
            return
        rows = scored_customers(warehouse, tier, limit + 1)
    if json:
        typer.echo(json_text.dumps(rows[:limit]))
        return
    more, rows = len(rows) > limit, rows[:limit]
    if rows:
        typer.echo(f"{'customer':<16}{'tier':<12}{'probability of default':>22}  history")
    for row in rows:
        thin = "  thin file" if row["thin_file"] else ""
        typer.echo(f"{row['customer_id']:<16}{words_of(row['tier']):<12}{row['probability']:>22.2%}{thin}")
    if any(row["tier"] == RiskTier.IN_DEFAULT for row in rows):
        typer.echo(f"In default: {OF_A_NEW_REQUEST}.")
    if more:
        typer.echo(f"The first {limit:,}; --limit says how many are printed.")
    if not rows:
        typer.echo("No customer is in this tier." if tier else "Nobody is scored.")


def _print_known(rows: list[dict[str, Any]], limit: int, why: str, json: bool) -> None:
    """Print customers of whom none is scored, and why none is; keys that are personal numbers are masked."""
    rows = [
        row | {"keys": ", ".join(f"{key['source']} {masked_key(key['source_key'])}" for key in row["keys"])}
        for row in rows
    ]
    if json:
        typer.echo(json_text.dumps(rows[:limit]))
        return
    typer.echo(f"{'customer':<16}{'accounts':>9}  known as")
    for row in rows[:limit]:
        held = "not known" if row["accounts"] is None else row["accounts"]
        typer.echo(f"{row['customer_id']:<16}{held:>9}  {row['keys']}")
    if len(rows) > limit:
        typer.echo(f"The first {limit:,}; --limit says how many are printed.")
    typer.echo(made_whole(f"Nobody is scored: {why}"))


@app.command("show")
def show(
    customer: Annotated[str, typer.Argument(help="Customer id, or a key by which a source names the customer.")],
    reveal: Annotated[bool, typer.Option("--reveal", help="Show direct identifiers as they are.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Every value, not only the headlines.")] = False,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Print one customer's 360.

    Who they are, how they behave, what moves on their accounts, their score, tier and reasons. A reveal is sealed in
    the decision log first, and refused where there is no audit key to seal it with.

    Example: bank360 profile show Ca1b2c3d4e5f6 --home demo
    """
    from bank360.cli.data_notes import age_lines
    from bank360.cli.lacks import unscored_or_stale
    from bank360.cli.profile_print import print_profile
    from bank360.cli.runs import Bank
    from bank360.pipeline.profile import profile
    from bank360.pipeline.reveal import seal_reveal

    bank = open_home(home)
    with warehouse_of(bank, read_only=True) as warehouse, progress_bar() as report:
        now, own = Bank(bank, warehouse, report).now, bank.settings.bank
        found = profile(warehouse, customer, now, own.zone, own.currency, own.country, reveal)
        notes = age_lines(bank, warehouse, now, short=True)
        why = None if found.scores else unscored_or_stale(Bank(bank, warehouse, report))
    if reveal:
        with log_of(bank, new=True) as log:
            seal_reveal(log, found.customer_id, operator(), (fresh_id(), fresh_id()), this_instant(bank))
    if json:
        typer.echo(json_text.dumps(asdict(found), default=str))
    else:
        print_profile(found, bank.settings.bank.zone, everything)
        if why is not None:
            typer.echo(made_whole(f"\nNo score: {why}"))
        for line in notes:
            typer.echo(line)
