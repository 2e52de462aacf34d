"""The engines on which the laws of features and marts are held: each test function once on each.

`spark` is a Spark on two cores of this machine, opened as the product opens it; it is under the marker ``proof``, for
it needs Java and minutes. All sessions of one run share one Java. Neighbour: `tests/proof/test_spark.py` has a cluster.
"""

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from bank360.features.families import ALL_FEATURES
from bank360.pipeline.build import packed_histories
from bank360.pipeline.described import Engine
from bank360.pipeline.engines import BankTables, open_engine
from bank360.pipeline.feature_tables import BEHAVIOUR
from bank360.storage.warehouse import Warehouse

# A warehouse and the bank's zone, currency and country -> an engine that reads it as it is when this is called.
OpenOn = Callable[[Warehouse, str, str, str], AbstractContextManager[Engine]]
EVERY = (*ALL_FEATURES, *BEHAVIOUR)
# Of every Java that is started: one that lives for a minute spends a third of it on compiling and collecting otherwise.
# With one compiler Java sets 48 MB aside for code in place of 240. All laws together fill that, and where Java needs
# more, Spark never answers.
SHORT_LIVED_JAVA = (
    "JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:ReservedCodeCacheSize=240m",
)  # fmt: skip
NEEDS_SPARK = [
    pytest.mark.proof,
    pytest.mark.skipif(importlib.util.find_spec("pyspark") is None, reason="the extra 'spark' is not installed"),
    pytest.mark.skipif(
        shutil.which("java") is None and "JAVA_HOME" not in os.environ, reason="there is no Java 17 on this machine"
    ),
]


def engines() -> list[ParameterSet]:
    """Return each engine once."""
    return [pytest.param("duckdb", id="duckdb"), pytest.param("spark://local[2]", id="spark", marks=NEEDS_SPARK)]


def opener(url: str, folder: Path) -> OpenOn:
    """Return what opens the engine of an address; what it hands on lies below ``folder`` meanwhile."""

    @contextmanager
    def opened(warehouse: Warehouse, zone: str, currency: str, country: str) -> Iterator[Engine]:
        def histories():
            return packed_histories(warehouse, zone, currency, country, EVERY)

        own = BankTables(
            warehouse, zone, currency, country, histories, 1, "1GB", folder / "exchange", sys.executable
        )  # fmt: skip
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(*SHORT_LIVED_JAVA)
            with open_engine(url, own) as engine:
                yield engine

    return opened


@pytest.fixture(params=engines())
def open_on(request: pytest.FixtureRequest, tmp_path: Path) -> OpenOn:
    """What opens each engine on a warehouse: ``with open_on(warehouse, *OWN) as engine``."""
    return opener(request.param, tmp_path)
