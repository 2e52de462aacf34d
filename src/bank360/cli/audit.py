"""``bank360 audit verify | replay | anchor | note | forget``: the sealed log of decisions and acts."""

import json as json_text
import sys
import time
from typing import Annotated

import typer

from bank360.bank.counted import counted
from bank360.bank.errors import SettingsError
from bank360.cli.home import HomeOption, JsonOption, open_home
from bank360.cli.store import fresh_id, log_of, operator, this_instant

app = typer.Typer(no_args_is_help=True, help="The sealed log of decisions and acts.")

_MOST_SHOWN = 20
_NOT_ERASED = (
    "Not erased: backups of the store, files in the landing zone, the warehouse, published versions, and events that\n"
    "wait for the landing zone. The next night finds the customer again while the bank's deliveries have them."
)
Customer = Annotated[str, typer.Argument(help="The customer's id.")]


@app.command("verify")
def verify(home: HomeOption = None, json: JsonOption = False) -> None:
    """Verify every record, the chain, its head and its anchor.

    Exit code 1 if anything does not fit; each fault with the record where it shows.

    Example: bank360 audit verify --home demo
    """
    from bank360.storage.decision_verify import verify_log

    with log_of(open_home(home)) as log:
        began = time.perf_counter()
        verdict = verify_log(log)
        seconds = time.perf_counter() - began
    if json:
        faults = [{"sequence": fault.sequence, "problem": fault.problem} for fault in verdict.faults]
        end = {"sequence": verdict.end.sequence, "mac": verdict.end.mac.hex()}
        typer.echo(json_text.dumps({"records": verdict.records, "end": end, "faults": faults}))
    else:
        for fault in verdict.faults[:_MOST_SHOWN]:
            typer.echo(f"record {fault.sequence}: {fault.problem}")
        more = len(verdict.faults) - _MOST_SHOWN
        if more > 0:
            typer.echo(f"and {more} faults more")
        said = f"{len(verdict.faults)} faults" if verdict.faults else "every one as it was sealed"
        typer.echo(f"{counted(verdict.records, 'record')} in {seconds:.2f} s: {said}. End: {verdict.end.mac.hex()}")
    raise typer.Exit(1 if verdict.faults else 0)


@app.command("replay")
def replay(
    decision: Annotated[str, typer.Argument(help="The decision's id, or its first six characters or more.")],
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Make a past decision again from its record.

    Says whether the same bytes come out, from the recorded feature values, the stored models and the policy kept by its
    hash. Exit code 1 if they differ.

    Example: bank360 audit replay 5f0c3a --home demo
    """
    from bank360.pipeline.replay import replay_decision
    from bank360.storage.registry import Registry
    from bank360.storage.short_ids import decision_meant

    opened = open_home(home)
    with log_of(opened) as log:
        with log.store.reading() as connection:
            decision = decision_meant(connection, decision)
        made = replay_decision(log.store, Registry(opened.registry), decision)
    record = made.record
    if json:
        said = {"decision_id": record.decision_id, "sequence": made.sequence, "outcome": str(record.outcome)}
        versions = {use.model: use.version for use in record.models}
        about = {"policy": record.policy, "policy_hash": record.policy_hash, "models": versions}
        typer.echo(json_text.dumps(said | about | {"same": made.same}))
    else:
        models = ", ".join(f"{use.model} {use.version}" for use in record.models) or "no model"
        typer.echo(f"decision {record.decision_id}")
        typer.echo(f"record {made.sequence}: {record.outcome}, by {record.policy} {record.policy_version} and {models}")
        typer.echo(f"{len(made.again):,} bytes, {'the same' if made.same else 'NOT the same'} as sealed.")
    raise typer.Exit(0 if made.same else 1)


@app.command("anchor")
def anchor(home: HomeOption = None) -> None:
    """Set the anchor to the log's end, after verifying the log.

    For a machine that has none yet, or after a restore; sealed with who did it. Records cut off before are then no
    longer found: first look for the anchor's copy.

    Example: bank360 audit anchor --home demo
    """
    from bank360.pipeline.audit import anchor_anew

    opened = open_home(home)
    with log_of(opened) as log:
        verdict = anchor_anew(log, fresh_id(), operator(), this_instant(opened))
    typer.echo(f"{counted(verdict.records, 'record')} verified; anchored after record {verdict.end.sequence}.")


@app.command("note")
def note(
    customer: Customer,
    text: Annotated[str, typer.Argument(help="What to record; no name, address or other direct identifier.")],
    home: HomeOption = None,
) -> None:
    """Seal a note about a customer, under their pseudonym.

    What was decided outside the system, or why something was done.

    Example: bank360 audit note C8bcab6cac93b "complaint upheld, fee returned" --home demo
    """
    from bank360.pipeline.audit import note_on_customer

    opened = open_home(home)
    with log_of(opened, new=True) as log:
        fresh = (fresh_id(), fresh_id())
        sequence = note_on_customer(log, customer, text, fresh, operator(), this_instant(opened))
    typer.echo(f"Sealed as record {sequence}.")


@app.command("forget")
def forget(
    customer: Customer,
    yes: Annotated[bool, typer.Option("--yes", help="Erase without asking: somebody has made sure.")] = False,
    home: HomeOption = None,
) -> None:
    """Erase a customer from the store.

    Says first what that takes, and asks for the id once more. The records in the log stay and verify; nothing leads
    from them to the person any more. Cases lose customer, ground and comments, and kept answers are emptied; the packed
    histories that are kept go as a whole. Backups, landing files, warehouse and published versions keep what they have.
    It cannot be undone.

    Example: bank360 audit forget C8bcab6cac93b --home demo
    """
    from bank360.pipeline.audit import forget_customer, what_forgetting_erases
    from bank360.storage.kept_histories import drop_kept

    opened = open_home(home)
    with log_of(opened) as log:
        would = what_forgetting_erases(log, customer)
        typer.echo(
            f"To be erased of customer {customer}, from the store only:\n"
            f"  records in the log that will lead to nobody  {would.records:,}\n"
            f"  cases to be emptied, open ones withdrawn     {would.cases:,}\n"
            f"  comments on them                             {would.comments:,}\n"
            f"  kept answers to requests                     {would.answers:,}\n"
            f"{_NOT_ERASED}\nIt cannot be undone."
        )
        if not yes and _typed("Type the customer's id to erase them: ") != customer:
            raise SettingsError("Nothing was erased: that is not the customer's id. Type it, or add --yes.")
        dropped = drop_kept(opened.histories)
        sequence, _ = forget_customer(log, customer, fresh_id(), operator(), this_instant(opened))
    typer.echo(f"Erased from the store: {customer}; sealed as record {sequence}.")
    if dropped:
        typer.echo("The packed histories that were kept are gone, everybody's; the next night packs them anew.")


def _typed(question: str) -> str:
    """Return the line typed at the terminal, or the first line of standard input where that is no terminal."""
    typer.echo(question, nl=False)
    line = sys.stdin.readline().strip()
    if not sys.stdin.isatty():
        typer.echo()
    return line
