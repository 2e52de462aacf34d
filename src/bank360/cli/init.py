"""``bank360 init DIR``: a home folder with a commented bank360.yaml, mappings proposed where files lie there."""

from pathlib import Path
from typing import Annotated

import typer

from bank360.bank.errors import SettingsError


def init(
    folder: Annotated[Path, typer.Argument(help="The new home folder; files in it are looked at for mappings.")],
    name: Annotated[str, typer.Option(help="The bank's name.")] = "My bank",
    force: Annotated[bool, typer.Option("--force", help="Replace a bank360.yaml that is there.")] = False,
) -> None:
    """Make a home folder with a commented bank360.yaml.

    A mapping is proposed for each delimited file that lies there.

    Example: bank360 init my-bank
    """
    from bank360.cli.home import read_settings
    from bank360.settings import FILE_NAME
    from bank360.sources.mapping_template import HEAD_BYTES, template
    from bank360.storage.file_head import file_heads, parquet_names

    target = folder / FILE_NAME
    if target.exists() and not force:
        raise SettingsError(f"{target} exists already. Edit it, or replace it with --force.")
    if folder.exists() and not folder.is_dir():
        raise SettingsError(f"{folder} is a file. Name a folder.")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "raw").mkdir(exist_ok=True)
    heads = file_heads(folder, HEAD_BYTES)
    target.write_text(template(name, heads), encoding="utf-8")
    sources = read_settings(folder).sources
    typer.echo(f"{target} written.")
    for source in sources:
        kind = "flat" if "flat" in source.mapping else "ledger"
        typer.echo(f"  source '{source.name}': a proposed {kind} mapping. Look it through before you use it.")
    parquet = parquet_names(folder)
    if parquet:
        typer.echo(
            f"{len(parquet)} Parquet file(s) seen, such as {parquet[0]}: no mapping is proposed for these. Write one by"
            f" hand, after the examples in {target}."
        )
    if any("label" in source.mapping.get("flat", {}) for source in sources):
        typer.echo(f"Then: bank360 train --source NAME --home {folder}")
    typer.echo(
        f"Then: bank360 ingest --home {folder}" if sources else "State the bank's files in it, then: bank360 ingest"
    )
