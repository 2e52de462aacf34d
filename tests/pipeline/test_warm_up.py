"""Made ready before anybody asks: the first decision compiles and imports nothing more, and nothing was recorded."""

import os
import shutil
import subprocess
import sys

from bank360.home import log_of, open_home
from bank360.pipeline.desk import open_desk
from bank360.pipeline.warm_up import warm_up
from bank360.storage.decision_verify import verify_log
from bank360.storage.policy_files import policy_text
from tests.dashboard.bank import published_home
from tests.pipeline.conftest import serving

__all__ = ["published_home"]  # fixture

# In a process of its own: what the tests before have imported and compiled stays out of it.
FIRST_DECISION = """
import sys
from pathlib import Path
from bank360.api.serving import opened
from bank360.home import open_home
from bank360.pipeline.published_rows import published_profile
from bank360.pipeline.score_online import AskedBy, LoanApplication, decide
from bank360.storage.published_lists import found_customers
from numba.core.registry import CPUDispatcher
import gc

def compiled():
    return sum(len(one.signatures) for one in gc.get_objects() if isinstance(one, CPUDispatcher))

with opened(open_home(Path(sys.argv[1]))) as serving:
    kept, before = set(sys.modules), compiled()
    with serving.published.current() as version:
        one = found_customers(version, most=3).rows[2].customer_id
        published_profile(version, one)
        application = LoanApplication(one, *version.meta.standard_request)
        asked = AskedBy("u", serving.now_us(), "d-1", "s-1")
        made = decide(serving.desk, application, asked, lambda record: b"")
    assert made.sequence == int(sys.argv[2]), made.sequence
    more = sorted(name for name in set(sys.modules) - kept if name.startswith(("bank360", "numba", "llvmlite")))
    print(compiled() - before, more)
"""


def test_the_first_decision_imports_and_compiles_nothing_more(published_home, tmp_path):
    home = shutil.copytree(published_home, tmp_path / "bank")
    with log_of(open_home(home)) as log:
        records = verify_log(log).records
    ran = subprocess.run(
        [sys.executable, "-c", FIRST_DECISION, str(home), str(records + 1)],
        capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"}, check=False,
    )  # fmt: skip
    assert (ran.stdout, ran.stderr) == ("0 []\n", "")


def test_a_bank_with_nothing_published_or_nothing_to_decide_by_starts_all_the_same(night, store, tmp_path):
    for bank in serving(night, store, tmp_path, published=False):
        warm_up(bank.desk, lambda: 1)
        desk = open_desk(bank.desk.log, bank.published, bank.night.bank.registry, policy_text(None), 1)
        warm_up(desk, lambda: 1)
        assert verify_log(desk.log).records == 0
