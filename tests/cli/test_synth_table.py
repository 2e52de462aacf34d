"""The last line of the synthetic bank's check counts what it says it counts."""

from rich.console import Console

from bank360.cli.synth_table import print_check, verdict
from bank360.pipeline.synth_check import CheckRow


def row(name, observed=1.0, low=0.0, ok=True):
    return CheckRow(name, name, None, low, None if low is None else 2.0, observed, 5, ok)


def test_what_is_printed_only_is_not_counted_as_within_a_tolerance():
    within, oracle = [row("a"), row("b")], row("oracle_x", low=None)
    assert verdict(within) == "2 of 2 magnitudes with a tolerance are within it."
    assert verdict([*within, oracle]) == (
        "2 of 2 magnitudes with a tolerance are within it; without a tolerance, and printed only: 1."
    )
    # A magnitude that a bank is too small for is not within its tolerance either; at full size it fails the check.
    small = row("tiny", observed=None, low=None)
    assert verdict([*within, small]) == (
        "2 of 2 magnitudes with a tolerance are within it; not to be shown by this bank: 1."
    )
    unseen = row("gone", observed=None, low=None, ok=False)
    assert verdict([*within, row("c", ok=False), unseen]) == (
        "2 of 3 magnitudes with a tolerance are within it; not to be shown by this bank: 1. The check fails by: c, gone"
    )


def test_what_a_small_bank_is_not_judged_by_is_told_with_the_rows_that_it_takes():
    few = CheckRow("few", "few", 0.1, 0.085, 0.115, 0.5, 100, True, needed=32_812)
    assert verdict([row("a"), few]) == (
        "1 of 1 magnitudes with a tolerance are within it; "
        "not judged, for so small a bank has too few events of them: 1."
    )
    console = Console(width=130, record=True, quiet=False)
    with console.capture() as shown:
        print_check([row("a"), few], console)
    assert "not judged, takes 33,000" in shown.get()
