"""``bank360 backup | restore``: the store, the record that nothing else can make again, copied and put back."""

import json as json_text
from pathlib import Path
from typing import Annotated

import typer

from bank360.bank.counted import counted
from bank360.bank.errors import ChainBroken
from bank360.cli.home import HomeOption, JsonOption, open_home
from bank360.home import log_of, store_of, store_url


def backup(
    folder: Annotated[Path, typer.Argument(help="A new folder for the copy; best on another disk.")],
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Copy the store while it is at work.

    Decisions, users, cases, arrived events: one moment of it, with its anchor and a hash of every row. The landing zone
    and the model registry only grow: copy them as files. The audit key lies elsewhere.

    Example: bank360 backup /var/backups/bank360/monday --home demo
    """
    from bank360.storage.store.backup import backup_store

    bank = open_home(home)
    with store_of(bank) as store:
        made = backup_store(store, bank.path / bank.settings.store.anchor, folder)
    rows = sum(made.rows.values())
    if json:
        typer.echo(json_text.dumps({"rows": made.rows, "sha256": made.sha256, "revision": made.revision}))
    else:
        typer.echo(f"{counted(rows, 'row')} of {len(made.rows)} tables copied to {folder}, SHA-256 {made.sha256[:16]}…")


def restore(
    folder: Annotated[Path, typer.Argument(help="The folder of a backup.")],
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Put a backup of the store in the place of one that is lost.

    Replaces nothing: move away what is left of the store and its anchor first. Every row is held to the backup's hash
    and the decision log is verified. Erasures since the backup must be run again; publish anew.

    Example: bank360 restore /var/backups/bank360/monday --home demo
    """
    from bank360.storage.decision_verify import verify_log
    from bank360.storage.store.backup import restore_store

    bank = open_home(home)
    made = restore_store(folder, store_url(bank), bank.path / bank.settings.store.anchor)
    with log_of(bank) as log:
        verdict = verify_log(log)
    if verdict.faults:
        raise ChainBroken(
            f"Restored as it was backed up, but the decision log has {len(verdict.faults)} faults, the first at record "
            f"{verdict.faults[0].sequence}. Run 'bank360 audit verify'."
        )
    if json:
        typer.echo(json_text.dumps({"rows": made.rows, "sha256": made.sha256, "records_verified": verdict.records}))
    else:
        typer.echo(
            f"{counted(sum(made.rows.values()), 'row')} restored, each as it was; "
            f"{counted(verdict.records, 'record')} verified."
        )
