"""``bank360 synth generate | check | oracle``: the demonstration bank, that it is what it says, and its truth."""

import json as json_text
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bank360.bank.errors import NotReady
from bank360.cli.home import HomeOption, JsonOption, open_home
from bank360.cli.progress import progress_bar

app = typer.Typer(no_args_is_help=True, help="The synthetic demonstration bank.")

Customers = Annotated[int, typer.Option(min=200, max=10_000_000, help="Customers at any one time.")]
Months = Annotated[int, typer.Option(min=24, max=240, help="Months of history.")]
Seed = Annotated[int, typer.Option(min=0, help="Same seed, same bytes.")]

DEMO_CUSTOMERS, DEMO_MONTHS, DEMO_SEED = 25_000, 60, 42


@app.command("generate")
def generate(
    folder: Annotated[Path, typer.Argument(help="Folder to write raw/ and truth/ into.")],
    customers: Customers = DEMO_CUSTOMERS,
    months: Months = DEMO_MONTHS,
    seed: Seed = DEMO_SEED,
    threads: Annotated[int, typer.Option(min=1, max=64)] = 2,
) -> None:
    """Write the deliveries of a synthetic bank.

    They come into FOLDER/raw, what only its maker knows into FOLDER/truth.

    Example: bank360 synth generate my-bank --customers 5000
    """
    from bank360.pipeline.generate import generate as write

    folder.mkdir(parents=True, exist_ok=True)
    with progress_bar() as report:
        made = write(folder / "raw", folder / "truth", customers, months, seed, report, threads)
    for table, rows in sorted(made.rows.items()):
        typer.echo(f"{table:<22}{rows:>12,} rows")


@app.command("check")
def check(home: HomeOption = None, json: JsonOption = False) -> None:
    """Print the synthetic bank beside its targets.

    Exit code 1 where a magnitude is outside its tolerance.

    Example: bank360 synth check --home demo
    """
    from bank360.labels.application_default import DefaultDefinition
    from bank360.pipeline.synth_check import synth_check

    bank = open_home(home)
    with progress_bar() as report:
        definition = DefaultDefinition(**bank.settings.default.model_dump())
        checked = synth_check(bank.raw, bank.truth, report, bank.settings.engine.threads, definition)
    if json:
        typer.echo(json_text.dumps([asdict(row) for row in checked.rows]))
    else:
        from bank360.cli.synth_table import print_check

        print_check(checked.rows)
    raise typer.Exit(1 if checked.failures else 0)


@app.command("oracle")
def oracle(home: HomeOption = None, json: JsonOption = False) -> None:
    """Print the demo's models and rejects beside the truth.

    The truth is read after training and never in it.

    Example: bank360 synth oracle --home demo
    """
    from bank360.cli.synth_table import print_oracle
    from bank360.storage.oracle_truth import read_oracle

    bank = open_home(home)
    found = read_oracle(bank.truth)
    if "models" not in found:
        raise NotReady(f"{bank.truth} holds no comparison with the truth. 'bank360 demo' makes one when it trains.")
    if json:
        typer.echo(json_text.dumps(found))
    else:
        print_oracle(found)
