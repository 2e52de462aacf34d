"""``bank360 score``: score a file or every customer."""

import json as json_text
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bank360.bank.counted import counted
from bank360.bank.errors import NotFound, NotReady, SettingsError
from bank360.bank.words import words_of
from bank360.cli.home import HomeOption, JsonOption, open_home, warehouse_of
from bank360.cli.progress import progress_bar
from bank360.cli.sources import entry_named, flat_map_of, flat_only

if TYPE_CHECKING:
    from bank360.pipeline.score_file import OutsideColumn, ScoredFile

_MOST_WORDS = 10


def score(
    file: Annotated[Path | None, typer.Option("--in", help="A flat file to score, instead of the customers.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Where to write the scored file.")] = None,
    source: Annotated[
        str | None, typer.Option(help="Read --in by this source's mapping and score it with its model.")
    ] = None,
    version: Annotated[
        str | None,
        typer.Option(help="A version of that model, or challenger. Default: its champion, the approved one."),
    ] = None,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Score every adult customer, or the rows of a file.

    Customers are scored for the standard request of bank360.yaml; a file is named by --in and --out.
    Without --source, --in is the ten-column file of loan applications, scored by the sample scorecard.

    Example: bank360 score --in data/sample_input.csv --out /tmp/scored.csv
    """
    if file is None and (source is not None or version is not None):
        raise SettingsError("--source and --version are of a file to score: name it with --in, and --out.")
    if (file is None) != (out is None):
        raise SettingsError("--in and --out go together: name both the file to score and where to write it.")
    if file is not None and out is not None:
        if not out.parent.is_dir() or out.is_dir():
            raise NotFound(f"--out {out} cannot be written: name a file in a folder that exists.")
        scored = _score_file(file, out, source, version, home)
        if json:
            typer.echo(json_text.dumps(asdict(scored)))
            return
        by = f"{scored.model} {scored.version} ({scored.candidate})"
        typer.echo(f"{counted(scored.rows, 'row')} scored by {by} into {out}")
        if scored.outside:
            rows = counted(scored.outside, "row has", "rows have")
            typer.echo(f"{rows} a value outside what training saw; the file names its column in each:")
            for column in scored.outside_columns:
                typer.echo(f"  {_outside_in_words(column)}")
        for note in scored.notes:
            typer.echo(note)
        return
    from bank360.cli.lacks import require_champion
    from bank360.cli.publish import run_publish
    from bank360.cli.runs import Bank, run_identify, run_score

    bank = open_home(home)
    flat = flat_only(bank)
    if flat:
        raise NotReady(
            f"{bank.path / 'bank360.yaml'} has flat files only, and no customers to score at night. Score a file: "
            + ", ".join(f"'bank360 score --in FILE --out SCORED --source {name}'" for name in flat)
            + "."
        )
    with warehouse_of(bank) as warehouse, progress_bar() as report:
        ready = Bank(bank, warehouse, report)
        require_champion(ready)
        run_identify(ready)
        done, published = run_score(ready), run_publish(ready)
    if json:
        typer.echo(json_text.dumps(done and asdict(done)))
    elif done is None:
        typer.echo("Scores are up to date.")
    else:
        tiers = ", ".join(f"{count:,} {words_of(tier)}" for tier, count in done.tiers.items())
        typer.echo(f"{counted(done.customers, 'customer')} scored by version {done.version}: {tiers}")
        if done.unknown_age:
            typer.echo(f"{counted(done.unknown_age, 'of them has', 'of them have')} no birth date: counted as adults.")
    if published is not None and not json:
        typer.echo(f"Published as version {published.number}.")


def _outside_in_words(column: "OutsideColumn") -> str:
    """Return which column it is, how many rows, their values and the range of training, one number where both ends are.

    >>> from bank360.pipeline.score_file import OutsideColumn
    >>> _outside_in_words(OutsideColumn("income", 2, -5.0, 12000.0, 0.0, 9500.5))
    'income: 2 rows, -5 to 12,000; training had 0 to 9,500.5'
    >>> _outside_in_words(OutsideColumn("purpose", 3, None, None, None, None, (("boat", 2), ("tent", 1))))
    "purpose: 3 rows with words that training never had, 'boat' (2), 'tent' (1): each is read as of average risk"
    """
    rows = f"{column.name}: {counted(column.rows, 'row')}"
    if column.least is None or column.most is None or column.low is None or column.high is None:
        told = ", ".join(f"'{word}' ({count:,})" for word, count in column.words[:_MOST_WORDS])
        more = len(column.words) - _MOST_WORDS
        told += f" and {counted(more, 'more word')}" if more > 0 else ""
        read = "as the rare words of training together" if column.pooled else "as of average risk"
        return f"{rows} with words that training never had, {told}: each is read {read}"
    return f"{rows}, {_between(column.least, column.most)}; training had {_between(column.low, column.high)}"


def _between(low: float, high: float) -> str:
    ends = tuple(dict.fromkeys(f"{end:,.15g}" for end in (low, high)))
    return " to ".join(ends)


def _score_file(file: Path, out: Path, source: str | None, version: str | None, home: Path | None) -> "ScoredFile":
    from bank360.pipeline.score_file import sample_model, score_file

    if source is None:
        from bank360.sources.loan_applications_csv import loan_applications_map

        return score_file(file, out, loan_applications_map("Europe/London"), sample_model())
    from bank360.storage.registry import Registry

    bank = open_home(home)
    flat = flat_map_of(bank, entry_named(bank, source))
    registry = Registry(bank.registry)
    aliases = registry.aliases(source)
    if version is None and "champion" not in aliases and registry.versions(source):
        from bank360.cli.approving import to_approve

        best, why = to_approve(registry, source)
        told = f" ({why})" if why else ""
        raise NotFound(
            f"Nobody has approved a version of model '{source}' yet. Approve one: "
            f"'bank360 models promote {source} {best} --by NAME'{told}. Or try one unapproved: --version challenger."
        )
    if not registry.versions(source):
        raise NotFound(f"Model '{source}' is not trained yet. Run 'bank360 train --source {source}' first.")
    loaded = registry.load(source, version or "champion")
    scored = score_file(file, out, flat, loaded)
    if loaded.version == aliases.get("champion"):
        return scored
    return replace(scored, notes=(*scored.notes, f"Version {loaded.version} is not the champion: nobody approved it."))
