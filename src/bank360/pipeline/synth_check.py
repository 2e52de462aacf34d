"""Check the demonstration bank: each magnitude of `definitions.md` §6, as delivered, against its target.

The observations come from the files and the truth by SQL (`storage/synth_reads.py`), not from the generator's insides;
the targets and tolerances stand in `sources/synthetic/magnitudes.py`.
"""

from dataclasses import dataclass
from pathlib import Path

from bank360.bank.errors import NotReady
from bank360.labels.application_default import DefaultDefinition
from bank360.pipeline.progress import Progress, silent
from bank360.sources.synthetic import parameters
from bank360.sources.synthetic.clock import Clock
from bank360.sources.synthetic.delivery import WAVES
from bank360.sources.synthetic.magnitudes import MAGNITUDES, Observed, interval, rows_needed
from bank360.storage import deliveries, synth_reads


@dataclass(frozen=True)
class CheckRow:
    """One magnitude: what it should be and what it is.

    Parameters
    ----------
    name, quantity
        Stable name, and words.
    target
        Of §6; None where §6 gives a range or nothing.
    low, high
        Interval in which it passes; None where it is printed only.
    observed
        None where the bank is too small or too short to show it.
    count
        Rows it rests on.
    ok
        False fails the check: outside its interval, or not to be shown by a bank of demonstration size. What is
        printed only does not fail, nor what a smaller bank cannot show or has too few events of.
    needed
        On how many rows it would have to rest to be judged; None where it is judged, or printed only.
    """

    name: str
    quantity: str
    target: float | None
    low: float | None
    high: float | None
    observed: float | None
    count: int
    ok: bool
    needed: int | None = None


@dataclass(frozen=True)
class Checked:
    """All rows, in the order of the definitions."""

    rows: tuple[CheckRow, ...]

    @property
    def failures(self) -> tuple[CheckRow, ...]:
        """The rows outside their interval."""
        return tuple(row for row in self.rows if not row.ok)


def synth_check(
    raw: Path,
    truth: Path,
    progress: Progress = silent,
    threads: int = 1,
    definition: DefaultDefinition | None = None,
) -> Checked:
    """Return every magnitude of the bank delivered in ``raw`` beside its target, defaults by ``definition``.

    Raises
    ------
    NotReady
        If ``raw`` and ``truth`` do not hold one finished synthetic bank.
    """
    facts = deliveries.finished(raw)
    if facts is None or facts.get("source") != "synthetic" or facts != deliveries.finished(truth):
        raise NotReady(f"{raw} holds no finished synthetic bank with its truth. Run 'bank360 synth generate' first.")
    customers, months = int(facts["customers"]), int(facts["months"])
    observed: dict[str, Observed] = {}
    total = len(MAGNITUDES)
    with synth_reads.generated_bank(raw / WAVES[0], raw / WAVES[1], truth, threads) as connection:
        progress("checking magnitudes", 0, total)
        start, stress = parameters.START.isoformat(), Clock(months).stress
        for name, value, count, error in synth_reads.observations(connection, start, months, stress, definition):
            observed[name] = Observed(value, count, error)
            progress("checking magnitudes", min(len(observed), total), total)
    rows = []
    for magnitude in MAGNITUDES:
        seen = observed.get(magnitude.name)
        passes = interval(magnitude, seen, customers) if seen else None
        low, high = passes or (None, None)
        needed = rows_needed(magnitude, seen, customers) if seen and passes else None
        if seen is None:
            ok = customers < parameters.CUSTOMERS
        else:
            ok = low is None or high is None or needed is not None or low <= seen.value <= high
        rows.append(
            CheckRow(
                magnitude.name,
                magnitude.quantity,
                magnitude.target,
                low,
                high,
                seen.value if seen else None,
                seen.count if seen else 0,
                ok,
                needed,
            )
        )
    return Checked(tuple(rows))
