"""Make the samples that come with bank360: `python -m bank360.pipeline.sample_scorecard` in the project's folder.

Writes ``data/sample_input.csv`` (500 generated rows), fits the scorecard on 20,000 **other** generated rows into the
package's own registry, and writes ``data/sample_output.csv``, which ``bank360 score`` reproduces byte for byte. Run it
after a change of the generator or of learning, and commit what it writes.
"""

from pathlib import Path

from bank360.pipeline.score_file import SAMPLE_MODEL, SAMPLE_REGISTRY, sample_model, score_file
from bank360.pipeline.train_table import register_table, train_table
from bank360.sources.loan_applications_csv import loan_applications_map
from bank360.sources.loan_applications_sample import (
    HEADER,
    SAMPLE_ROWS,
    SAMPLE_SEED,
    TRAINING_ROWS,
    TRAINING_SEED,
    sample_rows,
)
from bank360.storage.csv_output import number_cell, write_csv
from bank360.storage.registry import Registry
from bank360.storage.scratch import remove_folder, scratch_folder

ZONE = "Europe/London"
NOTE = (
    f"A sample: fitted on {TRAINING_ROWS} generated rows (seed {TRAINING_SEED}), other than those of "
    "data/sample_input.csv. It knows nothing of any real applicant and must not decide on one."
)
_TRAINED_AS_OF = "2026-11-21T00:00:00+00:00"


def write_sample(path: Path, seed: int, count: int) -> None:
    """Write generated rows of the ten-column file; see `sample_rows`."""
    # Amounts may be negative: they are numbers, which no spreadsheet runs as formulas.
    write_csv(path, HEADER, ([number_cell(cell) for cell in row] for row in sample_rows(seed, count)))


def make_samples(data: Path, registry: Path) -> str:
    """Write input, scorecard and output; return the scorecard's version.

    Parameters
    ----------
    data
        Folder of the two CSV files; it exists.
    registry
        Folder of the registry, replaced as a whole.
    """
    write_sample(data / "sample_input.csv", SAMPLE_SEED, SAMPLE_ROWS)
    flat = loan_applications_map(ZONE)
    with scratch_folder() as folder:
        write_sample(folder / "training.csv", TRAINING_SEED, TRAINING_ROWS)
        trained = train_table(flat, folder, seed=TRAINING_SEED)
    remove_folder(registry)
    keep = Registry(registry)
    version = register_table(
        trained, flat, "scorecard", keep, SAMPLE_MODEL, _TRAINED_AS_OF, TRAINING_SEED, "bank360", notes=(NOTE,)
    )
    keep.promote(SAMPLE_MODEL, version, approved_by="DEMO", demo=True)
    score_file(data / "sample_input.csv", data / "sample_output.csv", flat, keep.load(SAMPLE_MODEL))
    return version


if __name__ == "__main__":
    make_samples(Path("data"), SAMPLE_REGISTRY)
    sample_model()
