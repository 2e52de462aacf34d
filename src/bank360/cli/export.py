"""``bank360 export``: the star schema and what was found, as files for spreadsheets and other tools."""

import json as json_text
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bank360.bank.counted import counted
from bank360.bank.vocabulary import ExportFormat, Reveal
from bank360.cli.home import HomeOption, JsonOption, open_home, warehouse_of
from bank360.cli.progress import progress_bar
from bank360.cli.store import fresh_id, log_of, operator, this_instant


def export(
    kind: Annotated[ExportFormat, typer.Option("--format", help="What kind of files.")] = ExportFormat.CSV,
    out: Annotated[
        Path | None, typer.Option(help="The folder to write. Default: 'export' in the home folder.", show_default=False)
    ] = None,
    reveal: Annotated[
        list[Reveal] | None,
        typer.Option(help="Also identity columns, or protected ones; asked twice, both. The log keeps who asked."),
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Put it in the place of an earlier export.")] = False,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Write facts, dimensions and features as files.

    Facts, dimensions, alerts, customers' behaviour by month and over their lifetime, and the features of merchants and
    terminals, as known now. Pseudonymous: no column says who somebody is, nor does an account's id, unless --reveal
    asks for it. Amounts are minor units; instants are UTC; sql/schema.sql explains every column.

    Example: bank360 export --format parquet --out /tmp/tables --home demo
    """
    from bank360.bank.tables_star import DIM_CUSTOMER
    from bank360.cli.runs import Bank, run_build, run_identify
    from bank360.pipeline.audit import seal_export
    from bank360.pipeline.export import export as written
    from bank360.pipeline.find_alerts import blind_rules, rules_known
    from bank360.storage.export_files import may_be_replaced
    from bank360.storage.known import not_delivered

    bank, shown = open_home(home), frozenset(reveal or ())
    folder = bank.export if out is None else out
    may_be_replaced(folder, replace)
    with warehouse_of(bank) as warehouse, progress_bar() as report:
        ready, own = Bank(bank, warehouse, report), bank.settings.bank
        run_identify(ready)
        run_build(ready)
        if shown:
            with log_of(bank, new=True) as log:
                seal_export(log, fresh_id(), operator(), this_instant(bank), tuple(sorted(shown)))
        threads = bank.settings.engine.threads
        done = written(
            *(warehouse, folder, kind, ready.now, own.zone, own.currency, own.country),
            *(fresh_id(), shown, replace, threads, report, ready.outside),
        )
        blind = blind_rules(rules_known(warehouse, ready.now, own.currency, own.country))
    if json:
        typer.echo(json_text.dumps(asdict(done) | {"folder": str(folder)}))
        return
    for table in done.tables:
        held = f"  without {', '.join(table.held_back)}" if table.held_back else ""
        typer.echo(f"{table.file:<32}{table.rows:>12,} rows{held}")
    versions = next(table.rows for table in done.tables if table.table == DIM_CUSTOMER.name)
    typer.echo(
        f"DimCustomer has {counted(versions, 'version')} of {counted(done.customers, 'customer')}: a row for each time "
        "the bank came to know otherwise. Where 'is_current' is true there is one row for each."
    )
    if done.renamed_accounts:
        typer.echo(
            f"{counted(done.renamed_accounts, 'account')} under a pseudonym of this export, for an IBAN or the number "
            "of a card is their id."
        )
    for rule, unmet in blind:
        typer.echo(f"No alert of {rule}: {not_delivered(unmet)}.")
    typer.echo(f"As known before {done.as_of}, in {folder}.")
    if done.reveals:
        typer.echo(
            f"THIS EXPORT SHOWS {' AND '.join(done.reveals).upper()} COLUMNS of every customer: keep it as such."
        )
