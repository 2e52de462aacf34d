"""``bank360 decide``: a request for credit tried through the gates of the policy; nothing is recorded."""

from pathlib import Path
from typing import Annotated

import typer

from bank360.bank.money import in_major
from bank360.cli.home import HomeOption, JsonOption, open_home, warehouse_of
from bank360.cli.progress import progress_bar

PolicyOption = Annotated[Path | None, typer.Option("--policy", help="A policy file. Default: the shipped one.")]


def decide(
    customer: Annotated[str, typer.Option(help="Customer id, or a key by which a source names the customer.")],
    amount: Annotated[
        int | None, typer.Option(min=1, help="Minor units: 500000 is 5,000.00. Default: the standard request's.")
    ] = None,
    term: Annotated[int | None, typer.Option(min=1, max=600, help="Months. Default: the standard request's.")] = None,
    verified_income: Annotated[
        int | None, typer.Option(min=0, help="Net income a month by evidence in hand, minor units.")
    ] = None,
    policy: PolicyOption = None,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Try a request for credit; nothing is recorded.

    Says first which sums it read, in the bank's currency. Prints the gates of the policy (its checks) in order with
    their numbers, the outcome, its reasons, and what could be had instead. With --json the bytes that a decision would
    seal.

    Example: bank360 decide --customer Ca1b2c3d4e5f6 --amount 500000 --term 36 --home demo
    """
    from bank360.cli.decide_print import print_decision
    from bank360.cli.lacks import require_deciding
    from bank360.cli.runs import Bank
    from bank360.pipeline.requests import StandardRequest
    from bank360.pipeline.what_if import what_if
    from bank360.storage.policy_files import policy_text

    bank = open_home(home)
    text, currency = policy_text(policy), bank.settings.bank.currency
    for option, given in (("--amount", amount), ("--verified-income", verified_income)):
        if given is not None:  # a slip of two digits decides otherwise; with --json apart from what programs read
            read = f"{option} {given} is {currency} {in_major(given, currency)}: it is read in minor units."
            typer.echo(read, err=json)
    with warehouse_of(bank, read_only=True) as warehouse, progress_bar() as report:
        ready = Bank(bank, warehouse, report)
        require_deciding(ready)
        usual, own = ready.request, bank.settings.bank
        request = StandardRequest(usual.product_id, amount or usual.amount, term or usual.term_months)
        tried = what_if(
            warehouse,
            ready.registry,
            customer,
            request,
            text,
            ready.as_of,
            own.zone,
            own.currency,
            own.country,
            verified_income,
        )
    if json:
        typer.echo(tried.sealed.decode("utf-8"))
    else:
        print_decision(tried, own.zone, own.currency)
