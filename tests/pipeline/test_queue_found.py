"""Which cases a published version gives ground for: who is in default is one whether or not a model scores them."""

from dataclasses import replace

import pytest

from bank360.pipeline.queue_found import found_in
from bank360.storage import version_schema as v
from bank360.storage.publications import Described, publish_version
from bank360.storage.published import Published
from bank360.storage.version_place import place_of
from tests.storage.test_publications import meta


def _row(customer, place, tier=None, in_default=False, at_stake=1_000):
    return {
        "customer_id": customer, "family_key": None, "name": None, "region": None, "probability": tier and 0.2,
        "tier": tier, "thin_file": None, "exposure": at_stake, "days_past_due": 120 if in_default else 0,
        "in_default": in_default, "at_stake": at_stake, "expected_loss": None, "alerts": 0, "place": place,
    }  # fmt: skip


EVERYBODY = (
    _row("scored", 0, "in_default", in_default=True),
    _row("a company", 1, in_default=True),
    _row("high", 2, "high"),
    _row("low", 3, "low"),
    _row("pays", 4),
    _row("charged off and closed", 5, in_default=True, at_stake=0),
)


@pytest.mark.parametrize("unscored", [None, "no model is champion yet."])
def test_whoever_is_in_default_and_owes_is_a_case_scored_or_not(store, tmp_path, unscored):
    rows = EVERYBODY if unscored is None else tuple(row | {"tier": None, "probability": None} for row in EVERYBODY)

    def fill(new):
        new.about("meta", replace(meta(new.number), customers=len(rows)).to_json())
        new.rows(v.customers, rows)
        return Described(new.number, len(rows))

    place = place_of(store.address, tmp_path / "published")
    publish_version(store, place, fill, 1)
    with Published(store, place) as published, published.current() as version:
        found = {case.customer_id: (case.source, case.ground, case.severity) for case in found_in(version)}
    in_default = dict.fromkeys(("scored", "a company"), ("tier", "in default", "high"))
    assert found == in_default | ({} if unscored else {"high": ("tier", "risk tier high", "high")})
