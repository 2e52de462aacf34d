"""``bank360 profile show``: the 360 of one customer on the terminal, identity masked unless asked for."""

import json as json_text
from dataclasses import asdict
from typing import Annotated

import typer

from bank360.cli.home import HomeOption, JsonOption, open_home, warehouse_of
from bank360.cli.progress import progress_bar

app = typer.Typer(no_args_is_help=True, help="Customer 360 profiles.")


@app.callback()
def _profiles() -> None:
    pass


@app.command("show")
def show(
    customer: Annotated[str, typer.Argument(help="Customer id, or a key by which a source names the customer.")],
    reveal: Annotated[bool, typer.Option("--reveal", help="Show direct identifiers as they are.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Every value, not only the headlines.")] = False,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Print who a customer is, how they behave, what moves on their accounts, their score, tier and reasons.

    Example: bank360 profile show C0000001 --home demo
    """
    from bank360.cli.profile_print import print_profile
    from bank360.cli.runs import Bank
    from bank360.pipeline.profile import profile

    bank = open_home(home)
    with warehouse_of(bank) as warehouse, progress_bar() as report:
        found = profile(warehouse, customer, Bank(bank, warehouse, report).now, bank.settings.bank.zone, reveal)
    if json:
        typer.echo(json_text.dumps(asdict(found), default=str))
    else:
        print_profile(found, bank.settings.bank.zone, everything)
