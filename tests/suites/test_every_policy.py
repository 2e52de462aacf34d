"""Laws of every policy file and policy reason: it can be read, it says why, and it is apart from the models."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from bank360.bank.reasons import POLICY_REASONS, REASON_BY_CODE, REASONS
from bank360.features.families import ALL_FEATURES
from bank360.models.catalogue import MODELS
from bank360.policies import credit_policy as module
from bank360.policies.alerts import RULES, AlertRule
from bank360.policies.credit_policy import credit_policy

FOLDER = Path(module.__file__).parent
FILES = sorted(FOLDER.glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_shipped_policy_is_one_and_is_named_as_its_file(path: Path) -> None:
    policy = credit_policy(path.read_text(encoding="utf-8"), path.name)
    assert policy.name == path.stem
    assert policy.owner
    assert re.fullmatch(r"\d+\.\d+", policy.version)


def test_there_is_one_to_start_from() -> None:
    assert FILES


def test_every_reason_has_a_code_and_wording_of_its_own() -> None:
    both = (*REASONS, *POLICY_REASONS)
    assert len({reason.code for reason in both}) == len({reason.wording for reason in both}) == len(both)
    assert set(REASON_BY_CODE) == {reason.code for reason in both}
    assert all(re.fullmatch(r"R\d\d", reason.code) for reason in REASONS)
    assert all(re.fullmatch(r"P\d\d", reason.code) for reason in POLICY_REASONS)


def test_every_policy_reason_is_stated_by_a_gate_and_no_gate_states_another() -> None:
    stated = {code for path in FOLDER.glob("*.py") for code in re.findall(r'"(P\d\d)"', path.read_text("utf-8"))}
    assert stated == {reason.code for reason in POLICY_REASONS}


def test_no_model_or_feature_speaks_by_a_reason_of_policy() -> None:
    codes = {reason.code for reason in POLICY_REASONS}
    for spec in MODELS:
        assert not codes & {*spec.reason_of.values(), *spec.missing_reason_of.values()}
    assert not codes & {feature.reason for feature in ALL_FEATURES}


def test_no_reason_of_policy_tells_a_probability_or_a_threshold() -> None:
    for reason in POLICY_REASONS:
        assert not re.search(r"\d|%|probab|score|fraud|model", reason.wording), reason


def test_policies_read_nothing_of_segments_marketing_or_consent() -> None:
    for path in FOLDER.glob("credit*.py"):
        assert not re.search(r"\b(segment|consent|campaign)", path.read_text("utf-8").lower()), path


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_alert_rule_says_what_it_means_who_looks_and_what_it_reads(rule: AlertRule) -> None:
    assert re.fullmatch(r"[a-z_]+", rule.name)
    assert rule.meaning.endswith(".")
    assert rule.owner in {"risk", "fraud"}
    assert set(rule.reads) <= {feature.name for feature in ALL_FEATURES}


def test_every_alert_rule_has_a_name_of_its_own_and_is_worked_by_hand() -> None:
    names = {rule.name for rule in RULES}
    assert len(names) == len(RULES) == 5
    assert set(import_module("tests.policies.test_alerts").WORKED) == names
