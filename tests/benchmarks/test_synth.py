"""The benchmark of the generator prints what it measured, as the last line of every benchmark: JSON."""

import json
import sys

import pytest

from benchmarks import synth


def test_the_last_line_says_how_fast_and_in_how_much_memory(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["synth", "--customers", "200", "--months", "24", "--threads", "1"])
    synth.main()
    said = capsys.readouterr().out.splitlines()
    last = json.loads(said[-1])
    assert (last["bench"], last["customers"]) == ("synth", 200)
    assert min(last["transactions_per_second"], last["transactions_per_cpu_second"], last["peak_mb"]) > 0
    assert "transactions of 200 customers in" in said[0]


def test_the_rates_are_transactions_by_second() -> None:
    assert synth.summary(900_000, 3.0, 4.5, 25, 10.4) == {
        "bench": "synth",
        "transactions_per_second": 300_000,
        "transactions_per_cpu_second": 200_000,
        "customers": 25,
        "peak_mb": 10,
    }
