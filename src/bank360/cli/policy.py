"""``bank360 policy show | check | access``: a credit policy, whether a file is one, and who may do what."""

import json as json_text
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bank360.bank.errors import NotAllowed, NotFound, NotReady
from bank360.bank.vocabulary import Role
from bank360.cli.decide import PolicyOption
from bank360.cli.home import HomeOption, JsonOption, open_home

if TYPE_CHECKING:
    from bank360.settings import Bank as BankSettings

app = typer.Typer(no_args_is_help=True, help="Credit policies, and who may do what.")


@app.command("show")
def show(policy: PolicyOption = None, home: HomeOption = None, json: JsonOption = False) -> None:
    """Print a policy as it is written, with its hash.

    Of a bank's home also whether it is a policy of that bank's country and currency.

    Example: bank360 policy show --home demo
    """
    from bank360.policies.credit_policy import credit_policy
    from bank360.storage.policy_files import policy_text

    text = policy_text(policy)
    read = credit_policy(text, "the shipped policy" if policy is None else policy.name)
    bank = _bank(home)
    misfit = None if bank is None else read.misfit(bank.currency, bank.country)
    if json:
        typer.echo(json_text.dumps(asdict(read) | ({} if bank is None else {"misfit": misfit})))
        return
    typer.echo(text.rstrip("\n"))
    typer.echo(f"\n# {read.name} {read.version}, SHA-256 {read.hash}")
    if misfit is not None:
        typer.echo(f"# {misfit}")


def _bank(home: Path | None) -> "BankSettings | None":
    """Return the bank of a home that was named or that stands here; None where neither is."""
    try:
        return open_home(home).settings.bank
    except NotReady:
        if home is not None:
            raise
        return None


@app.command("check")
def check(file: Annotated[Path, typer.Argument(help="The policy file.")], json: JsonOption = False) -> None:
    """Say whether a file is a policy, or what is wrong in it.

    Example: bank360 policy check my_policy.yaml
    """
    from bank360.policies.credit_policy import credit_policy
    from bank360.storage.policy_files import policy_text

    read = credit_policy(policy_text(file), file.name)
    if json:
        typer.echo(json_text.dumps({"policy": read.name, "version": read.version, "hash": read.hash}))
    else:
        typer.echo(f"{file.name} is policy {read.name} {read.version}, SHA-256 {read.hash}")


@app.command("access")
def access(
    role: Annotated[Role | None, typer.Option(help="Only what this role may do.")] = None,
    table: Annotated[
        str | None, typer.Option(help="With --role: which columns of this table the role may read of a customer.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Print who may do what, to fields of which kind.

    What is not printed is denied. (2) marks an act that takes a second person.

    Example: bank360 policy access --role risk_analyst
    """
    from bank360.bank.tables import TABLE_BY_NAME
    from bank360.policies.access import Principal, allowed, authorize, field_classes
    from bank360.policies.access_table import SECOND_PERSON, Action, FieldClass, Resource

    roles = tuple(Role) if role is None else (role,)
    if table is not None:
        if role is None or table not in TABLE_BY_NAME:
            raise NotFound(f"--table takes --role and one of: {', '.join(TABLE_BY_NAME)}.")
        answers = {}
        for column in TABLE_BY_NAME[table].columns:
            try:
                authorize(Principal("anybody", role), Action.READ, Resource.CUSTOMER, field_classes(column))
                answers[column.name] = "may read"
            except NotAllowed:
                answers[column.name] = f"masked ({', '.join(sorted(field_classes(column)))})"
        typer.echo(json_text.dumps(answers) if json else "\n".join(f"{n:<24}{a}" for n, a in answers.items()))
        return
    cells = [
        (action, resource, fields, tuple(one for one in roles if allowed(one, action, resource, fields)))
        for resource in Resource
        for action in Action
        for fields in FieldClass
    ]
    granted = [cell for cell in cells if cell[3]]
    if json:
        typer.echo(json_text.dumps(granted))
        return
    typer.echo("| action | resource | fields | " + " | ".join(roles) + " |")
    typer.echo("|---|---|---|" + "---|" * len(roles))
    for action, resource, fields, may in granted:
        second = " (2)" if (action, resource) in SECOND_PERSON else ""
        marks = " | ".join("yes" if one in may else "-" for one in roles)
        typer.echo(f"| {action}{second} | {resource} | {fields} | {marks} |")
