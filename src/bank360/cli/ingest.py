"""``bank360 ingest``: every source's deliveries, each whole or not at all, and what is said of them."""

import json as json_text
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from bank360.bank.counted import counted
from bank360.bank.errors import DataRefused, NotFound, NotReady
from bank360.cli.home import Home, HomeOption, JsonOption, open_home, warehouse_of
from bank360.cli.progress import progress_bar
from bank360.cli.typed import command, made_whole

if TYPE_CHECKING:
    from bank360.pipeline.ingest import IngestReport
    from bank360.pipeline.progress import Progress
    from bank360.settings import SourceEntry
    from bank360.sources.source import Source
    from bank360.storage.warehouse import Warehouse


class Ingested(NamedTuple):
    """What became of one delivery: its source, the name of its folder, and the report."""

    source: str
    folder: str
    report: "IngestReport"


def ingest(
    folder: Annotated[
        Path | None, typer.Argument(help="A folder of delivered files. Default: each source's own folder.")
    ] = None,
    source: Annotated[str | None, typer.Option(help="Only this source of bank360.yaml.")] = None,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Load new deliveries, each whole or not at all.

    A refused one, or a source whose folder is missing, stops no other source's; the command then ends with exit code 2.
    Unless one source or folder is named, what arrived by the API comes in too.

    Example: bank360 ingest --home demo
    """
    from bank360.cli.data_notes import age_lines
    from bank360.cli.drain import run_drain
    from bank360.cli.mapping_notes import mapping_notes
    from bank360.cli.readings import changes

    bank = open_home(home)
    with warehouse_of(bank, new=True) as warehouse:
        reports, refused = ingest_each(bank, warehouse, folder, source)
        drained = run_drain(bank, warehouse, refused) if folder is None and source is None else None
        arrived = 0 if drained is None else drained.events
        met = 0 if drained is None else drained.interactions
        changed = changes(bank, warehouse)
        after = mapping_notes(bank, changed, known_files_of(reports), source, whole=folder is None)
        if not reports and not arrived and not met:
            tell(after)
            raise_refused(refused)
        new = bool(arrived or met) or any(load.accepted for one in reports for load in one.report.tables)
        notes = age_lines(bank, warehouse, short=not new)
    if json:
        before = {one.source: one.files for one in changed}
        said = [_as_json(one, before.get(one.source, ())) for one in reports]
        came = [] if drained is None or not (arrived or met) else [{"source": "arrived_events", **asdict(drained)}]
        typer.echo(json_text.dumps([*said, *came]))
        tell(after)
        raise_refused(refused)
        return
    for source_name, folder_name, report in reports:
        name = f"{source_name}  {folder_name}"
        for load in report.tables:
            typer.echo(f"{name}  {load.table:<20}{load.accepted:>12,} rows accepted{_corrections(load)}")
        if report.known_files:
            typer.echo(f"{name}  {counted(len({*report.known_files}), 'file')} known already, nothing changed by them")
        for finding in report.findings:
            typer.echo(f"{name}  {finding.severity}: {made_whole(finding.message)}")
    if arrived:
        typer.echo(
            f"arrived_events  {counted(arrived, 'transaction')} that arrived by the API, now in the landing zone"
        )
    if met:
        typer.echo(
            f"arrived_interactions  {counted(met, 'interaction')} that arrived by the API, now in the landing zone"
        )
    for line in notes:
        typer.echo(line)
    tell(after)
    raise_refused(refused)


def tell(notes: Sequence[str]) -> None:
    """Say notes on the error output, each as a line of the product's; after the result, which they are not."""
    sys.stdout.flush()
    for line in notes:
        typer.echo(f"bank360: {line}", err=True)


def run_ingest(home: Home, warehouse: "Warehouse") -> list[Ingested]:
    """Load every source's deliveries as `ingest_each` does, and raise what was refused or missing."""
    done, refused = ingest_each(home, warehouse)
    raise_refused(refused)
    return done


def ingest_each(
    home: Home, warehouse: "Warehouse", folder: Path | None = None, only: str | None = None
) -> tuple[list[Ingested], list[DataRefused | NotFound]]:
    """Finish what an earlier run left, then load every source's deliveries; return what became of each.

    A delivery that is refused ends its own source's turn, for its deliveries come in order, and no other source's; nor
    does a source whose folder is not there. `raise_refused` says each in the end.
    """
    from bank360.cli.sources import source_of_delivery
    from bank360.pipeline.ingest import IngestReport, complete_pending

    entries = [entry for entry in home.settings.sources if only in (None, entry.name)]
    if not entries:
        asked = f"no source '{only}'" if only else "no sources"
        raise NotFound(f"{home.path / 'bank360.yaml'} states {asked}. Add one below 'sources:'.")
    if folder is not None and len(entries) > 1:
        raise NotReady(f"Several sources could read {folder}. Name one: --source {entries[0].name}")
    done: list[Ingested] = []
    refused: list[DataRefused | NotFound] = []
    with progress_bar() as report:
        for result in complete_pending(home.landing, warehouse, source_of_delivery, report):
            if isinstance(result, IngestReport):
                done.append(Ingested("unfinished", "before", result))
            else:
                typer.echo(f"refused again: {result.reason}", err=True)
        for entry in entries:
            try:
                done.extend(_loaded(home, warehouse, entry, folder, report))
            except (DataRefused, NotFound) as reason:
                refused.append(reason)
    return done, refused


def raise_refused(refused: Sequence[DataRefused | NotFound]) -> None:
    """End the command where deliveries were refused or missing, after all else: each in its line, and exit code 2."""
    for reason in refused[:-1]:
        typer.echo(f"bank360: {reason}", err=True)
    if refused:
        raise refused[-1]


def _loaded(
    home: Home, warehouse: "Warehouse", entry: "SourceEntry", folder: Path | None, report: "Progress"
) -> Iterator[Ingested]:
    """Load a source's deliveries one by one and yield what became of each.

    Parameters
    ----------
    folder
        Where they lie; None: in the source's own folder or database.
    """
    from bank360.cli.deliveries import deliveries_of
    from bank360.cli.readings import current_sources
    from bank360.cli.sources import rows_of_nobody, source_of, source_of_delivery, source_settings
    from bank360.pipeline.ingest import ingest as load
    from bank360.pipeline.readings import left_to_rebuild
    from bank360.storage.landing import Landing
    from bank360.storage.ledger import last_known_time

    settings, nobody = source_settings(home, entry), rows_of_nobody(entry)

    def reading(now: datetime) -> "Source":
        found = source_of(entry.name, settings, now)
        return found.without(entry.name) if nobody else found  # its flat file has the source's own name

    left = left_to_rebuild(Landing(home.landing), entry.name, current_sources(home), source_of_delivery)
    reader = reading(home.settings.now(last_known_time(warehouse)))
    if nobody:
        typer.echo(
            f"source '{entry.name}': nothing in its mapping says what a row of its flat file is, so none is loaded as "
            "a customer. Write 'subject: customer' below 'flat' if each row is one, or map the file below 'files' to "
            "the table that it is.",
            err=True,
        )
    with deliveries_of(home, entry, reader, folder, report) as deliveries:
        for name, delivery in deliveries:
            now = home.settings.now(last_known_time(warehouse))
            reader = reading(now)
            if not reader.files:  # a flat file without keys holds no facts about anybody
                if not nobody:
                    typer.echo(
                        f"source '{entry.name}' is a flat file without an id: it trains a model "
                        f"({command(f'train --source {entry.name}')}) and adds nothing to the warehouse.",
                        err=True,
                    )
                return
            yield Ingested(
                entry.name, name, load(reader, delivery, home.landing, warehouse, now, report, settings, left)
            )


def known_files_of(done: Sequence[Ingested]) -> frozenset[str]:
    """Return the sources of which a file was known already: of new files one that does not fit was refused."""
    return frozenset(one.source for one in done if one.report.known_files)


def _corrections(load: Any) -> str:
    parts = [
        f"{count:,} {what}"
        for count, what in ((load.corrections, "of them corrections"), (load.unchanged, "unchanged"))
        if count
    ]
    return f" ({', '.join(parts)})" if parts else ""


def _as_json(one: Ingested, read_before: Sequence[str]) -> dict[str, Any]:
    report = one.report
    return {
        "source": one.source,
        "delivery": one.folder,
        "batch_id": report.batch_id,
        "tables": [asdict(load) for load in report.tables],
        "known_files": list(report.known_files),
        "read_before_the_mapping_changed": list(read_before),  # of the source, in any delivery
        "findings": [asdict(finding) for finding in report.findings],
    }
