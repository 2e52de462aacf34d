"""``bank360 queue list | show | refresh``: whom somebody must look at, in the order of what it may cost."""

import json as json_text
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from bank360.bank.money import in_major
from bank360.bank.vocabulary import CaseKind, CaseState
from bank360.cli.group import Group
from bank360.cli.home import Home, HomeOption, JsonOption, open_home
from bank360.home import fresh_id, store_of, this_instant

if TYPE_CHECKING:
    from bank360.pipeline.queue import QueueChange
    from bank360.storage.cases import Case

app = typer.Typer(cls=Group, no_args_is_help=True, help="The one queue of cases.")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@app.command("list")
def list_cases(
    kind: Annotated[CaseKind | None, typer.Option(help="Only cases of this kind.")] = None,
    closed: Annotated[bool, typer.Option("--closed", help="Those that are closed, not those that are open.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many to print.")] = 20,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Print the queue, the largest expected loss first.

    Of a bank without a model no loss is known: there the most money at stake comes first.

    Example: bank360 queue list --kind alert --limit 20 --home demo
    """
    from bank360.policies.expected_loss import ONE_PROBABILITY
    from bank360.storage.queue_pages import (
        QueueFilter,
        each_case,
        loss_is_known,
        queue_money,
        queue_page,
        queue_totals,
    )

    opened = open_home(home)
    state = CaseState.CLOSED if closed else CaseState.OPEN
    with store_of(opened) as store, store.reading() as connection:
        page = queue_page(connection, QueueFilter(kind, state), limit=limit)
        totals, together = queue_totals(connection), queue_money(connection)
    scores, unseen = _published(opened)
    if json:
        typer.echo(json_text.dumps([asdict(case) for case in page.rows]))
        for line in unseen:
            typer.echo(line, err=True)
        return
    now, currency = this_instant(opened), opened.settings.bank.currency
    scored = scores or loss_is_known(totals) or any(case.expected_loss is not None for case in page.rows)
    if page.rows:
        typer.echo(_headings(scored))
    for case in page.rows:
        typer.echo(_line(case, now, currency, scored))
        typer.echo(f"{'':<18}{case.ground}")
    if page.next is not None:
        typer.echo(f"The first {limit:,}; --limit says how many are printed.")
    if not page.rows:
        typer.echo("No case like this.")
    for line in unseen:
        typer.echo(line)
    if scored and any(case.kind is not CaseKind.APPLICATION for case in page.rows):
        typer.echo(ONE_PROBABILITY)
    for total in totals:
        at_stake = _money(total.money_at_stake, currency)
        typer.echo(f"{total.kind}: {total.cases:,} open, {total.unowned:,} nobody's, {at_stake} at stake")
    for said, sums in (("each case", each_case(totals)), ("each customer's debt once", together)):
        lost = f", {_money(sums.expected_loss, currency)} expected loss" if scored else ""
        typer.echo(f"together, {said}: {_money(sums.at_stake, currency)} at stake{lost}")


@app.command("show")
def show(
    case: Annotated[str, typer.Argument(help="The case's id, or its first six characters or more.")],
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Print one case and all that happened to it.

    Example: bank360 queue show K3f2a9c81d4b5e60 --home demo
    """
    from bank360.policies.expected_loss import ONE_PROBABILITY
    from bank360.storage.cases import case_by_id, events_of_case
    from bank360.storage.short_ids import case_meant

    opened = open_home(home)
    with store_of(opened) as store, store.reading() as connection:
        case = case_meant(connection, case)
        found = case_by_id(connection, case)
        events = events_of_case(connection, case)
    assert found is not None
    if json:
        typer.echo(json_text.dumps({**asdict(found), "events": [asdict(event) for event in events]}))
        return
    scored = found.expected_loss is not None or _published(opened)[0]
    typer.echo(_headings(scored))
    typer.echo(_line(found, this_instant(opened), opened.settings.bank.currency, scored))
    typer.echo(found.ground)
    if found.proposal is not None:
        wanted = found.proposal
        typer.echo(
            f"{wanted.by_name or wanted.by} proposes: {wanted.outcome}, because {wanted.code}; "
            "a second person must agree"
        )
    typer.echo(f"{'when (UTC)':<16}  {'who':<16}{'what':<20}said")
    for event in events:
        at = _EPOCH + timedelta(microseconds=event.at_us)
        said = " ".join(f"{name}={value}" for name, value in sorted(event.said.items()))
        who = event.by_name or event.by
        typer.echo(f"{at:%Y-%m-%d %H:%M}  {who:<16}{event.act:<20}{event.comment or said}".rstrip())
    if opened.settings.clock != "wall":
        typer.echo("Times of cases are by the wall clock, and not by the bank's, which 'As of' elsewhere is by.")
    if scored and found.kind is not CaseKind.APPLICATION:
        typer.echo(ONE_PROBABILITY)


@app.command("refresh")
def refresh(home: HomeOption = None, json: JsonOption = False) -> None:
    """Bring the queue up to what is published.

    Every publish does so by itself; this is for after a restore or a roll-back.

    Example: bank360 queue refresh --home demo
    """
    change = run_queue(open_home(home))
    if json:
        typer.echo(json_text.dumps(asdict(change)))
    else:
        typer.echo(f"{change.opened:,} opened, {change.found_again:,} found again, {change.withdrawn:,} withdrawn.")


def run_queue(home: Home) -> "QueueChange":
    """Bring the queue up to the version that is published."""
    from bank360.pipeline.queue import refresh_queue
    from bank360.pipeline.queue_found import found_in
    from bank360.storage.published import open_published

    with store_of(home) as store, open_published(store, home.published) as published:
        with published.current() as version:
            found = found_in(version)
        return refresh_queue(store, found, this_instant(home), fresh_id())


def _published(opened: Home) -> tuple[bool, list[str]]:
    """Return whether the bank scores, as far as is published: else nothing is said of expected losses.

    And, in lines, what the night could not look for: an empty queue does not say that nobody has to be looked at.
    """
    from bank360.pipeline.find_alerts import blind_rules
    from bank360.storage.known import not_delivered
    from bank360.storage.published import open_published

    with store_of(opened) as store, open_published(store, opened.published) as published:
        scores, known = published.unscored() is None, published.known()
    if known is None:
        return scores, ["not looked for: anything, for nothing is published yet"]
    return scores, [f"not looked for: {rule}: {not_delivered(unmet)}" for rule, unmet in blind_rules(known)]


def _line(case: "Case", now: int, currency: str, scored: bool) -> str:
    days = timedelta(microseconds=max((case.closed_at_us or now) - case.opened_at_us, 0)).days
    who = (case.owner or "nobody") if case.outcome is None else f"{case.outcome} by {case.closed_by}"
    return _row(
        case.case_id, case.kind, case.severity, _money(case.expected_loss, currency) if scored else None,
        _money(case.money_at_stake, currency), f"{days} d", who, case.customer_id or "-",
    )  # fmt: skip


def _headings(scored: bool) -> str:
    loss = "expected loss" if scored else None
    return _row("case", "kind", "urgency", loss, "at stake", "age", "owner, or outcome", "customer")


def _row(case: str, kind: str, severity: str, loss: str | None, stake: str, age: str, who: str, whom: str) -> str:
    lost = "" if loss is None else f"{loss:>16}"
    return f"{case:<18}{kind:<13}{severity:<9}{lost}{stake:>18}{age:>8}  {whom:<15} {who}".rstrip()


def _money(amount: int | None, currency: str) -> str:
    return "not known" if amount is None else f"{currency} {in_major(amount, currency)}"
