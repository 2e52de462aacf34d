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


@app.command("rfm")
def rfm(
    data: Annotated[Path, typer.Option(help="The tutorial's file of credit card customers.")],
    out: Annotated[Path, typer.Option(help="Folder for the table and the model.")] = Path("rfm"),
    clusters: Annotated[int, typer.Option(min=2, max=20, help="How many.")] = 3,
    seed: Annotated[int, typer.Option(min=0, help="Of what is left out, and of the start.")] = 42,
    json: JsonOption = False,
) -> None:
    """Repeat a tutorial's recency, frequency and monetary value.

    Scaled by the training rows alone, clustered by K-means. Writes rfm.csv, and model.json with the scaler.

    Example: bank360 parity rfm --data "Credit Card Customer Data.csv" --out /tmp/rfm
    """
    from bank360.pipeline.parity_rfm import parity_rfm
    from bank360.storage.csv_output import write_csv
    from bank360.storage.durable import make_folder, write_whole

    found = parity_rfm(data, clusters, seed)
    make_folder(out)
    write_csv(out / "rfm.csv", *found.table())
    write_whole(out / "model.json", json_text.dumps(found.model(), indent=2).encode() + b"\n")
    if json:
        typer.echo(json_text.dumps(found.to_json()))
        return
    for line in found.lines():
        typer.echo(line)
    typer.echo(f"Written: {out / 'rfm.csv'}, {out / 'model.json'}")
