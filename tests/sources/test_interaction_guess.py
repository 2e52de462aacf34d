"""Which file is taken for interactions, what its words are taken to mean, and what waits or stays flat."""

import pytest
import yaml

from bank360.sources.file_look import Head
from bank360.sources.mapped import mapped_source
from bank360.sources.mapping_template import proposal

KINDS = ("view", "Visit", "phone call", "view")
CHANNELS = ("web", "branch", "phone", "app")


def text(header, *columns):
    """Return a file whose rows are of customers C0, C1, C0, C1 on four days, with further columns."""
    rows = (
        f"C{n % 2},2024-01-{n + 1:02d}T10:00:00Z,{','.join(cells)}"
        for n, cells in enumerate(zip(*columns, strict=True))
    )
    return "\n".join([f"customer_id,at,{header}", *rows]) + "\n"


def proposed(content, name="log.csv"):
    """Return the one source proposed for a file, accepted as it stands, and what is to be checked."""
    found = proposal("b", [Head(name, text=content.encode())])
    for entry in yaml.safe_load(found.text)["sources"]:
        mapped_source(entry["name"], entry["mapping"], "Europe/London", "GBP", country="GB")
    return found, " | ".join(line for one in found.sources for line in one.to_check)


IDS = ("I0", "I1", "I2", "I3")


def test_customer_time_and_kind_make_a_file_of_interactions():
    found, checks = proposed(text("interaction_id,channel,type,product,reason", IDS, CHANNELS, KINDS, "abcd", "wxyz"))
    (source,) = found.sources
    assert source.mapping["files"]["interactions"] == {
        "pattern": "log.csv",
        "known_after": "1d",
        "columns": {
            "interaction_id": "interaction_id",
            "customer_id": "customer_id",
            "at": {"column": "at"},
            "channel": {
                "column": "channel", "codes": {"app": "mobile", "branch": "branch", "phone": "phone", "web": "online"},
                "other": "unknown", "missing": "unknown",
            },
            "kind": {"column": "type", "codes": {"Visit": "visit", "phone call": "call", "view": "view"}},
            "product_id": "product",
            "topic": "reason",
        },
    }  # fmt: skip
    assert "its values must be those of the table 'products'" in checks
    assert "not used" not in checks


def test_what_was_bought_is_an_answer_to_no_offer_until_somebody_says_where_it_belongs():
    found, checks = proposed(text("id,type", IDS, ("view", "purchase", "click", "view")))
    kind = found.sources[0].mapping["files"]["interactions"]["columns"]["kind"]
    assert kind["codes"] == {"click": "click", "purchase": "answer", "view": "view"}
    assert any("'purchase' of 'type' is no kind of ours" in line for line in found.sources[0].unsettled)
    assert "channel is not mapped" in checks


def test_a_kind_that_nobody_knows_is_said_and_not_made_up():
    found, checks = proposed(text("id,event_type", IDS, ("view", "login", "raffle", "fair")))
    kind = found.sources[0].mapping["files"]["interactions"]["columns"]["kind"]
    assert kind["codes"] == {"view": "view"}
    assert "'fair', 'login', 'raffle' of 'event_type' are not known: say under its codes which of visit" in checks


@pytest.mark.parametrize(
    ("content", "name", "lacking"),
    [
        (text("channel,type", CHANNELS, KINDS), "log.csv", "interaction_id"),
        (text("id,channel", IDS, CHANNELS), "contacts.csv", "kind"),
    ],
)
def test_what_names_no_row_or_says_no_kind_waits_for_it(content, name, lacking):
    found, _ = proposed(content, name)
    assert found.sources == ()
    ((waits,),) = [found.passed_over]
    assert f"of these no column was found for {lacking} (" in waits.why


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (text("id,channel", IDS, CHANNELS), "log.csv"),  # a channel alone, of anything
        (text("id,colour", IDS, ("view", "red", "blue", "green")), "log.csv"),  # one word of four
        (text("id,type,loan_default", IDS, KINDS, "0100"), "log.csv"),  # rows to learn from
        (text("id,channel,amount", IDS, CHANNELS, ("1.50", "2.50", "-3.10", "4.00")), "calls.csv"),  # money moved
        (
            "customer_id,seen,type\n" + "".join(f"C{n},2024-01-0{n + 1},{kind}\n" for n, kind in enumerate(KINDS)),
            "x.csv",
        ),
    ],
)
def test_what_only_resembles_it_stays_a_flat_file(content, name):
    found, _ = proposed(content, name)
    assert [one.kind for one in found.sources] == ["flat"]
