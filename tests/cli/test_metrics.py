"""What training prints: observed over expected only where there are enough events for it to say something."""

import io

import numpy as np
from rich.console import Console

from bank360.cli.metrics import print_training
from bank360.models.card import Period
from bank360.models.development import measure
from bank360.pipeline.train_report import Trained, TrainReport


def printed(events, rows, candidate="scorecard", population="all"):
    """Return what is printed of a model by which every tenth of the rows is as bad as it says."""
    probability = np.linspace(0.01, 0.99, rows)
    outcome = (np.arange(rows) >= rows - events).astype(float)
    period = Period("2023-01-01", "2023-06-30", rows, events)
    found = measure(population, outcome, probability)
    report = TrainReport(
        "application_pd", "Default.", {}, None, period, period, {candidate: (found,)}, {candidate: ()}, (), None
    )
    out = io.StringIO()
    print_training(Trained((report,), ()), Console(file=out, width=200))
    return out.getvalue(), str(found.calibration.total)


def test_with_too_few_events_the_ratio_is_not_shown_and_why():
    text, ratio = printed(199, 400)
    assert "not shown (199 bad)" in text
    assert ratio not in text


def test_a_name_is_printed_as_it_is_and_never_read_as_markup():
    text, _ = printed(200, 400, "[red]card[/red]", "[bold]all :smile:")
    assert "[red]card[/red]" in text
    assert "[bold]all :smile:" in text


def test_with_enough_events_the_ratio_is_shown_with_its_interval():
    text, ratio = printed(200, 400)
    assert ratio in text
    assert "not shown" not in text
