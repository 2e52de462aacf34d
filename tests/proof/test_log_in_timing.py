"""S-2: a name that exists and one that does not cost the same, within a millisecond of CPU."""

import statistics
import time

import pytest

from bank360.bank.vocabulary import Role
from bank360.pipeline.users import add_user, log_in

ROUNDS = 60


@pytest.mark.proof
def test_a_known_and_an_unknown_name_cost_the_same(log):
    add_user(log, "ann", Role.VIEWER, "correct horse battery", ("r1", "u1"), "operator:x", 1)
    costs: dict[str, list[float]] = {"ann": [], "nobody": []}
    for _ in range(ROUNDS):
        for name, spent in costs.items():  # in alternation, so that a busy machine is busy for both
            began = time.thread_time()
            assert log_in(log.store, name, "not the password") is None
            spent.append(time.thread_time() - began)
    known, unknown = (statistics.median(spent) for spent in costs.values())
    assert abs(known - unknown) < 0.001, (known, unknown)
