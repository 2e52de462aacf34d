"""``bank360 init DIR``: a folder with files becomes a home, by a commented bank360.yaml with mappings proposed."""

from datetime import date
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bank360.bank.counted import counted
from bank360.bank.errors import DataRefused, NotFound, SettingsError
from bank360.cli.typed import command, home_is

if TYPE_CHECKING:
    from bank360.settings import Settings
    from bank360.sources.days_seen import DaysSeen
    from bank360.sources.mapping_template import Proposal, ProposedSource

_MOST_PASSED_OVER = 20


def init(
    folder: Annotated[Path, typer.Argument(help="The folder of the bank's files, which becomes its home.")],
    name: Annotated[str, typer.Option(help="The bank's name.")] = "My bank",
    force: Annotated[
        bool,
        typer.Option(
            "--force", help="Replace a bank360.yaml that is there; it is kept as .before, .before.2 and so on."
        ),
    ] = False,
) -> None:
    """Make a folder a bank's home by a commented bank360.yaml.

    A mapping is proposed for each CSV or Parquet file that lies there; any other file is named, with what to do.

    Example: bank360 init my-bank
    """
    from bank360.cli.home import read_settings
    from bank360.settings import FILE_NAME
    from bank360.sources.file_look import HEAD_BYTES
    from bank360.sources.mapping_template import proposal
    from bank360.storage.durable import write_whole
    from bank360.storage.file_head import file_heads

    target = folder / FILE_NAME
    if target.exists() and not force:
        raise SettingsError(f"{target} exists already. Edit it, or replace it with --force.")
    if not folder.exists():
        raise NotFound(f"There is no folder {folder}. Make it, put the bank's files in, and run this again.")
    if not folder.is_dir():
        raise SettingsError(f"{folder} is a file. Name a folder.")
    (folder / "raw").mkdir(exist_ok=True)
    found = proposal(name, file_heads(folder, HEAD_BYTES))
    kept = _kept(target) if target.exists() else None
    write_whole(target, found.text.encode())
    settings = read_settings(folder)  # what was written is accepted, or this is our mistake
    typer.echo(f"{target} written." + (f" What stood there is in {kept}." if kept else ""))
    home_is(folder if folder != Path() else None)
    for line in (
        *_proposed(found),
        *_policy(found, settings),
        *_old(found, settings, folder),
        *_passed_over(found),
        *_next(found),
    ):
        typer.echo(line)


def _kept(target: Path) -> Path:
    """Keep what a file holds beside it under the first free name and return that: corrected by hand, perhaps."""
    from bank360.storage.durable import write_whole

    names = (f"{target.name}.before" + (f".{number}" if number > 1 else "") for number in count(1))
    kept = next(path for path in map(target.with_name, names) if not path.exists())
    write_whole(kept, target.read_bytes())
    return kept


def _proposed(found: "Proposal") -> list[str]:
    lines = []
    for source in found.sources:
        files = f" of {', '.join(source.files)}" if source.kind == "ledger" else ""
        lines.append(
            f"  source '{source.name}': a proposed {source.kind} mapping{files}. Look it through before you use it."
        )
        lines += [f"    check: {one}" for one in source.to_check]
    return lines


def _policy(found: "Proposal", settings: "Settings") -> list[str]:
    """Return that the shipped credit policy is another country's, where a bank with a ledger is elsewhere."""
    from bank360.policies.credit_policy import credit_policy
    from bank360.sources.mapping_template import OWN_COUNTRY
    from bank360.storage.policy_files import policy_text

    unknown = found.country is None and settings.bank.country == OWN_COUNTRY  # it is only what stands there by default
    country = None if unknown else settings.bank.country
    misfit = credit_policy(policy_text(None)).misfit(settings.bank.currency, country)
    if misfit is None or all(one.kind == "flat" for one in found.sources):
        return []
    return [f"    check: {misfit} Write the bank's own, and see it applied with 'bank360 decide --policy FILE'."]


def _whole(source: "ProposedSource", seen: "DaysSeen", folder: Path, settings: "Settings", today: date) -> "DaysSeen":
    """Return the days of all transactions up to today, not of the first rows only: their files are read."""
    from bank360.sources.days_seen import DaysSeen
    from bank360.sources.mapped import mapped_source
    from bank360.storage.column_days import first_and_last_day
    from bank360.storage.files import open_file, there_and_lacking

    if seen.whole and seen.last <= today:
        return seen
    bank, ends = settings.bank, list[date]()
    entries = {  # which way amounts go says nothing of days, and may be unsettled
        name: entry | {"sign": "credit_positive"}
        for name, entry in source.mapping["files"].items()
        if entry.get("table", name) == "transactions"
    }
    parts = mapped_source(source.name, {"files": entries}, bank.zone, bank.currency, country=bank.country)
    by_name = {part.name: part for part in parts.files}
    for name, file, path in there_and_lacking(parts, folder)[0]:
        days = entries[name]["columns"]["event_time"]
        try:
            opened = open_file(path, file, by_name[name])
        except DataRefused:  # a load will say why
            return seen
        ends += first_and_last_day(opened, days["column"], days.get("format"), today) or ()
    return DaysSeen(min(ends), max(ends), whole=True) if ends else seen


def _old(found: "Proposal", settings: "Settings", folder: Path) -> list[str]:
    """Return what to do about transactions that end long before now, which would leave every feature's window empty."""
    from bank360.bank.calendar import instant, local_days, to_date
    from bank360.pipeline.ages import OLD_DAYS, old_data

    today = to_date(int(local_days([instant(settings.now(None))], settings.bank.zone)[0]))
    lines = []
    for source in found.sources:
        days = None if source.days is None else _whole(source, source.days, folder, settings, today)
        if days is not None and (today - days.last).days > OLD_DAYS:
            where = "" if days.whole else "in the first rows, those looked at, "
            lines += [f"    check: {where}{said}." for said in old_data(days.first, days.last, today)]
    return lines


def _passed_over(found: "Proposal") -> list[str]:
    lines = [f"  {one.name}: no mapping is proposed: {one.why}" for one in found.passed_over[:_MOST_PASSED_OVER]]
    more = len(found.passed_over) - len(lines)
    return [*lines, f"  and {counted(more, 'further file')}, named in bank360.yaml"] if more > 0 else lines


def _next(found: "Proposal") -> list[str]:
    if not found.sources:
        return [f"State the bank's files in it, then: {command('ingest')}"]
    flat = [one for one in found.sources if one.kind == "flat"]
    lines = [f"Then: {command(f'train --source {one.name}')}" for one in flat if "label" in one.mapping["flat"]]
    if any(one.kind == "ledger" for one in found.sources):
        lines.append(f"Then: {command('ingest')}")
    elif any(_of_customers(one.mapping["flat"]) for one in flat):
        lines.append(f"For the profiles of those in it: {command('ingest')}")
    return lines


def _of_customers(flat: dict[str, object]) -> bool:
    """Return whether a load makes customers of a proposed flat file's rows."""
    return "id" in flat and flat.get("subject", "customer" if "label" in flat else None) == "customer"
