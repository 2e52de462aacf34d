"""The command line: one verb per pipeline step, registered here in the order a bank uses them.

A user's mistake, in what is typed or in what is there, ends in one clear line and exit code 2; what looks for faults
(`check`, `doctor`, `audit verify`, `synth check`) ends with exit code 1 where it finds one; anything else is our own
mistake and shows its traceback.
Nothing heavy is imported before a command runs, so that ``--help`` answers in under half a second.
"""

import errno
import sys
from typing import Annotated, NoReturn

import typer

from bank360 import __version__
from bank360.bank.errors import Bank360Error, WarehouseDamaged
from bank360.cli import (
    alerts,
    audit,
    backup,
    decide,
    demo,
    doctor,
    eda,
    explain,
    export,
    features,
    identity,
    ingest,
    init,
    models,
    nightly,
    parity,
    policy,
    profile,
    publish,
    queue,
    rebuild,
    score,
    serve,
    source_kinds,
    steps,
    synth,
    train,
    user,
)
from bank360.cli.group import Group
from bank360.cli.stopping import stoppable
from bank360.cli.typed import home_is, made_whole

app = typer.Typer(
    cls=Group,
    name="bank360",
    help="Customer 360 and decision platform for retail banks: one customer, one clock, one definition of each "
    "feature, one record of each decision.\n\nWhat its words mean: docs/reference/glossary.md\n\n"
    "Example: bank360 nightly --home demo",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"bank360 {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


app.command("init")(init.init)
app.command("ingest")(ingest.ingest)
app.command("check")(steps.check)
app.command("build")(steps.build)
app.command("train")(train.train)
app.command("score")(score.score)
app.command("eda")(eda.eda)
app.command("explain")(explain.explain)
app.command("decide")(decide.decide)
app.command("alerts")(alerts.alerts)
app.command("nightly")(nightly.nightly)
app.command("publish")(publish.publish)
app.command("export")(export.export)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("rebuild")(rebuild.rebuild)
app.command("serve")(serve.serve)
app.command("doctor")(doctor.doctor)
app.command("demo")(demo.demo)
app.add_typer(profile.app, name="profile", cls=Group)
app.add_typer(source_kinds.app, name="sources", cls=Group)
app.add_typer(identity.app, name="identity", cls=Group)
app.add_typer(features.app, name="features", cls=Group)
app.add_typer(models.app, name="models", cls=Group)
app.add_typer(queue.app, name="queue", cls=Group)
app.add_typer(policy.app, name="policy", cls=Group)
app.add_typer(user.app, name="user", cls=Group)
app.add_typer(audit.app, name="audit", cls=Group)
app.add_typer(synth.app, name="synth", cls=Group)
app.add_typer(parity.app, name="parity", cls=Group)


def main() -> None:
    """Run the command line."""
    home_is(None)
    try:
        with stoppable(sys.argv[1:]):
            code = _run()
        sys.exit(code)
    except Bank360Error as error:
        _end(str(error))
    except typer.TyperException as error:
        said = error.format_message().replace(": Value error, ", ": ").replace(": Input should", ": it should")
        if said.startswith("Usage:"):  # asked for nothing at all: the help, which is no complaint
            sys.stderr.write(f"{said}\n")
            sys.exit(2)
        _end(f"{said.rstrip('.')}. Add --help to see what is expected.")
    except OSError as error:
        # A folder that may not be written, a disk that is full: the machine's, and a user can mend it.
        if error.filename is None and error.errno != errno.ENOSPC:
            raise
        where = "" if error.filename is None else f": '{error.filename}'"
        _end(f"{error.strerror}{where}. Mend that, then run again.")


def _run() -> int | None:
    """Run the command; where the warehouse turns out to be damaged, make it anew and run the command again, once."""
    try:
        code: int | None = app(prog_name="bank360", standalone_mode=False)
    except WarehouseDamaged as damage:
        from bank360.cli.mending import mend

        mend(damage)
        code = app(prog_name="bank360", standalone_mode=False)
    return code


def _end(said: str) -> NoReturn:
    sys.stderr.write(f"bank360: {made_whole(said)}\n")
    sys.exit(2)
