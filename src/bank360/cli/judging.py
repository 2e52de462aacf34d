"""The bank opened to judge a model on what became of applications: for `models ablate` and `models fairness`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bank360.cli.home import Home, warehouse_of
from bank360.cli.lacks import require_outcomes
from bank360.cli.progress import progress_bar
from bank360.cli.runs import Bank, run_identify

if TYPE_CHECKING:
    from bank360.labels.application_default import DefaultDefinition
    from bank360.pipeline.train import Describe


@dataclass(frozen=True)
class Judged:
    """What judging a model reads: the bank with who is who resolved, features of any spine, and what a default is."""

    bank: Bank
    describe: "Describe"
    definition: "DefaultDefinition"


@contextmanager
def judging(home: Home) -> Iterator[Judged]:
    """Open the bank for one judgement.

    Raises
    ------
    NotReady
        If there are no applications, or nothing is known of what became of them.
    """
    from bank360.labels.application_default import DefaultDefinition

    with warehouse_of(home) as warehouse, progress_bar() as report:
        ready = Bank(home, warehouse, report)
        require_outcomes(ready)
        run_identify(ready)
        with ready.describing() as describe:
            yield Judged(ready, describe, DefaultDefinition(**home.settings.default.model_dump()))
