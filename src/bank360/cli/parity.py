"""``bank360 parity``: runs on public data sets as the literature made them, to compare with published results."""

import json as json_text
from pathlib import Path
from typing import Annotated

import typer

from bank360.bank.errors import NotFound
from bank360.cli.home import JsonOption
from bank360.cli.progress import progress_bar

app = typer.Typer(no_args_is_help=True, help="Runs on public data sets, split as in the literature.")


@app.callback()
def _parities() -> None:
    pass


@app.command("berka")
def berka(
    data: Annotated[Path, typer.Option(help="Folder with the data set's files.")],
    json: JsonOption = False,
) -> None:
    """Predict bad loans of the PKDD'99 Czech bank.

    From what was known before each loan.

    Example: bank360 parity berka --data ../shared/data/berka
    """
    from bank360.pipeline.parity_berka import parity_berka

    if not data.is_dir():
        raise NotFound(f"There is no folder {data}. Name the one that holds loan.asc and trans_union.csv.")
    with progress_bar() as report:
        found = parity_berka(data, progress=report)
    if json:
        typer.echo(json_text.dumps(found.to_json()))
        return
    for line in found.lines():
        typer.echo(line)


@app.command("fraud-handbook")
def fraud_handbook(
    data: Annotated[Path, typer.Option(help="Folder with the data set's file.")],
    seeds: Annotated[int, typer.Option(min=1, max=100, help="How many models the mean is of.")] = 10,
    json: JsonOption = False,
) -> None:
    """Predict fraudulent card payments of the fraud handbook.

    From what was known of customer and terminal at each payment; reports are known after a week.

    Example: bank360 parity fraud-handbook --data ../shared/data/fraud_handbook
    """
    from bank360.pipeline.parity_fraud_handbook import parity_fraud_handbook

    if not data.is_dir():
        raise NotFound(
            f"There is no folder {data}. Name the one that holds transactions_2018-04-01_2018-09-30.parquet."
        )
    with progress_bar() as report:
        found = parity_fraud_handbook(data, seeds, progress=report)
    if json:
        typer.echo(json_text.dumps(found.to_json()))
        return
    for line in found.lines():
        typer.echo(line)
