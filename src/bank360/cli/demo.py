"""``bank360 demo`` (what ``make demo`` runs): the demonstration bank from nothing to a one-screen summary.

Everything that is built already is reused; a bank of other size or seed in the same folder is replaced.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bank360.bank.counted import counted
from bank360.bank.errors import SettingsError
from bank360.cli.home import Home, open_home, warehouse_of
from bank360.cli.lacks import NO_MODEL, why_unscored
from bank360.cli.progress import progress_bar
from bank360.cli.synth import DEMO_CUSTOMERS, DEMO_MONTHS, DEMO_SEED, Customers, Months, Seed
from bank360.cli.typed import made_whole
from bank360.home import STORE_FILE, this_instant
from bank360.storage.scratch import remove_folder

if TYPE_CHECKING:
    from rich.console import Console

    from bank360.cli.runs import Bank

WIDTH_OF_A_PIPE = 132
_UNSCORED = f"so small or young a bank has too few defaults to train on; {DEMO_MONTHS} months of 5,000 customers do."
SETTINGS = """\
# The demonstration bank. It is generated: nobody in it exists.
bank: {name: Demonstration bank, zone: Europe/London, currency: GBP, country: GB}
clock: data          # now is the last instant known to the warehouse
demo: true           # models approve themselves here, stamped DEMO
sources:
  - {name: synthetic, kind: synthetic, folder: raw}
"""


def demo(
    folder: Annotated[Path, typer.Argument(help="The demonstration bank's home folder.")] = Path("demo"),
    customers: Customers = DEMO_CUSTOMERS,
    months: Months = DEMO_MONTHS,
    seed: Seed = DEMO_SEED,
) -> None:
    """Make the demonstration bank, from nothing to scores.

    Generate, ingest, check, build, train, score, and print a summary.

    Example: bank360 demo --customers 5000
    """
    from rich.console import Console
    from rich.text import Text

    from bank360.cli.demo_summary import print_summary
    from bank360.cli.ingest import run_ingest
    from bank360.cli.publish import run_publish
    from bank360.cli.runs import Bank, run_build, run_check, run_identify, run_score

    console = Console()
    if not console.is_terminal:
        console.width = WIDTH_OF_A_PIPE
    started = time.monotonic()
    home = _generated(folder, customers, months, seed, console)
    with warehouse_of(home, new=True) as warehouse:
        with _step(console, "Ingesting the deliveries"):
            loads = run_ingest(home, warehouse)
        with progress_bar() as report:
            bank = Bank(home, warehouse, report)
            fresh = any(load.report.batch_id for load in loads)
            if fresh:
                with _step(console, "Checking what was accepted"):
                    run_check(bank)
            with _step(console, "Resolving who is who"):
                run_identify(bank)
            with _step(console, "Building features"):
                run_build(bank)
            with _step(console, "Training two models, two candidates each"):
                _train(bank, console)
            unscored = why_unscored(bank)
            if unscored is None:
                with _step(console, "Scoring every adult customer"):
                    run_score(bank)
            else:
                console.print(Text(f"Nobody is scored: {_why(unscored)}"))
            with _step(console, "Publishing for API and dashboard"):
                run_publish(bank)
                if unscored is None:
                    _decide_waiting(bank)
        print_summary(console, bank, time.monotonic() - started)


def _why(unscored: str) -> str:
    """Return why nobody is scored: where training has just left no model, it had too few defaults."""
    return _UNSCORED if unscored.startswith(NO_MODEL) else made_whole(unscored)


def _generated(folder: Path, customers: int, months: int, seed: int, console: "Console") -> Home:
    """Return the demo's home with exactly the bank asked for in ``raw``; what was made of another one is removed."""
    from bank360.pipeline.generate import generate, is_generated
    from bank360.settings import FILE_NAME

    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / FILE_NAME
    if not settings.exists():
        settings.write_text(SETTINGS, encoding="utf-8")
    home = open_home(folder)
    if not home.settings.demo:
        raise SettingsError(f"{settings} is a bank of its own, and the demo would replace it. Name another folder.")
    if is_generated(home.raw, home.truth, customers, months, seed):
        return home
    remove_derived(home)
    with (
        _step(console, f"Generating {counted(customers, 'customer')}, {counted(months, 'month')}"),
        progress_bar() as report,
    ):
        generate(home.raw, home.truth, customers, months, seed, report, home.settings.engine.threads)
    return home


def remove_derived(home: Home) -> None:
    """Remove all that was made of a home's deliveries, its own store and the anchor of it included.

    A store that stayed would publish one bank's customers beside another one's cases.

    Raises
    ------
    SettingsError
        If something was published to a store elsewhere, which is not ours to remove; nothing is removed then.
    """
    if home.settings.store.url is not None and home.published.exists():
        raise SettingsError(
            f"Another demonstration bank was published from {home.path} to the store that its settings name. Name "
            "another folder and another store, or take that store and the folder away."
        )
    for old in (home.landing, home.registry, home.published):
        remove_folder(old)
    files = [*home.path.glob(f"{home.warehouse.name}*")]
    if home.settings.store.url is None:
        files += [*home.path.glob(f"{STORE_FILE}*"), home.path / home.settings.store.anchor]
    for old in files:
        if old.is_file():
            old.unlink()


def _train(bank: "Bank", console: "Console") -> None:
    """Train, then compare the candidates with the true probabilities, which only the synthetic bank has."""
    from rich.text import Text

    from bank360.cli.runs import run_train
    from bank360.pipeline.oracle import oracle_share, reject_truth
    from bank360.storage.oracle_truth import true_defaults, true_probabilities, write_oracle

    trained = run_train(bank, "demo")
    if trained is None:
        return
    for left in trained.not_trained:
        console.print(Text(f"  {left.why}"))
    reports = trained.reports
    found = {
        report.model: [
            asdict(oracle_share(scores, true_probabilities(bank.home.truth, report.model))) for scores in report.scores
        ]
        for report in reports
    }
    rejects = {
        report.model: [asdict(row) for row in reject_truth(report.decided, true_defaults(bank.home.truth))]
        for report in reports
        if report.decided is not None
    }
    write_oracle(bank.home.truth, {"models": found, "rejects": rejects})


def _decide_waiting(bank: "Bank") -> None:
    """Decide the applications that wait, as the bank's loan channel would, so that the queue has some to review."""
    from bank360.api.startup import check_start
    from bank360.home import fresh_id, log_of
    from bank360.pipeline.demo_applications import decide_waiting
    from bank360.pipeline.desk import open_desk
    from bank360.storage.policy_files import policy_text
    from bank360.storage.published import open_published

    check_start(bank.home)
    wall_us = time.time_ns() // 1000
    with log_of(bank.home) as log, open_published(log.store, bank.home.published) as published:
        desk = open_desk(log, published, bank.registry, policy_text(None), wall_us)
        decide_waiting(bank.warehouse, desk, bank.as_of, this_instant(bank.home), fresh_id)


@contextmanager
def _step(console: "Console", what: str) -> Iterator[None]:
    from rich.text import Text

    started = time.monotonic()
    yield
    took = time.monotonic() - started
    console.print(Text(f"{what:<60}{took:>6.1f} s" if took >= 1 else f"{what:<60}  ready"))
