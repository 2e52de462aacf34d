"""Movements keep their references through merging, dropping and ordering; order is by account, time, then position."""

from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bank360.bank.calendar import day_number
from bank360.sources.synthetic.clock import Clock
from bank360.sources.synthetic.movements import FIRST, LAST, USUAL, Movements, kept, merged, moved, ordered

CLOCK = Clock(24)


class Endless(Clock):
    """A timeline whose last day leaves no room for positions in the sort key."""

    @property
    def end_day(self) -> int:
        return 2**60


ENDLESS = Endless(24)


def stream(rows: list[tuple[int, int, int, int, int]], refers: list[int]) -> Movements:
    """(account, day of history, second, order, amount) and the position each refers to."""
    account, day, second, order, amount = (np.array(column) for column in zip(*rows, strict=True))
    return moved(account, day + CLOCK.first_day, amount, "card", "pos", "groceries", second=second, order=order,
                 refers=np.array(refers))  # fmt: skip


ROW = st.tuples(
    st.integers(0, 3), st.integers(0, 5), st.sampled_from([-1, 0, 1, 86_399]), st.sampled_from([FIRST, USUAL, LAST]),
    st.integers(-999, 999),
)  # fmt: skip


@st.composite
def streams(draw: st.DrawFn) -> list[Movements]:
    result = []
    for _ in range(draw(st.integers(1, 3))):
        rows = draw(st.lists(ROW, min_size=1, max_size=8))
        refers = [draw(st.integers(-1, len(rows) - 1)) for _ in rows]
        result.append(stream(rows, refers))
    return result


# The second timeline is too long for the fast sort.
@given(streams(), st.sampled_from([CLOCK, ENDLESS]))
def test_merging_and_ordering_equal_the_plain_way(parts: list[Movements], clock: Clock) -> None:
    # The plain way: a list of rows, each knowing the amount of the row it refers to.
    plain = []
    for number, part in enumerate(parts):
        for i in range(part.count):
            partner = None if part.refers[i] < 0 else (number, int(part.refers[i]))
            key = (part.account[i], part.day[i], part.second[i], part.order[i])
            plain.append((key, (number, i), partner, int(part.amount[i])))
    plain.sort(key=lambda row: row[0])  # stable: position breaks ties
    result = ordered(merged(parts), clock)
    place = {name: at for at, (_, name, _, _) in enumerate(plain)}
    assert result.amount.tolist() == [amount for _, _, _, amount in plain]
    assert result.refers.tolist() == [-1 if partner is None else place[partner] for _, _, partner, _ in plain]


@given(streams(), st.randoms(use_true_random=False))
def test_what_refers_to_a_dropped_movement_is_dropped(parts: list[Movements], random: object) -> None:
    whole = merged(parts)
    keep = np.array([random.random() < 0.6 for _ in range(whole.count)])  # type: ignore[attr-defined]
    expected = [
        int(whole.amount[i]) for i in range(whole.count) if keep[i] and (whole.refers[i] < 0 or keep[whole.refers[i]])
    ]
    assert kept(whole, keep).amount.tolist() == expected


def test_a_month_has_its_paydays_on_the_working_day_before() -> None:
    # 25 July 2021 is a Sunday, 25 December 2021 a Saturday, 31 July 2021 a Saturday; 3 and 6 May 2022 are Tue and Fri.
    paydays = {date.fromordinal(date(1970, 1, 1).toordinal() + int(day)) for day in CLOCK.paydays("monthly_25")}
    assert {date(2021, 7, 23), date(2021, 12, 24)} <= paydays
    last = CLOCK.paydays("monthly_last")
    assert day_number(date(2021, 7, 30)) in last.tolist()
    # Good Friday 2022 is 15 April: the weekly salary comes on Thursday.
    assert day_number(date(2022, 4, 14)) in CLOCK.paydays("weekly").tolist()


def test_wall_time_becomes_the_right_instant_around_the_clock_changes() -> None:
    # 27 March 2022: 01:00 GMT becomes 02:00 BST, so 03:00 is 02:00 UTC; in winter 03:00 is 03:00 UTC.
    summer, winter = day_number(date(2022, 3, 27)), day_number(date(2022, 1, 10))
    at = CLOCK.instants(np.array([summer, winter]), np.array([3 * 3600, 3 * 3600]))
    assert at.tolist() == [(summer * 24 + 2) * 3_600_000_000, (winter * 24 + 3) * 3_600_000_000]
