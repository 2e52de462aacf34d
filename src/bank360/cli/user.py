"""``bank360 user add | password | list | check``: who may log in; passwords are typed or come from standard input."""

import json as json_text
import sys
from typing import Annotated

import typer

from bank360.bank.errors import SettingsError
from bank360.bank.vocabulary import Role
from bank360.cli.home import HomeOption, JsonOption, open_home
from bank360.cli.store import fresh_id, log_of, operator, this_instant
from bank360.cli.typed import made_whole

app = typer.Typer(no_args_is_help=True, help="Who may log in.")

Name = Annotated[str, typer.Argument(help="The name to log in with: letters, digits and . _ - @")]
_OTHERS = set("._-@")
_LONGEST_NAME = 64


@app.command("add")
def add(name: Name, role: Annotated[Role, typer.Option(help="What the user may do.")], home: HomeOption = None) -> None:
    """Add a user; the password is asked for, or read from a pipe.

    Example: bank360 user add ann --role risk_analyst --home demo
    """
    from bank360.pipeline.users import add_user

    if not name or len(name) > _LONGEST_NAME or not all(c.isalnum() or c in _OTHERS for c in name):
        raise SettingsError("A user's name is 1 to 64 letters, digits and . _ - @. Choose another.")
    opened = open_home(home)
    with log_of(opened, new=True) as log:
        password = asked_password(confirm=True)
        add_user(log, name, role, password, (fresh_id(), fresh_id()), operator(), this_instant(opened))
    typer.echo(f"{name} may log in as {role.value}.")


@app.command("password")
def password(name: Name, home: HomeOption = None) -> None:
    """Change a password; it is asked for, or read from a pipe.

    Example: bank360 user password ann --home demo
    """
    from bank360.pipeline.users import change_password

    opened = open_home(home)
    with log_of(opened) as log:
        change_password(log, name, asked_password(confirm=True), fresh_id(), operator(), this_instant(opened))
    typer.echo(f"{name} has a new password.")


@app.command("list")
def list_users(home: HomeOption = None, json: JsonOption = False) -> None:
    """Print every user and role.

    Example: bank360 user list --home demo
    """
    from bank360.storage.users import all_users

    with log_of(open_home(home)) as log, log.store.reading() as connection:
        found = all_users(connection)
    if json:
        typer.echo(json_text.dumps([{"name": user.name, "role": user.role.value} for user in found]))
        return
    if found:
        typer.echo(f"{'name':<24}role")
    for user in found:
        typer.echo(f"{user.name:<24}{user.role.value}")
    if not found:
        typer.echo(made_whole("There is no user yet. 'bank360 user add NAME --role viewer' adds one."))


@app.command("check")
def check(name: Name, home: HomeOption = None) -> None:
    """Tell whether a password opens an account.

    Exit code 1 if not; a name that does not exist is answered the same.

    Example: bank360 user check ann --home demo
    """
    from bank360.pipeline.users import log_in

    with log_of(open_home(home)) as log:
        user = log_in(log.store, name, asked_password(confirm=False))
    typer.echo(
        "That name and password do not fit." if user is None else f"{user.name} may log in as {user.role.value}."
    )
    raise typer.Exit(1 if user is None else 0)


def asked_password(*, confirm: bool) -> str:
    """Return the password typed without echo, or the first line of standard input where that is no terminal."""
    if sys.stdin.isatty():
        typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt=confirm)
        return typed
    return sys.stdin.readline().rstrip("\n")
