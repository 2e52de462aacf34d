"""``python src/train_model.py``: another name of ``bank360 train``, by the config.yaml of the folder it is run in."""

import sys

from bank360.cli.main import main

if __name__ == "__main__":
    sys.argv = ["bank360", "train", "--home", ".", *sys.argv[1:]]
    main()
