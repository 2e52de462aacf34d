"""``bank360 sources list | show``: the kinds of files that are known by name, and the columns each must have."""

import json as json_text
from dataclasses import asdict
from typing import Annotated

import typer

from bank360.cli.home import JsonOption

app = typer.Typer(no_args_is_help=True, help="Files that are known by name, and their columns.")


@app.command("list")
def list_kinds(json: JsonOption = False) -> None:
    """Print every kind of source that bank360.yaml may name.

    Example: bank360 sources list
    """
    from bank360.pipeline.source_files import kinds_told

    kinds = kinds_told()
    if json:
        typer.echo(json_text.dumps(kinds))
        return
    width = max(map(len, kinds))
    typer.echo(f"{'kind':<{width}}  what it reads")
    for kind, meaning in kinds.items():
        typer.echo(f"{kind:<{width}}  {meaning}")


@app.command("show")
def show(
    kind: Annotated[str, typer.Argument(help="A kind of source; 'bank360 sources list' names them all.")],
    json: JsonOption = False,
) -> None:
    """Print the columns that the files of a kind must have.

    Example: bank360 sources show loan_applications_csv
    """
    from bank360.pipeline.source_files import files_told
    from bank360.settings import Bank

    files = files_told(kind, Bank().zone, Bank().currency)
    if json:
        typer.echo(json_text.dumps([asdict(file) for file in files]))
        return
    if not files:
        typer.echo("Its mapping in bank360.yaml says which files and columns; 'bank360 init FOLDER' proposes one.")
    for file in files:
        may_lack = ", may be lacking" if file.optional else ""
        typer.echo(f"{file.name}: {file.pattern}{may_lack}; fills {', '.join(file.fills)}")
        width = max((len(column.name) for column in file.columns), default=0)
        for column in file.columns:
            said = column.meaning or (column.type if column.type != "any" else "as the file writes it")
            typer.echo(f"  {column.name:<{width}}  {said}{'' if column.required else ', may be lacking'}")
