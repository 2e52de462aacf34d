"""``bank360 policy show | check``: what a credit policy says, and whether a file is one."""

import json as json_text
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bank360.cli.decide import PolicyOption
from bank360.cli.home import JsonOption

app = typer.Typer(no_args_is_help=True, help="Credit policies.")


@app.command("show")
def show(policy: PolicyOption = None, json: JsonOption = False) -> None:
    """Print a policy as it is written, with its hash.

    Example: bank360 policy show
    """
    from bank360.policies.credit_policy import credit_policy
    from bank360.storage.policy_files import policy_text

    text = policy_text(policy)
    read = credit_policy(text, "the shipped policy" if policy is None else policy.name)
    if json:
        typer.echo(json_text.dumps(asdict(read)))
        return
    typer.echo(text.rstrip("\n"))
    typer.echo(f"\n# {read.name} {read.version}, SHA-256 {read.hash}")


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
