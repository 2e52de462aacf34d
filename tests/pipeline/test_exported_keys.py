"""Pseudonyms of account ids: one each, of one export alone, and nothing worked out from an id leads to one."""

import hashlib

from bank360.pipeline.exported_keys import exported_keys

IBANS = [f"DE{98 - int(f'37040044{n:010}131400') % 97:02}37040044{n:010}" for n in range(200)]


def names(secret):
    """Return by account id its pseudonym."""
    found = exported_keys([*IBANS, "A7"], reveal=False, secret=secret)
    return dict(zip(found.personal.to_pylist(), found.pseudonyms.to_pylist(), strict=True))


def test_every_personal_number_has_a_pseudonym_of_its_own_and_another_in_the_next_export():
    first, again, other = names("one"), names("one"), names("two")
    assert first == again
    assert set(first) == set(IBANS)
    assert len(set(first.values())) == len(IBANS)
    # By chance one of 200 keeps its number; eight or more do so less than once in 100,000.
    assert sum(first[one] == other[one] for one in IBANS) < 8


def test_no_hash_that_anybody_can_work_out_gives_an_account_its_place():
    by_hash = sorted(IBANS, key=lambda one: hashlib.sha256(one.encode()).digest())
    found = names("one")
    near = [abs(int(found[one].removeprefix("account-")) - place) <= 10 for place, one in enumerate(by_hash, start=1)]
    assert sum(near) < 50  # of 200 about 20 come that near by chance


def test_an_account_that_is_called_as_a_pseudonym_is_keeps_its_name_to_itself():
    found = exported_keys([IBANS[0], "account-1"], reveal=False, secret="one")
    assert found.pseudonyms.to_pylist() == ["account--1"]
    assert len(exported_keys(IBANS, reveal=True, secret="one").personal) == 0
