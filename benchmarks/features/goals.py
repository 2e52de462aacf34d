"""What the features are held to (issue 4, "Speed, memory, growth"), beside what was measured: a miss is printed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

TEN_M, HUNDRED_M = 10_000_000, 100_000_000


@dataclass(frozen=True)
class Goal:
    """A bound of one figure of the last line; of ``rows`` transactions, where it is set for so many alone."""

    figure: str
    bound: Literal["at most", "at least", "under"]
    value: float
    rows: int | None = None

    def met(self, found: float) -> bool:
        """Return whether a figure meets it; no number meets nothing."""
        match self.bound:
            case "at most":
                return found <= self.value
            case "at least":
                return found >= self.value
        return found < self.value


GOALS = (
    Goal("cpu_vs_floor", "at most", 2.0),
    Goal("polars_vs_us", "at least", 12, TEN_M),
    Goal("pandas_vs_us", "at least", 20, TEN_M),
    Goal("duckdb_vs_us", "at least", 15, TEN_M),
    Goal("peak_mb", "at most", 1_200, TEN_M),
    Goal("peak_mb", "at most", 4_000, HUNDRED_M),
    Goal("one_more_feature", "under", 0.02, TEN_M),
    Goal("fresh_process_vs_polars", "at most", 0.333, TEN_M),
    Goal("online_us", "under", 150),
    Goal("online_p90_us", "under", 150),
    Goal("day_vs_rebuild", "at most", 0.02, HUNDRED_M),
)


def beside_goals(figures: Mapping[str, float], rows: int) -> Iterator[str]:
    """Yield a line per number of the last line, in its order: the figure, its goal at so many rows, and whether met."""
    yield f"{'':26s}{'measured':>10s}  goal"
    goals = {goal.figure: goal for goal in GOALS if goal.rows in (None, rows)}
    for name, found in figures.items():
        goal = goals.get(name)
        said = "none at this size" if goal is None else f"{goal.bound} {goal.value:,g}"
        verdict = "" if goal is None else ": met" if goal.met(found) else ": MISSED"
        yield f"{name:26s}{found:10,g}  {said}{verdict}"
    for name in goals.keys() - figures.keys():
        yield f"{name:26s}{'':10s}  {goals[name].bound} {goals[name].value:,g}: not measured"
