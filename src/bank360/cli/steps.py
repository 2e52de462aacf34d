"""``bank360 check | build``: what is wrong with the accepted rows, and everybody's features."""

import json as json_text
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from textwrap import wrap
from typing import TYPE_CHECKING

import typer

from bank360.bank.counted import counted
from bank360.bank.vocabulary import Severity
from bank360.cli.home import HomeOption, JsonOption, open_home, warehouse_of
from bank360.cli.progress import progress_bar
from bank360.cli.typed import command, in_lines, made_whole

if TYPE_CHECKING:
    from bank360.bank.finding import Finding

_ALIKE = (
    20  # findings of one rule about one table that are printed; a bank may have 100,000 accounts that do not add up
)


def check(home: HomeOption = None, json: JsonOption = False) -> None:
    """Look for what is wrong with the accepted rows.

    Rows that came late, name another that is not there or contradict each other, balances that do not follow from
    movements: what is found is listed, no row changed. Exit code 1 where any is an error, by which results would be
    wrong; warnings and what is worth knowing leave it 0.

    Example: bank360 check --home demo
    """
    from bank360.cli.runs import Bank, run_check
    from bank360.features.packing import NEVER
    from bank360.pipeline.reconcile import reconciliation
    from bank360.storage.known import BALANCES_HELD, REPAYMENTS_HELD, known_at

    bank = open_home(home)
    own, held = bank.settings.bank, (BALANCES_HELD, REPAYMENTS_HELD)
    with warehouse_of(bank) as warehouse, progress_bar() as report:
        findings = run_check(Bank(bank, warehouse, report))
        controls = reconciliation(warehouse).lines(known_at(warehouse, held, NEVER, own.currency, own.country))
    if json:
        typer.echo(json_text.dumps([asdict(finding) for finding in findings]))
    else:
        _print_findings(findings, controls)
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise typer.Exit(1)


def _print_findings(findings: "Sequence[Finding]", controls: "Iterable[str]") -> None:
    from rich.console import Console

    width = Console().width
    if findings:
        typer.echo(f"{'level':<8} table, rows: what was found")
    printed: Counter[tuple[str, str]] = Counter()
    for finding in findings:
        printed[finding.table, finding.rule] += 1
        if printed[finding.table, finding.rule] > _ALIKE:
            continue
        head = f"{finding.severity:<8} {finding.table}, {counted(finding.rows, 'row')}: "
        for line in in_lines(head + finding.message, width, " " * 9):
            typer.echo(line)
    for (table, _), number in printed.items():
        if number > _ALIKE:
            all_of_them = command("check --json")
            typer.echo(f"... and {number - _ALIKE:,} more of {table} like these: '{all_of_them}' lists all")
    for control in controls:
        for line in wrap(control, width, subsequent_indent=" " * 9, break_on_hyphens=False):
            typer.echo(line)
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    of_them = f", {errors:,} of them {'an error' if errors == 1 else 'errors'}" if errors else ""
    typer.echo(f"{counted(len(findings), 'finding')}{of_them}." if findings else "No findings.")


def build(home: HomeOption = None, json: JsonOption = False) -> None:
    """Resolve who is who and compute features.

    Of every customer, and of every merchant and terminal where somebody paid.

    Example: bank360 build --home demo
    """
    from bank360.cli.data_notes import age_lines, no_data_lines
    from bank360.cli.runs import Bank, run_build, run_identify

    bank = open_home(home)
    with warehouse_of(bank) as warehouse, progress_bar() as report:
        ready = Bank(bank, warehouse, report)
        identity, built = run_identify(ready), run_build(ready)
        notes = age_lines(bank, warehouse, short=built is None)
    if json:
        typer.echo(
            json_text.dumps(
                {"identity": identity and asdict(identity), "features": built and asdict(built)}, default=str
            )
        )
        return
    if identity is not None:
        typer.echo(
            f"{counted(identity.source_keys, 'source key is', 'source keys are')} "
            f"{counted(identity.customers, 'customer')} "
            f"({identity.merged:,} duplicates merged, {counted(identity.to_review, 'pair')} to review)"
        )
        if identity.to_review:
            typer.echo("'bank360 identity list' prints the pairs.")
    if built is None:
        typer.echo("Features are up to date.")
    else:
        events = sum(built.events.values())
        typer.echo(
            f"{built.features} features of {counted(built.customers, 'customer')} from {counted(events, 'event')}"
        )
        typer.echo("and of " + " and ".join(counted(n, kind) for kind, n in built.places.items()))
        for finding in built.findings:
            typer.echo(made_whole(f"{finding.severity}: {finding.message}"))
        notes += no_data_lines(built)
    for line in notes:
        typer.echo(line)
