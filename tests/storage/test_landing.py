"""The landing zone keeps whole copies, in order, and never loses one that was accepted."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bank360.bank.errors import Bank360Error
from bank360.storage.landing import Landing, sha256_of

AT = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def zone(tmp_path):
    return Landing(tmp_path / "landing")


@pytest.fixture
def deliver(tmp_path, zone):
    """Deliver files by name and content."""

    def files(**contents: str):
        found = []
        for name, content in contents.items():
            path = tmp_path / name
            path.write_text(content)
            found.append(("rows", name, path))
        return zone.receive("core", found, AT, {"zone": "Europe/London"})

    return files


def test_a_delivery_is_read_back_as_it_was_written(zone, deliver):
    delivery = deliver(a="1", b="22")
    assert zone.deliveries() == (delivery,)
    assert [(file.name, file.size) for file in delivery.files] == [("a", 1), ("b", 2)]
    assert [zone.path_of(file).read_text() for file in delivery.files] == ["1", "22"]
    assert [file.sha256 for file in delivery.files] == [sha256_of(zone.path_of(file)) for file in delivery.files]


def test_a_copy_does_not_change_with_the_delivered_file(zone, deliver, tmp_path):
    delivery = deliver(a="1")
    (tmp_path / "a").write_text("2")
    zone.verify(delivery.files[0])
    assert zone.path_of(delivery.files[0]).read_text() == "1"


def test_deliveries_are_numbered_in_order_of_receipt_past_refused_ones(zone, deliver):
    first, second = deliver(a="1"), deliver(b="2")
    zone.refuse(second, "bad")
    third = deliver(c="3")
    assert [delivery.number for delivery in zone.deliveries()] == [1, 3]
    assert [delivery.number for delivery in zone.refusals()] == [2]
    assert first.batch_id != third.batch_id


def test_a_refused_delivery_takes_only_its_own_bytes_along(zone, deliver):
    kept, refused = deliver(a="same"), deliver(b="same", c="other")
    zone.refuse(refused, "bad")
    assert zone.path_of(kept.files[0]).exists()
    assert not zone.path_of(refused.files[1]).exists()
    reason = next((zone.root / "refused").glob("*.json")).read_text()
    assert '"refused": "bad"' in reason


def test_what_was_accepted_cannot_be_refused(zone, deliver):
    delivery = deliver(a="1")
    zone.accept(delivery)
    with pytest.raises(ValueError, match="accepted before"):
        zone.refuse(delivery, "bad")
    assert zone.deliveries() == (delivery,)


def test_the_remains_of_a_killed_copy_are_cleared(zone, deliver):
    (zone.root / "incoming").mkdir(parents=True)
    (zone.root / "incoming" / "file").write_text("half")
    deliver(a="1")
    assert list((zone.root / "incoming").iterdir()) == []


def test_a_damaged_manifest_or_copy_is_named(zone, deliver):
    delivery = deliver(a="1")
    zone.path_of(delivery.files[0]).write_text("changed")
    with pytest.raises(Bank360Error, match="missing or changed"):
        zone.verify(delivery.files[0])
    manifest: Path = next((zone.root / "deliveries").glob("*.json"))
    manifest.write_text("{")
    with pytest.raises(Bank360Error, match="cannot be read"):
        zone.deliveries()


def test_a_naive_instant_of_receipt_is_a_mistake(zone):
    with pytest.raises(ValueError, match="no time zone"):
        zone.receive("core", [], datetime.fromisoformat("2020-01-01"))
