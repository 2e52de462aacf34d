"""``bank360 eda``: what a file's columns, or customers by their features, look like, as a page and images."""

import re
from collections.abc import Collection
from pathlib import Path
from typing import Annotated

import typer

from bank360.bank.counted import counted
from bank360.bank.errors import NotReady
from bank360.cli.home import HomeOption, open_home, warehouse_of
from bank360.cli.progress import progress_bar


def eda(
    file: Annotated[
        Path | None, typer.Argument(help="A CSV or Parquet file. Default: the features of the bank's customers.")
    ] = None,
    column: Annotated[
        list[str] | None, typer.Option(help="Only this column, or feature; may be asked for several.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the report and its images.")] = Path("eda"),
    home: HomeOption = None,
) -> None:
    """Draw what the columns of a file, or customers, look like.

    Writes eda.html, which needs no other file, and each chart as a PNG: distributions, boxplots, correlations, what is
    missing. Columns that name people or accounts, by their names or by what stands in them, are counted and not shown;
    any other text is shown where five rows have it.

    Example: bank360 eda data/sample_input.csv --column income --column account_balance --out my-eda
    """
    from bank360.cli.eda_html import page
    from bank360.pipeline.explore import explore_features, explore_file
    from bank360.storage.durable import make_folder, write_whole

    try:
        from bank360.cli.eda_charts import IMAGE, charts
    except ImportError as error:
        raise NotReady(
            "'bank360 eda' draws with matplotlib, which is not installed. Install it with: pip install 'bank360[plots]'"
        ) from error
    with progress_bar() as report:
        report("reading", 0, 0)
        if file is not None:
            read = explore_file(file, column or ())
            found, notes, title, about = read.found, read.notes, file.name, f"All rows of {file.name}"
        else:
            bank = open_home(home)
            with warehouse_of(bank, read_only=True) as warehouse:
                found = explore_features(warehouse, column or ())
            notes = ()
            title, about = f"Customers of {bank.settings.bank.name}", "Their features as last built"
        report("drawing", 0, 0)
        images = list(charts(found))
    make_folder(out)
    notes += _without_earlier(out, IMAGE, [f"{name}.png" for name, _, _ in images])
    for name, _, data in images:
        write_whole(out / f"{name}.png", data)
    write_whole(out / "eda.html", page(title, about, found, images).encode())
    typer.echo(
        f"{out / 'eda.html'}: {counted(found.rows, 'row')}, "
        f"{counted(len(found.numbers) + len(found.texts), 'column')}; and as images:"
    )
    for name, shows, _ in images:
        typer.echo(f"  {name}.png  {shows}")
    for note in notes:
        typer.echo(f"note: {note}")


def _without_earlier(out: Path, image: re.Pattern[str], kept: Collection[str]) -> tuple[str, ...]:
    """Remove the images of an earlier report that this one has none in place of: they would be taken for its own."""
    if not (out / "eda.html").is_file():
        return ()
    old = sorted(one.name for one in out.iterdir() if image.fullmatch(one.name) and one.name not in kept)
    for name in old:
        (out / name).unlink()
    return (f"removed from {out}, where an earlier report was: {', '.join(old)}",) if old else ()
