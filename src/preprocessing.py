"""``python src/preprocessing.py``: another name of ``bank360 ingest`` in this folder; ``preprocess`` cleans a frame."""

import sys

from bank360.cli.main import main
from bank360.frames import cleaned as preprocess

__all__ = ["preprocess"]

if __name__ == "__main__":
    sys.argv = ["bank360", "ingest", "--home", ".", *sys.argv[1:]]
    main()
