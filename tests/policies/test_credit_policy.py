"""Reading a policy: the shipped one as it stands, and every way in which a text is none."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bank360.bank.errors import SettingsError
from bank360.policies.credit_policy import credit_policy, policy_hash
from tests.policies.policy_cases import POLICY, TEXT


def test_the_shipped_policy_is_read_with_its_version_and_hash():
    assert (POLICY.name, POLICY.version, POLICY.market, POLICY.currency) == ("uk_personal_loan", "1.0", "GB", "GBP")
    assert POLICY.hash == policy_hash(TEXT)
    assert POLICY.dearest_rate == 0.229
    assert POLICY.eligibility.most_amount == 2_500_000
    assert POLICY.thin_pd.decline_from == 0.15


def test_any_edit_is_another_policy():
    assert credit_policy(TEXT + "# a remark\n").hash != POLICY.hash


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("buffer: 10000 ", "bufer: 10000 ", "affordability.buffer is missing"),
        ("owner: risk", "owner: risk\nextra: 1", "nothing is called extra"),
        ("owner: risk", "owner: risk\nowner: marketing", "stands twice"),
        ("buffer: 10000 ", "buffer: 100.5 ", "affordability.buffer must be a whole number"),
        ("buffer: 10000 ", "buffer: true ", "affordability.buffer must be a whole number"),
        ("buffer: 10000 ", "buffer: -1 ", "affordability.buffer must be a whole number"),
        ("stress: 0.03 ", "stress: .nan ", "affordability.stress must be a number above 0"),
        ("stress: 0.03 ", "stress: 3 ", "affordability.stress must be a number above 0"),
        ("stress: 0.03 ", "stress: yes ", "affordability.stress must be a number above 0"),
        ('version: "1.0"', "version: 1.0", "version must be a text"),
        ("refer_from: 0.10", "refer_from: 0.70", "fraud: the lower edge must lie below"),
        ("least_amount: 100000", "least_amount: 9900000", "least_amount lies above most_amount"),
        ("least_term: 6 ", "least_term: 90 ", "least_term lies above most_term"),
        ("below: 0.20", "below: 0.19", "the last band must reach decline_from (0.2)"),
        ("below: 0.06", "below: 0.03", "'below' must rise"),
        ("terms: [12, 24", "terms: [24, 12", "terms must rise"),
        ("terms: [12, 24", "terms: [24, 24", "each once"),
        ("product_line: personal_loan", "product_line: loan", "product_line 'loan' is none of"),
        ("owner: risk", "owner: &a risk\nmarket: *a", "alias"),
        ("owner: risk", "owner: [", "is not YAML"),
        ("owner: risk", "owner: 2026-99-99", "is not YAML"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(old, new, said):
    assert TEXT.count(old) == 1, "the test must change something"
    with pytest.raises(SettingsError, match="the file") as refused:
        credit_policy(TEXT.replace(old, new), "the file")
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "- a list", "42", "null", "a: {1: 2}", "x" * 70_000])
def test_a_text_that_holds_no_policy_is_refused(text):
    with pytest.raises(SettingsError):
        credit_policy(text)


@given(st.data())
def test_a_policy_without_any_one_of_its_keys_is_refused(data):
    values = yaml.safe_load(TEXT)
    place = data.draw(
        st.sampled_from([values, *(v for v in values.values() if isinstance(v, dict)), values["prices"][0]])
    )
    del place[data.draw(st.sampled_from(sorted(place)))]
    with pytest.raises(SettingsError, match="is missing"):
        credit_policy(yaml.safe_dump(values))


@given(st.text(max_size=200))
def test_no_text_ends_in_anything_but_a_policy_or_one_clear_line(text):
    with pytest.raises(SettingsError):
        credit_policy(text)


@pytest.mark.parametrize(
    ("currency", "country", "said"),
    [
        ("GBP", "GB", None),
        ("GBP", None, None),
        ("EUR", None, "for GB in GBP, and this bank's currency is EUR: no request is decided by it."),
        ("EUR", "DE", "for GB in GBP, and this bank is in DE with EUR: no request is decided by it."),
        ("GBP", "IE", "for GB in GBP, and this bank is in IE with GBP: its regions, prices and costs of living"),
    ],
)
def test_a_policy_says_where_it_is_not_a_banks_own(currency, country, said):
    found = credit_policy(TEXT).misfit(currency, country)
    assert (found is None) if said is None else said in found
