"""M-1 and S-4 at full size: ten fresh processes with identical scores, ten thousand mutated artefacts refused."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from bank360.bank.errors import ArtefactRefused
from bank360.storage.registry import Registry

TESTS = Path(__file__).parents[1]


def _module(path: str):
    """Load a test module by its path: under importlib mode tests do not import each other."""
    spec = importlib.util.spec_from_file_location(Path(path).stem + "_of_proof", TESTS / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.proof
def test_ten_of_ten_fresh_processes_give_identical_scores():
    fresh = _module("models/test_fresh_processes.py")
    assert len({fresh.scores_of_a_fresh_process(1 + k % 2, k) for k in range(10)}) == 1


@pytest.mark.proof
def test_none_of_ten_thousand_mutated_artefacts_is_loaded(tmp_path):
    made = _module("storage/test_registry.py")
    registry = Registry(tmp_path)
    pickles = []

    def watch(event, args):
        if event == "pickle.find_class":
            pickles.append(args)

    model = made._model("trees")
    version = registry.register(model, made._card(model))
    folder = tmp_path / "application_pd" / version
    sys.addaudithook(watch)
    rng = np.random.default_rng(0)
    files = {path: path.read_bytes() for path in sorted(folder.iterdir())}
    paths = list(files)
    refused = 0
    for k in range(10_000):
        path = paths[k % len(paths)]
        data = bytearray(files[path])
        kind = k % 3
        at = int(rng.integers(len(data)))
        if kind == 0:
            data[at] ^= 1 << int(rng.integers(8))
        elif kind == 1:
            del data[at:]
        else:
            data[at:at] = bytes(rng.integers(0, 256, 8, dtype=np.uint8))
        path.write_bytes(bytes(data))
        with pytest.raises(ArtefactRefused):
            registry.load("application_pd", version)
        refused += 1
        path.write_bytes(files[path])
    assert refused == 10_000
    assert pickles == []
