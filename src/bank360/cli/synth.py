"""``bank360 synth generate | cards | check | oracle``: synthetic banks, whether they are what they say, their truth."""

import json as json_text
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bank360.bank.counted import counted
from bank360.bank.errors import NotReady
from bank360.cli.home import Home, HomeOption, JsonOption, open_home, warehouse_of
from bank360.cli.progress import progress_bar

app = typer.Typer(no_args_is_help=True, help="The demonstration bank, and a bank around a card file.")

Customers = Annotated[int, typer.Option(min=200, max=10_000_000, help="Customers at any one time.")]
Months = Annotated[int, typer.Option(min=24, max=240, help="Months of history.")]
Seed = Annotated[int, typer.Option(min=0, help="Same seed, same bytes.")]

DEMO_CUSTOMERS, DEMO_MONTHS, DEMO_SEED = 25_000, 60, 42
CARD_ROWS, CARD_FRAUDS = 284_807, 492  # of the published file


@app.command("generate")
def generate(
    folder: Annotated[Path, typer.Argument(help="Folder to write raw/ and truth/ into.")],
    customers: Customers = DEMO_CUSTOMERS,
    months: Months = DEMO_MONTHS,
    seed: Seed = DEMO_SEED,
    threads: Annotated[int, typer.Option(min=1, max=64)] = 2,
) -> None:
    """Write the deliveries of a synthetic bank.

    They come into FOLDER/raw, what only its maker knows into FOLDER/truth. Its people are British: names and addresses
    are made up from Faker's en_GB.

    Example: bank360 synth generate my-bank --customers 5000
    """
    from bank360.pipeline.generate import generate as write

    folder.mkdir(parents=True, exist_ok=True)
    with progress_bar() as report:
        made = write(folder / "raw", folder / "truth", customers, months, seed, report, threads)
    for table, rows in sorted(made.rows.items()):
        typer.echo(f"{table:<22}{rows:>12,} rows")


@app.command("cards")
def cards(
    folder: Annotated[Path, typer.Argument(help="Folder to write creditcard.csv into.")],
    reference: Annotated[Path, typer.Option(help="The card file of 31 columns, or a part of it.")],
    rows: Annotated[int, typer.Option(min=100, max=10_000_000, help="Payments.")] = CARD_ROWS,
    frauds: Annotated[int, typer.Option(min=0, help="Frauds among them.")] = CARD_FRAUDS,
    seed: Seed = DEMO_SEED,
) -> None:
    """Write a card file of any size, distributed as another.

    A source of kind 'creditcard_csv' builds a British retail bank around it.

    Example: bank360 synth cards my-cards/raw --reference creditcard.csv
    """
    from bank360.pipeline.card_files import write_lookalike

    if frauds > rows:
        raise typer.BadParameter(f"{frauds:,} frauds are more than {rows:,} rows", param_hint="--frauds")
    with progress_bar() as report:
        report("drawing payments", 0, 0)
        path = write_lookalike(reference, folder, rows, frauds, seed)
    kind = "creditcard_csv" if (rows, frauds) == (CARD_ROWS, CARD_FRAUDS) else "creditcard_csv_part"
    typer.echo(
        f"{path}: {counted(rows, 'row')}, {counted(frauds, 'fraud')}. A source of kind '{kind}' "
        f"builds a bank around it."
    )


@app.command("check")
def check(
    home: HomeOption = None,
    reference: Annotated[
        Path | None, typer.Option(help="A card file to hold the bank's payments against instead.", show_default=False)
    ] = None,
    json: JsonOption = False,
) -> None:
    """Print the synthetic bank beside its targets.

    Exit code 1 where a magnitude is outside its tolerance. With --reference, a bank built around a card file beside
    that file: amount, hour, fraud rate, V1 to V28 and their correlations.

    Example: bank360 synth check --home demo
    """
    from bank360.labels.application_default import DefaultDefinition
    from bank360.pipeline.synth_check import synth_check

    bank = open_home(home)
    if reference is not None:
        _check_reference(bank, reference, json)
        return
    with progress_bar() as report:
        definition = DefaultDefinition(**bank.settings.default.model_dump())
        checked = synth_check(bank.raw, bank.truth, report, bank.settings.engine.threads, definition)
    if json:
        typer.echo(json_text.dumps([asdict(row) for row in checked.rows]))
    else:
        from bank360.cli.synth_table import print_check

        print_check(checked.rows)
    raise typer.Exit(1 if checked.failures else 0)


def _check_reference(bank: Home, reference: Path, json: bool) -> None:
    from bank360.cli.synth_table import print_compared
    from bank360.pipeline.reference_check import check_against_reference

    with progress_bar() as report, warehouse_of(bank, read_only=True) as warehouse:
        report("comparing payments", 0, 0)
        found = check_against_reference(warehouse, reference, bank.settings.bank.zone)
    if json:
        said = {**asdict(found), "rows": [{**asdict(row), "ok": row.ok} for row in found.rows]}
        typer.echo(json_text.dumps(said))
    else:
        print_compared(found)
    raise typer.Exit(1 if found.failures else 0)


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
