"""How old the newest rows are beside the instant that counts as now, and what to do where that is long ago.

Every window of a feature ends at now: on data of years ago all of them are empty, and nothing says so unless this does.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

from bank360.bank.calendar import instant, local_days, to_date
from bank360.bank.counted import counted
from bank360.storage.reads_ages import day_known, event_ages, first_known, known_by_load
from bank360.storage.warehouse import Warehouse

# Monthly files arrive within a month; what is older than this empties the windows of 30 days.
OLD_DAYS = 45


@dataclass(frozen=True)
class Ages:
    """How old a bank's data is.

    Parameters
    ----------
    day
        The local day of the instant that counts as now.
    newest
        By table of events, the day of its newest row that is not dated after now.
    ahead
        By table of events, how many rows are dated after now and the day of the last of them: booked ahead, or a wrong
        year. They say nothing of how old the data is.
    advice
        What is wrong and what to do about it, one sentence or two each; empty where the data is of these days.
    """

    day: date
    newest: dict[str, date]
    ahead: dict[str, tuple[int, date]]
    advice: tuple[str, ...]

    def lines(self) -> tuple[str, ...]:
        """Return a line on the newest rows, one on those dated after now, if there are any, then the advice."""
        rows = ", ".join(f"{table} {day} ({age_in_words(day, self.day)})" for table, day in self.newest.items())
        said = [f"newest rows: {rows}"] if rows else []
        if self.ahead:
            later = ", ".join(
                f"{counted(count, 'row')} of {table} (the last of {day})" for table, (count, day) in self.ahead.items()
            )
            said.append(f"dated after now: {later}")
        return (*said, *(f"warning: {one}" for one in self.advice))


def ages(warehouse: Warehouse, now: datetime, zone: str, by_data: bool = False) -> Ages:
    """Return how old the newest rows are as of an instant (aware), and what to do where they are old.

    Parameters
    ----------
    by_data
        Whether that instant is the last that the data knows, because the settings say ``clock: data``.
    """
    found = event_ages(warehouse, now, zone)
    today = to_date(int(local_days([instant(now)], zone)[0]))
    newest = {table: age.newest for table, age in found.items() if age.newest is not None}
    ahead = {table: (age.ahead, age.last_ahead) for table, age in found.items() if age.last_ahead is not None}
    latest = max(newest.values(), default=today)
    if (today - latest).days <= OLD_DAYS:
        return Ages(today, newest, ahead, ())
    first = min(age.first for age in found.values() if age.first is not None)
    edge = datetime(latest.year, latest.month, latest.day, tzinfo=UTC) + timedelta(days=OLD_DAYS)
    late = {table: at for table, at in first_known(warehouse).items() if at.replace(tzinfo=UTC) > edge}
    loaded = tuple(table for table in late if known_by_load(warehouse, table))
    dated = {table: at.date() for table, at in late.items() if table not in loaded}
    ends = _after(latest, day_known(warehouse, newest, latest, zone, edge)) if by_data else None
    return Ages(today, newest, ahead, old_data(first, latest, today, loaded, dated, ends))


def old_data(
    first: date,
    latest: date,
    today: date,
    loaded: tuple[str, ...] = (),
    dated: Mapping[str, date] = MappingProxyType({}),
    ends: str | None = None,
) -> tuple[str, ...]:
    """Return what to tell of data whose newest row is old, and what to do.

    Parameters
    ----------
    first, latest
        Days of the oldest and the newest event.
    today
        The day that counts as now.
    loaded
        Tables of which nothing was known until long after the newest event because they are known from their load on:
        those mapped with ``history: none`` and no known time.
    dated
        The other tables of which that is so, with the day on which the first of them was known: by their own dates.
    ends
        Where now is the last instant that the data knows, by ``clock: data``: the instant to set in its place.
    """
    by_data = ends is not None
    remedy = (
        f"By 'clock: data' now is the last instant at which anything became known. Write 'clock: {ends}' in"
        " its place if the bank's data ends there"
        if by_data
        else "If the bank's data ends there, write 'clock: data' into bank360.yaml: now is then the last instant that"
        " the data knows"
    )
    told = (
        f"the newest row of any event is of {latest}, {age_in_words(latest, today)} before now ({today}): features of"
        f" the last 30 to 365 days count what is not there. {remedy}"
    )
    then = "" if by_data else ", then write 'clock: data'"
    state = (
        f' known_time: {{constant: "{first}"}} for their files in bank360.yaml (as if nothing in them had'
        f" changed since), run 'bank360 rebuild'{then}"
    )
    lines = [told]
    if loaded:
        lines.append(
            f"{_named(loaded)} became known only after that, as files with 'history: none' do when they are loaded: at"
            f" any instant before, nothing of them is seen, and 'clock: data' {'starts' if by_data else 'would start'}"
            f" at their load. State since when the bank had them:{state}"
        )
    if dated:
        lines.append(
            f"{_named(dated)} became known only after that by their own dates, the first on {min(dated.values())}: at"
            " any instant before, nothing of them is seen. Check the days on which they opened or began; if the bank"
            f" had them before, state since when:{state}"
        )
    return tuple(lines)


def _after(day: date, known: datetime | None) -> str:
    """Return the instant, as ``clock`` takes it, at which a day is over and its rows are seen.

    A row is seen after it was known: by a second, since an instant with a fraction is hard to copy.
    """
    over = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
    seen = over if known is None else max(over, known.replace(microsecond=0) + timedelta(seconds=1))
    return f"{seen:%Y-%m-%dT%H:%M:%SZ}"


def _named(tables: Iterable[str]) -> str:
    return ", ".join(f"'{table}'" for table in tables)


def age_in_words(day: date, today: date) -> str:
    """Return how long ago a day was.

    >>> age_in_words(date(2023, 6, 30), date(2026, 7, 1)), age_in_words(date(2026, 6, 30), date(2026, 7, 1))
    ('3.0 years', '1 day')
    """
    days = (today - day).days
    return f"{days / 365.25:.1f} years" if days >= 365 else counted(days, "day")
