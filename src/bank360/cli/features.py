"""``bank360 features list | show | lineage | value``: what each number means, where it comes from, and what it is.

``bank360 features riskiest`` is in `riskiest.py`.
"""

import json as json_text
from datetime import datetime
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from bank360.bank.counted import counted
from bank360.bank.errors import NotFound
from bank360.bank.personal_numbers import masked_key
from bank360.cli.home import HomeOption, JsonOption, open_home, warehouse_of
from bank360.cli.quantities import with_unit
from bank360.cli.riskiest import riskiest
from bank360.features.scan import Entity

if TYPE_CHECKING:
    from bank360.pipeline.feature_value import CountedRows, Described, FeatureValue
    from bank360.settings import Bank as BankSettings

app = typer.Typer(no_args_is_help=True, help="What each feature means, comes from and is.")
app.command("riskiest")(riskiest)
NameArgument = Annotated[str, typer.Argument(help="A feature's name; 'bank360 features list' names them all.")]
AsOfOption = Annotated[
    str | None, typer.Option(help="A day or an instant, such as 2026-03-01 or 2026-03-01T14:30; none: now.")
]
MostOption = Annotated[int, typer.Option(min=1, help="How many rows to print.")]

_NEEDS, _LONGEST_NEED = 3, 60  # how many needs without data are named, and how many letters of each


@app.command("list")
def list_features(
    family: Annotated[str | None, typer.Option(help="Only this family, such as spending.")] = None,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Print every feature: its name, its unit and what it says.

    Last what the models read of an application itself: the bureau's report, what the form asks, whom it shares with.
    The same of every bank. With --home those that the bank has no data for are named as that.

    Example: bank360 features list --family spending
    """
    from bank360.pipeline.feature_entries import feature_entries

    entries = feature_entries()
    families = tuple(dict.fromkeys(entry.family for entry in entries))
    if family is not None:
        wanted = family.replace("_", " ").lower()
        if wanted not in families:
            raise NotFound(f"There is no family '{family}'. There are: {', '.join(families)}.")
        entries, families = tuple(entry for entry in entries if entry.family == wanted), (wanted,)
    lacking = _lacking(home)
    if json:
        typer.echo(json_text.dumps([entry.to_json() | _no_data(lacking, entry.name) for entry in entries]))
        return
    width = max(len(entry.name) for entry in entries)
    typer.echo(f"  {'feature':<{width}}  what it says [unit], by family")
    for one in families:
        those = [entry for entry in entries if entry.family == one]
        typer.echo(f"{one} ({len(those)})")
        for entry in those:
            without = ", no data in this bank" if lacking and lacking[entry.name] else ""
            _told(f"  {entry.name:<{width}}  ", f"{entry.meaning} [{_unit(entry.unit)}]{without}")
    typer.echo(f"{counted(len(entries), 'feature')}. 'bank360 features show NAME' says how one is computed.")


@app.command("show")
def show(name: NameArgument, home: HomeOption = None, json: JsonOption = False) -> None:
    """Print one feature's definition.

    Its meaning, unit, owner and window, the rows it counts, what it needs, and the models that read it; with --home
    also whether the bank has delivered what it needs.

    Example: bank360 features show spend_90d
    """
    from bank360.pipeline.feature_entries import known_entry
    from bank360.storage.known import not_delivered

    entry = known_entry(name)
    lacking = _lacking(home)
    if json:
        typer.echo(json_text.dumps(entry.to_json() | _no_data(lacking, entry.name)))
        return
    typer.echo(f"{entry.name}: {entry.meaning}")
    _told("  of        ", f"{'an' if entry.entity[0] in 'aeiou' else 'a'} {entry.entity}")
    _told("  family    ", f"{entry.family}, owned by {entry.owner}")
    _told("  unit      ", _unit(entry.unit))
    _told("  risk      ", entry.risk)
    _told("  window    ", entry.window)
    _told("  computed  ", entry.computed)
    if entry.category_map is not None:
        _told("  map       ", f"essential and discretionary spending by category map {entry.category_map}")
    _told("  needs     ", "; ".join(entry.needs) or "nothing")
    if lacking is not None:
        unmet = lacking[entry.name]
        _told("  data      ", f"none: {not_delivered(unmet)}" if unmet else "the bank has delivered what it needs")
    _told("  models    ", ", ".join(dict.fromkeys(use.model for use in entry.uses)) or "none")


@app.command("lineage")
def lineage(
    name: NameArgument,
    of: Annotated[
        str | None,
        typer.Option(help="Also its value for this customer, merchant or terminal, and the rows it is computed from."),
    ] = None,
    as_of: AsOfOption = None,
    most: MostOption = 20,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Print where a feature comes from and which models read it.

    Columns, features, models and the reasons it speaks for; with ``--of`` down to the very rows.

    Example: bank360 features lineage spend_growth --of Ca1b2c3d4e5f6 --home demo
    """
    from bank360.bank.reasons import REASON_BY_CODE
    from bank360.features.source_columns import STANDING
    from bank360.pipeline.feature_entries import known_entry
    from bank360.pipeline.feature_value import known_feature

    entry = known_entry(name)
    told = None
    if of is not None:
        known_feature(name)  # refuses what is of an application
        told = _described(of, name, as_of, Entity(entry.entity), home)
    if json:
        keys = ("name", "columns", "found_by", "made_of", "enters", "uses")
        said = {key: value for key, value in entry.to_json().items() if key in keys}
        typer.echo(json_text.dumps(said if told is None else said | {"of": _json(*told[:2])}))
        return
    for column in entry.columns:
        typer.echo(f"  {column}")
    if entry.found_by:
        _told("  whose it is: ", ", ".join(entry.found_by))
    _told("  known when:  ", f"{' and '.join(STANDING)} of each of these tables")
    for part in entry.made_of:
        typer.echo(f"    feature {part}")
    typer.echo(f"      {entry.name}: {entry.computed}" if entry.made_of else f"    {entry.name}: {entry.meaning}")
    for one in entry.enters:
        typer.echo(f"      feature {one}")
    for use in entry.uses:
        through = "" if use.input == entry.name else f" through {use.input}"
        _told("        ", f"model {use.model}{through}, reason {use.reason}: {REASON_BY_CODE[use.reason].wording}")
    if not entry.uses:
        typer.echo("        no model reads it")
    if told is not None:
        _print_described(*told, most)


@app.command("value")
def value(
    who: Annotated[
        str,
        typer.Argument(help="Customer id, a key by which a source names them, or the id of a merchant or terminal."),
    ],
    feature: Annotated[str | None, typer.Option(help="Only this one, with the rows it is computed from.")] = None,
    as_of: AsOfOption = None,
    of: Annotated[Entity, typer.Option(help="What the id is of.")] = Entity.CUSTOMER,
    most: MostOption = 20,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Compute features of a customer, merchant or terminal.

    As known at an instant. With ``--feature`` the one, what it is derived from, and the very rows behind it.

    Example: bank360 features value Ca1b2c3d4e5f6 --feature spend_90d --as-of 2026-03-01 --home demo
    """
    found, at, bank = _described(who, feature, as_of, of, home)
    if json:
        typer.echo(json_text.dumps(_json(found, at)))
        return
    _print_described(found, at, bank, most)


def _lacking(home: Path | None) -> dict[str, tuple[str, ...]] | None:
    """Return what a bank has not delivered of each feature's needs; None where no bank is named, or it has nothing."""
    from bank360.cli.runs import Bank
    from bank360.pipeline.feature_entries import entry_needs
    from bank360.storage.known import known_at

    if home is None:
        return None
    bank = open_home(home)
    if not bank.warehouse.exists():
        return None
    wanted = entry_needs()
    own = bank.settings.bank
    with warehouse_of(bank, read_only=True) as warehouse:
        as_of = Bank(bank, warehouse, lambda *_: None).as_of
        known = known_at(warehouse, wanted.values(), as_of, own.currency, own.country)
    return {name: known.lacks(needed) for name, needed in wanted.items()}


def _no_data(lacking: dict[str, tuple[str, ...]] | None, name: str) -> dict[str, list[str]]:
    return {} if lacking is None else {"no_data": list(lacking[name])}


def _described(
    who: str, feature: str | None, as_of: str | None, of: Entity, home: Path | None
) -> "tuple[Described, datetime, BankSettings]":
    """Return somebody's features at an instant, the instant, and the bank's own zone, currency and country."""
    from bank360.bank.calendar import instant
    from bank360.cli.runs import Bank
    from bank360.pipeline.feature_value import describe_customer, describe_place

    bank = open_home(home)
    own = bank.settings.bank
    zone = ZoneInfo(own.zone)
    with warehouse_of(bank, read_only=True) as warehouse:
        now = Bank(bank, warehouse, lambda *_: None).now
        at = now if as_of is None else _instant(as_of, zone)
        if at > now:
            raise typer.BadParameter(
                f"--as-of {as_of} lies after now, which is {_in_full(now, zone)} {own.zone} here: what "
                "will be known then nobody knows. Name an earlier instant, or leave --as-of out."
            )
        told = (who, feature, instant(at), own.zone, own.currency, own.country)
        found = describe_customer(warehouse, *told) if of is Entity.CUSTOMER else describe_place(warehouse, of, *told)
    return found, at, own


def _in_full(at: datetime, zone: ZoneInfo) -> str:
    """Return an instant as --as-of takes it again: a row known at midnight is seen a microsecond later, not at it."""
    local = at.astimezone(zone).replace(tzinfo=None)
    return local.isoformat(" ", "microseconds" if local.microsecond else "seconds" if local.second else "minutes")


def _print_described(found: "Described", at: datetime, own: "BankSettings", most: int) -> None:
    zone = ZoneInfo(own.zone)
    kind = "" if found.entity is Entity.CUSTOMER else f"{found.entity} "
    typer.echo(f"{kind}{found.id} as of {_in_full(at, zone)} {own.zone}")
    width = max(len(one.feature.name) for one in found.values)
    typer.echo(f"  {'feature':<{width}}  {'value':>16}  what it says")
    for one in found.values:
        _told(f"  {one.feature.name:<{width}}  {_value(one, own.currency):>16}  ", one.feature.meaning)
    lacking = tuple(dict.fromkeys(need for one in found.values for need in one.no_data))
    if lacking:
        _told("no data: ", _not_delivered(lacking))
    for rows in found.behind:
        _print_rows(rows, most, zone, own.currency)


def _not_delivered(lacking: tuple[str, ...]) -> str:
    """Return why features have no data at an instant: what no row had told by then."""
    cut = (one if len(one) <= _LONGEST_NEED else f"{one[:_LONGEST_NEED].rstrip(' ,')} …" for one in lacking)
    needs = [*dict.fromkeys(cut)]
    rest = f"; and {len(needs) - _NEEDS} more" if len(needs) > _NEEDS else ""
    return (
        f"by this instant the bank had not delivered {'; '.join(needs[:_NEEDS])}{rest}. At a later one it may have, and"
        " 'bank360 features show NAME' says what each needs"
    )


def _instant(text: str, zone: ZoneInfo) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"'{text}' is no day and no instant. Write --as-of 2026-03-01, or 2026-03-01T14:30 (the bank's own time)."
        ) from None
    return at if at.tzinfo is not None else at.replace(tzinfo=zone)


def _print_rows(found: "CountedRows", most: int, zone: ZoneInfo, currency: str) -> None:
    from bank360.bank.calendar import to_datetime
    from bank360.features.spine import FIRST

    def edge(at: int) -> str:
        return f"{to_datetime(at).astimezone(zone):%Y-%m-%d %H:%M}"

    low = "the first event" if found.low == FIRST else edge(found.low)
    typer.echo(f"{found.feature.name}: {counted(len(found.events), 'row')} of '{found.table}', {low} to before "
               f"{edge(found.high)}")  # fmt: skip
    measure = found.feature.measure
    for one in found.events[-most:]:
        named = " ".join(masked_key(str(one.event[name])) for name in found.key)
        read = (
            str(one.event[str(measure.column)]) if one.number is None else with_unit(one.number, measure.unit, currency)
        )
        typer.echo(f"  {edge(one.event['event_time'])}  {read:>16}  {named}")
    if len(found.events) > most:
        earlier = counted(len(found.events) - most, "earlier row")
        typer.echo(f"  and {earlier}: --most {len(found.events)} prints them all")


def _value(one: "FeatureValue", currency: str) -> str:
    if one.value is None:
        return "no data" if one.no_data else "none"
    return with_unit(one.value, one.feature.unit, currency)


def _unit(unit: str) -> str:
    return {"1": "share", "count": "count"}.get(unit, unit)


def _told(head: str, text: str) -> None:
    from rich.console import Console

    first, *more = wrap(text, max(Console().width - len(head), 30), break_on_hyphens=False)
    typer.echo(head + first)
    for line in more:
        typer.echo(" " * len(head) + line)


def _json(found: "Described", at: datetime) -> dict[str, Any]:
    values = [
        {"feature": one.feature.name, "value": one.value, "unit": one.feature.unit, "no_data": one.no_data}
        for one in found.values
    ]
    rows = [
        {
            "feature": one.feature.name,
            "table": one.table,
            "key": [masked_key(str(counts.event[name])) for name in one.key],
        }
        for one in found.behind
        for counts in one.events
    ]
    return {found.entity.key: found.id, "as_of": at.isoformat(), "values": values, "rows": rows}
