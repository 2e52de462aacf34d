"""What is kept is read back as it was written, or counts as nothing: torn, of another format, out of order."""

import json
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from bank360.features.chunks import Room
from bank360.features.history import Noticed
from bank360.features.layers import Layer, LayeredStream, layer_parts
from bank360.features.layout import layouts
from bank360.storage import kept_histories
from bank360.storage.kept_histories import MANIFEST, intact, keep, open_kept, write_layers
from tests.features.layered import layer_of
from tests.features.test_layers import RECENT, packed, same
from tests.features.untidy import START

LAYOUT = layouts(RECENT)["transactions"]
STREAM = "transactions"
EXAMPLE = {
    "known_time": START + 7, "superseded_time": None, "date_only": False, "amount": 2**40, "channel": "atm",
    "country": "GB", "merchant_id": "m1",
}  # fmt: skip


def day(*customers: int):
    """Return a day of an event of each customer."""
    return packed([[EXAMPLE | {"customer": c, "event_time": START + c} for c in customers]], LAYOUT)


def kept(folder: Path, *days) -> str:
    """Keep days one over the other; return the last token."""
    token = ""
    for number, one in enumerate(days):
        before = open_kept(folder) if number else None
        said = {STREAM: Noticed({"amount": number}, 1)}
        token = keep(
            folder, {"zone": "x"}, {"n": number}, 3, said, write_layers(folder, {STREAM: layer_parts(one)}), before
        )
    return token


def equal(one: Layer, other: Layer) -> None:
    for mine, theirs in ((one.events, other.events), (one.late, other.late)):
        for name in ("customers", "starts", "words", "wide"):
            np.testing.assert_array_equal(getattr(mine, name), getattr(theirs, name))
    np.testing.assert_array_equal(one.standing, other.standing)
    np.testing.assert_array_equal(one.stands_from, other.stands_from)


def test_what_is_kept_is_read_back(tmp_path: Path) -> None:
    days = [day(0, 2, 2), day(), day(1)]
    token = kept(tmp_path / "a" / "b", *days)
    found = open_kept(tmp_path / "a" / "b")
    assert found is not None
    assert (found.about, found.state, found.n_customers, found.token) == ({"zone": "x"}, {"n": 2}, 3, token)
    assert (found.noticed[STREAM], found.numbers.tolist()) == (Noticed({"amount": 2}, 1), [0, 1, 2])
    for mine, theirs in zip(found.streams[STREAM], days, strict=True):
        equal(mine, layer_of(layer_parts(theirs)))
    read = LayeredStream(LAYOUT, found.streams[STREAM], found.numbers)
    events = [[EXAMPLE | {"customer": customer, "event_time": START + customer}] for customer in (0, 2, 2, 1)]
    at_once = packed(events, LAYOUT)
    same(read.partition(0, Room()), at_once.partition(0, Room()))
    assert intact(tmp_path / "a" / "b", found)


def test_nothing_kept_is_nothing(tmp_path: Path) -> None:
    assert open_kept(tmp_path / "none") is None


def test_a_manifest_cut_anywhere_counts_as_nothing(tmp_path: Path) -> None:
    kept(tmp_path, day(0))
    whole = (tmp_path / MANIFEST).read_bytes()
    for end in (0, 1, len(whole) // 2, len(whole) - 1):
        (tmp_path / MANIFEST).write_bytes(whole[:end])
        assert open_kept(tmp_path) is None, end
    (tmp_path / MANIFEST).write_bytes(whole.replace(b'"n":0', b'"n":1'))
    assert open_kept(tmp_path) is None


def changed(folder: Path, **said: object) -> None:
    """Write the manifest with something else in it, and its own hash."""
    manifest = json.loads((folder / MANIFEST).read_bytes().splitlines()[0]) | said
    text = json.dumps(manifest).encode()
    (folder / MANIFEST).write_bytes(text + b"\n" + sha256(text).hexdigest().encode() + b"\n")


def test_another_format_counts_as_nothing(tmp_path: Path) -> None:
    kept(tmp_path, day(0, 1))
    changed(tmp_path, format=kept_histories.FORMAT)
    assert open_kept(tmp_path) is not None
    changed(tmp_path, customers=3, format=kept_histories.FORMAT + 1)
    assert open_kept(tmp_path) is None


def test_a_file_that_was_cut_is_nothing_and_one_that_was_changed_is_not_intact(tmp_path: Path) -> None:
    kept(tmp_path, day(0, 1))
    (file,) = tmp_path.glob("*.layer")
    whole = file.read_bytes()
    file.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
    found = open_kept(tmp_path)
    assert found is not None
    assert not intact(tmp_path, found)
    file.write_bytes(whole[:-1])
    assert open_kept(tmp_path) is None
    file.unlink()
    assert open_kept(tmp_path) is None


@pytest.mark.parametrize("step", ["move_into_place", "write_whole"])
def test_who_dies_on_the_way_leaves_what_stood_before_and_the_next_clears_up(tmp_path: Path, step, monkeypatch) -> None:
    token = kept(tmp_path, day(0))

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(kept_histories, step, dies)
        with pytest.raises(KeyboardInterrupt):
            kept(tmp_path, day(1))
    found = open_kept(tmp_path)
    assert found is not None
    assert found.token == token
    assert len([*tmp_path.glob("*.layer")]) == 2
    kept(tmp_path, day(2))
    assert len([*tmp_path.glob("*.layer")]) == 1
