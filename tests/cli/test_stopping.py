"""Ctrl-C ends what is at work soon, with one line and code 130, in whatever library it is; the next run goes on.

Every child is a real process that gets a real SIGINT. Two seconds are the goal; the bound is wider because the machine
that runs the tests may be busy with other things.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bank360.storage.ledger import content_hashes
from bank360.storage.warehouse import open_warehouse

BOUND_SECONDS = 6.0
LINE = "bank360: stopped; nothing was left half done. To go on: bank360 "

BUSY = {
    "a long query": """
from bank360.storage.warehouse import open_warehouse
warehouse = open_warehouse(folder / "w.duckdb", 2, "500MB")
ready()
warehouse.query("SELECT sum((a.range * b.range) % 7) FROM range(10000000) a, range(10000000) b")
""",
    "a load that never ends, in a transaction": """
import pyarrow as pa
from bank360.storage.warehouse import open_warehouse
warehouse = open_warehouse(folder / "w.duckdb", 1, "500MB")
schema = pa.schema([("n", pa.int64())])
warehouse.execute("CREATE TABLE t (n BIGINT)")
def batches():
    ready()
    while True:
        yield pa.RecordBatch.from_pydict({"n": range(50_000)}, schema)
with warehouse.transaction():
    warehouse.append_stream("t", schema, batches())
""",
    "a compiled kernel": """
from bank360.learning.arrays import compiled
@compiled
def count(most: int) -> int:
    found = 0
    for number in range(most):
        found += (number * number) % 7
    return found
count(10)
ready()
count(10**13)
""",
    "LightGBM": """
import lightgbm, numpy
x = numpy.random.default_rng(1).normal(size=(20_000, 50))
ready()
lightgbm.train({"num_leaves": 4095, "min_data_in_leaf": 1, "verbose": -1}, lightgbm.Dataset(x, x[:, 0]), 10_000)
""",
    "something that does not let go": """
ready()
while True:
    try:
        while True:
            pass
    except KeyboardInterrupt:
        pass
""",
}
CHILD = """
import sys
from pathlib import Path
from bank360.cli.stopping import stoppable
folder = Path(sys.argv[1])
def ready():
    print("ready", flush=True)
with stoppable(["train", "--home", "my bank"]):
"""


def stopped(child: "subprocess.Popen[str]") -> tuple[float, int, str]:
    """Send SIGINT and return seconds until the end, exit code, and what was said on standard error."""
    begun = time.monotonic()
    child.send_signal(signal.SIGINT)
    try:
        _, said = child.communicate(timeout=30)
    finally:
        child.kill()  # one that did not end must not outlive the test
    return time.monotonic() - begun, child.returncode, said


@pytest.mark.parametrize("at_work", BUSY)
def test_ctrl_c_ends_whatever_is_at_work(tmp_path, at_work):
    script = tmp_path / "child.py"
    script.write_text(CHILD + "".join(f"    {line}\n" for line in BUSY[at_work].splitlines()))
    words = [sys.executable, str(script), str(tmp_path)]
    child = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n", child.communicate()[1]
    time.sleep(0.3)  # into the call
    seconds, code, said = stopped(child)
    assert (code, said) == (130, f"{LINE}train --home 'my bank'\n")
    assert seconds < BOUND_SECONDS


SETTINGS = """
bank: {name: Stopped, zone: Europe/London, currency: GBP}
clock: "2024-07-01T12:00:00Z"
engine: {threads: 2, memory: 500MB}
sources:
  - name: core
    kind: mapped
    mapping:
      files:
        transactions: {pattern: ledger.csv, known_after: 1d, sign: credit_positive,
                       columns: {transaction_id: id, account_id: acc, event_time: at, amount: amount,
                                 country: {constant: GB}}}
"""
ROWS = 300_000


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    folder: Path = tmp_path_factory.mktemp("stopped")
    (folder / "raw").mkdir()
    (folder / "bank360.yaml").write_text(SETTINGS)
    lines = (f"t{n},A{n % 999},2024-0{1 + n % 6}-03T10:00:00,{n % 9999}.30\n" for n in range(ROWS))
    (folder / "raw" / "ledger.csv").write_text("id,acc,at,amount\n" + "".join(lines))
    return folder


def begun(home: Path, verb: str, sign: Path) -> "subprocess.Popen[str]":
    """Start a command and return when ``sign`` is there."""
    words = [sys.executable, "-c", "from bank360.cli.main import main; main()", verb, "--home", str(home)]
    child = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ))
    while not sign.exists():
        assert child.poll() is None, child.communicate()
        time.sleep(0.01)
    time.sleep(0.5)  # into the load
    return child


def test_a_stopped_ingest_and_a_stopped_rebuild_leave_nothing_half_loaded(home, bank360):
    child = begun(home, "ingest", home / "landing" / "deliveries")
    seconds, code, said = stopped(child)
    assert (code, said) == (130, f"{LINE}ingest --home {home}\n")
    assert seconds < BOUND_SECONDS
    with open_warehouse(home / "warehouse.duckdb", 1, "500MB") as warehouse:
        assert warehouse.number("SELECT count(*) FROM transactions") == 0
    assert bank360("ingest", "--home", home).code == 0
    with open_warehouse(home / "warehouse.duckdb", 1, "500MB") as warehouse:
        assert warehouse.number("SELECT count(*) FROM transactions") == ROWS
        before = content_hashes(warehouse)

    child = begun(home, "rebuild", home / "warehouse.duckdb.rebuilding")
    seconds, code, said = stopped(child)
    assert (code, said) == (130, f"{LINE}rebuild --home {home}\n")
    assert seconds < BOUND_SECONDS
    with open_warehouse(home / "warehouse.duckdb", 1, "500MB") as warehouse:
        assert content_hashes(warehouse) == before
    assert {path.name for path in home.glob("warehouse.duckdb*")} == {"warehouse.duckdb"}


def test_a_second_ctrl_c_says_nothing_more(tmp_path):
    script = tmp_path / "child.py"
    slow = "import time\nready()\ntry:\n    time.sleep(60)\nfinally:\n    time.sleep(0.5)\n"
    script.write_text(CHILD + "".join(f"    {line}\n" for line in slow.splitlines()))
    words = [sys.executable, str(script), str(tmp_path)]
    child = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert child.stdout is not None
    child.stdout.readline()
    child.send_signal(signal.SIGINT)
    time.sleep(0.1)
    _, code, said = stopped(child)
    assert (code, said) == (130, f"{LINE}train --home 'my bank'\n")
