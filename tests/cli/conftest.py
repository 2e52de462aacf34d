"""The command line run as a user runs it, and one small bank that all tests here share.

Commands run in this process (imports cost more than the commands); `test_main.py` holds the console script to the same.
"""

import contextlib
import io
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import yaml

from bank360.cli.main import main
from bank360.learning.tabular import Input, Recipe, fit_tabular
from bank360.models.card import CardInput, ModelCard, Period
from bank360.models.development import ReasonRates, measure
from bank360.models.spec import FittedModel, Part
from bank360.storage.registry import Registry

SETTINGS = """
bank: {name: Test bank, zone: Europe/London, currency: GBP}
clock: data
engine: {threads: 1, memory: 1GB}
sources:
  - {name: synthetic, kind: synthetic, folder: raw}
"""


CLIENTS = {"customer_id": "id", "type": {"constant": "person"}, "onboarded_on": "since"}


@pytest.fixture(scope="session")
def client_home():
    """Make a home whose sources deliver customers: ``client_home(folder, north="id,since\\n1,2024-01-05\\n")``.

    By source the text of its ``clients.csv``, in a folder of its name, or None for a folder without it; ``columns`` are
    mapped besides those of `CLIENTS`. Now is noon of 30 June 2024.
    """

    def made(folder: Path, columns: dict[str, object] | None = None, **files: str | None) -> Path:
        entries = []
        for source, text in files.items():
            (folder / source).mkdir(parents=True)
            if text is not None:
                (folder / source / "clients.csv").write_text(text, encoding="utf-8")
            clients = {"pattern": "clients.csv", "known_after": "0d", "columns": CLIENTS | (columns or {})}
            mapping = {"files": {"customers": clients}}
            entries.append({"name": source, "kind": "mapped", "folder": source, "mapping": mapping})
        settings = {"clock": "2024-06-30T12:00:00Z", "engine": {"threads": 1, "memory": "500MB"}, "sources": entries}
        (folder / "bank360.yaml").write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
        return folder

    return made


@dataclass(frozen=True)
class Ran:
    """What a command did: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


def run(*words: object) -> Ran:
    """Run ``bank360 WORDS`` and return what came of it; what is raised past `main` is raised here."""
    out, err, before = io.StringIO(), io.StringIO(), sys.argv
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("BANK360_")}
    sys.argv = ["bank360", *map(str, words)]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as ended:
            main()
    finally:
        sys.argv = before
        os.environ.update(kept)
    code = ended.value.code
    assert code is None or isinstance(code, int), code
    return Ran(code or 0, out.getvalue(), err.getvalue())


@pytest.fixture(scope="session")
def bank360():
    """Run the command line: ``bank360("score", "--home", folder)``."""
    return run


@pytest.fixture(scope="session")
def refused():
    """Run a command that must end in exit code 2 and one line on standard error; return the line."""

    def refuse(*words: object) -> str:
        ran = run(*words)
        assert (ran.code, ran.out) == (2, ""), ran
        (line,) = ran.err.splitlines()
        assert line.startswith("bank360: ")
        return line

    return refuse


@pytest.fixture(scope="session")
def generated(tmp_path_factory) -> Path:
    """A home folder with the deliveries of a small synthetic bank, nothing loaded."""
    home = tmp_path_factory.mktemp("bank")
    ran = run("synth", "generate", home, "--customers", 200, "--months", 24, "--seed", 7, "--threads", 1)
    assert ran.code == 0, ran.err
    (home / "bank360.yaml").write_text(SETTINGS, encoding="utf-8")
    return home


@pytest.fixture(scope="session")
def built(generated) -> Path:
    """The same bank ingested, checked and built, before any model."""
    for step in ("ingest", "check", "build"):
        ran = run(step, "--home", generated)
        assert (ran.code, ran.err) == (0, ""), ran
    return generated


@pytest.fixture(scope="session")
def scored(built) -> Path:
    """The same bank with a champion, registered by a trainer and promoted by somebody else, and everyone scored."""
    register_scorecard(Registry(built / "registry"))
    promoted = run("models", "promote", "application_pd", "challenger", "--by", "approver", "--home", built)
    assert promoted.code == 0, promoted.err
    ran = run("score", "--home", built)
    assert ran.code == 0, ran.err
    return built


@pytest.fixture(scope="session")
def keyed(scored, tmp_path_factory) -> Path:
    """A copy of the scored bank with an audit key: what is done there can be sealed."""
    home = tmp_path_factory.mktemp("keyed") / "bank"
    shutil.copytree(scored, home, ignore=shutil.ignore_patterns("raw", "export", "*.damaged-*"))
    with (home / "bank360.yaml").open("a", encoding="utf-8") as settings:
        settings.write("audit_key: 0123456789abcdef0123456789abcdef\n")
    return home


def register_scorecard(registry: Registry, trained_by: str = "trainer") -> str:
    """Register a scorecard on three of the bank's columns, fitted on made-up rows: the bank is too small to train."""
    rng = np.random.default_rng(3)
    n = 500
    columns = {
        "bureau_score": rng.normal(620, 80, n),
        "balance_mean_90d": rng.normal(80_000, 90_000, n),
        "transactions_90d": rng.poisson(60, n).astype(float),
    }
    risk = -2.2 - (columns["bureau_score"] - 620) / 90 - columns["balance_mean_90d"] / 200_000
    outcome = (rng.random(n) < 1 / (1 + np.exp(-risk))).astype(float)
    inputs = (Input("bureau_score", sign=-1), Input("balance_mean_90d", sign=-1), Input("transactions_90d", sign=-1))
    tabular = fit_tabular(Recipe("scorecard"), inputs, columns, outcome, seed=1)
    reasons = {"bureau_score": "R01", "balance_mean_90d": "R13", "transactions_90d": "R27"}
    model = FittedModel("application_pd", "scorecard", (Part("all", tabular),), reasons, frozenset())
    measured = (measure("all", outcome, model.score(columns, np.zeros(n, dtype=bool)).probability),)
    period = Period("2021-07-01", "2023-06-30", n, int(outcome.sum()))
    card = ModelCard(
        "application_pd", "scorecard", "Probability of default.", "default", "booked", "2023-07-01T00:00:00Z", period,
        period, (CardInput("bureau_score", "bureau score", "points", -1, "R01", "risk"),), measured, measured,
        "scorecard", ReasonRates(50, 0, 50, 1, 0, 50), "made up", "test", 1, trained_by, ("fitted on made-up rows",),
    )  # fmt: skip
    return registry.register(model, card)
