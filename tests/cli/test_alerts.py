"""`alerts`: who should be looked at and why, of everybody or one; nothing is written."""

import json

import pytest

from bank360.bank.vocabulary import AlertSeverity
from bank360.policies.alerts import RULES


@pytest.fixture(scope="module")
def found(bank360, built):
    return json.loads(bank360("alerts", "--limit", "10000", "--json", "--home", built).out)


def test_alerts_are_printed_with_their_evidence_the_most_urgent_first(bank360, built, found):
    assert found
    order = [tuple(AlertSeverity).index(AlertSeverity(one["severity"])) for one in found]
    assert order == sorted(order)
    assert {one["rule"] for one in found} <= {rule.name for rule in RULES}
    printed = bank360("alerts", "--limit", "1", "--home", built).out.splitlines()
    assert printed[0].split() == [found[0]["severity"], found[0]["customer_id"], found[0]["rule"]]
    assert printed[1].strip() == found[0]["evidence"]
    rest = len(found) - 1  # the small bank may have one alert only
    assert printed[2:] == ([f"{rest:,} more; --limit says how many are printed."] if rest else [])


def test_one_customer_has_the_alerts_that_they_have_among_all(bank360, built, found):
    who = found[0]["customer_id"]
    own = json.loads(bank360("alerts", "--customer", who, "--json", "--home", built).out)
    assert own == [one for one in found if one["customer_id"] == who]


def test_a_severity_chooses_and_nothing_found_is_said(bank360, built, found):
    for severity in AlertSeverity:
        ran = json.loads(bank360("alerts", "--severity", severity, "--limit", "10000", "--json", "--home", built).out)
        assert ran == [one for one in found if one["severity"] == severity]
    assert bank360("alerts", "--severity", "low", "--home", built).out == "No rule found anything.\n"


def test_a_customer_who_is_not_there_ends_in_one_line(refused, built):
    assert "No customer and no source key is called 'nobody'" in refused(
        "alerts", "--customer", "nobody", "--home", built
    )
