"""300 damaged images of a scored bank's warehouse: whatever reads it first, nothing is lost and nothing wrong is said.

Flipped bits, zeroed and overwritten stretches, files cut short, headers: anywhere in the file, drawn from a seed. A
command either does not meet the damage and says what it says of the whole file, or has the warehouse made anew from the
landing zone and says the same. Runs in this process: 20 minutes on two quiet cores.
"""

import random
import shutil
import sys

import pytest

from bank360.storage.ledger import content_hashes
from bank360.storage.warehouse import open_warehouse
from tests.cli.conftest import SETTINGS, register_scorecard, run

pytestmark = pytest.mark.proof

IMAGES, SEED = 300, 20
HEADERS = 12_288


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Make a scored bank, its night at an end."""
    from bank360.storage.registry import Registry

    home = tmp_path_factory.mktemp("bank")
    assert run("synth", "generate", home, "--customers", 200, "--months", 24, "--seed", 7, "--threads", 1).code == 0
    (home / "bank360.yaml").write_text(SETTINGS, encoding="utf-8")
    for step in ("ingest", "check", "build"):
        assert run(step, "--home", home).code == 0
    register_scorecard(Registry(home / "registry"))
    assert run("models", "promote", "application_pd", "challenger", "--by", "approver", "--home", home).code == 0
    assert run("score", "--home", home).code == 0
    return home


def damaged(whole, draw):
    """Return a kind of damage and the file with it."""
    torn, at = bytearray(whole), draw.randrange(len(whole))
    kind = draw.choice(("bits", "zeros", "noise", "cut", "headers"))
    match kind:
        case "bits":
            for _ in range(draw.choice((1, 8, 64))):
                torn[draw.randrange(len(torn))] ^= 1 << draw.randrange(8)
        case "zeros":
            end = min(len(torn), at + draw.choice((512, 4096, 65_536, 262_144)))
            torn[at:end] = bytes(end - at)
        case "noise":
            end = min(len(torn), at + 4096)
            torn[at:end] = draw.randbytes(end - at)
        case "cut":
            del torn[at:]
        case _:
            torn[draw.randrange(HEADERS)] ^= 0xFF
    return kind, bytes(torn)


def test_300_damaged_images_lose_nothing_and_say_nothing_wrong(home):
    path = home / "warehouse.duckdb"
    customer = run("profile", "list", "--home", home).out.split("\n")[2].split()[0]
    asked = (
        ("profile", "list"), ("profile", "show", customer), ("features", "value", customer), ("alerts",), ("check",),
        ("build",), ("score",),
    )  # fmt: skip
    said = {words: run(*words, "--home", home).out for words in asked}
    with open_warehouse(path, 1, "500MB") as warehouse:
        whole = content_hashes(warehouse)
    image, draw = path.read_bytes(), random.Random(SEED)
    seen = {"unharmed": 0, "made anew": 0}
    for number in range(IMAGES):
        kind, torn = damaged(image, draw)
        for one in home.glob("warehouse.duckdb*"):
            shutil.rmtree(one) if one.is_dir() else one.unlink()
        path.write_bytes(torn)
        words = asked[number % len(asked)]
        ran = run(*words, "--home", home)
        assert ran.code == 0, (number, kind, words, ran.err)
        anew = "made anew" in ran.err
        if not anew or words[0] not in ("build", "score"):  # those say what they did, or that it was done
            assert ran.out == said[words], (number, kind, words)
        seen["made anew" if anew else "unharmed"] += 1
        if anew:
            assert path.with_name("warehouse.duckdb.damaged-1").read_bytes() == torn
            with open_warehouse(path, 1, "500MB") as warehouse:
                found = content_hashes(warehouse)
            assert {**found, "steps": ""} == {**whole, "steps": ""}, (number, kind, words)  # which steps ran
    sys.stdout.write(f"\n{IMAGES} damaged images: {seen}\n")
    assert min(seen.values()) > 0
