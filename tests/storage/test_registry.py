"""The registry: what is loaded is what was registered, or nothing is loaded."""

import json
from pathlib import Path

import numpy as np
import pytest

from bank360.bank.errors import ArtefactRefused, Bank360Error, NotFound
from bank360.learning.estimators.boosting import BoostingRules
from bank360.learning.tabular import Input, Recipe, fit_tabular
from bank360.models.card import CardInput, ModelCard, Period
from bank360.models.development import ReasonRates, measure
from bank360.models.spec import FittedModel, Part
from bank360.storage.registry import Registry

REASON_OF = {"score": "R01", "debt": "R03", "channel": "R24"}
INPUTS = (Input("score", sign=-1), Input("debt", sign=1), Input("channel", categorical=True))


def _table():
    rng = np.random.default_rng(1)
    score, debt = rng.normal(size=(2, 600))
    channel = rng.choice(["online", "branch"], 600).astype(object)
    outcome = (rng.random(600) < 1 / (1 + np.exp(1.5 + score - debt))).astype(float)
    return {"score": score, "debt": debt, "channel": channel}, outcome


def _model(kind):
    columns, outcome = _table()
    tabular = fit_tabular(Recipe(kind, boosting=BoostingRules(max_rounds=15)), INPUTS, columns, outcome, seed=1)
    return FittedModel("application_pd", kind, (Part("all", tabular),), REASON_OF, frozenset())


def _card(model):
    columns, outcome = _table()
    measured = (measure("all", outcome, model.score(columns, np.zeros(600, dtype=bool)).probability),)
    return ModelCard(
        "application_pd", model.candidate, "Probability of default.", "default", "booked", "2026-01-01T00:00:00Z",
        Period("2021-01-01", "2023-12-31", 600, 90), Period("2024-01-01", "2024-12-31", 600, 90),
        (CardInput("score", "bureau score", "points", -1, "R01", "risk"),), measured, measured, "scorecard",
        ReasonRates(60, 0, 90, 1, 0, 60), "d1", "c1", 1, "trainer", ("made-up rows",),
    )  # fmt: skip


@pytest.fixture(scope="module", params=["scorecard", "trees"])
def registered(request, tmp_path_factory):
    registry = Registry(tmp_path_factory.mktemp("registry"))
    model = _model(request.param)
    return registry, model, registry.register(model, _card(model))


def test_a_version_comes_back_to_the_last_bit(registered):
    registry, model, version = registered
    loaded = registry.load("application_pd", "challenger")
    columns, _ = _table()
    thin = np.zeros(600, dtype=bool)
    assert loaded.version == version
    assert loaded.model.score(columns, thin).margin.tobytes() == model.score(columns, thin).margin.tobytes()
    assert loaded.card["measured"][0]["population"] == "all"


def test_the_same_content_is_the_same_version(registered):
    registry, model, version = registered
    assert registry.register(model, _card(model)) == version
    assert registry.versions("application_pd") == (version,)


def test_a_damaged_version_is_not_registered_again(tmp_path):
    registry = Registry(tmp_path)
    model = _model("scorecard")
    version = registry.register(model, _card(model))
    (tmp_path / "application_pd" / version / "card.md").write_text("changed")
    with pytest.raises(ArtefactRefused, match=r"card\.md"):
        registry.register(model, _card(model))


def test_what_a_killed_process_left_behind_is_cleared(tmp_path):
    registry = Registry(tmp_path)
    model = _model("scorecard")
    version = registry.register(model, _card(model))
    folder = tmp_path / "application_pd" / version
    folder.rename(folder.with_name(f".{version}.new"))
    (folder.with_name(f".{version}.new") / "model.json").write_text("half")
    assert registry.versions("application_pd") == ()
    assert registry.register(model, _card(model)) == version
    assert registry.load("application_pd", version).version == version


def test_the_card_is_written_for_people_too(registered):
    registry, _, version = registered
    text = (registry.root / "application_pd" / version / "card.md").read_text()
    assert "| all | 600 |" in text
    assert "R01 Credit bureau score" in text
    assert "made-up rows" in text


def test_nothing_is_champion_until_somebody_else_promotes_it(tmp_path):
    registry = Registry(tmp_path)
    model = _model("scorecard")
    version = registry.register(model, _card(model))
    with pytest.raises(NotFound, match="no champion yet"):
        registry.load("application_pd")
    for same in ("trainer", " Trainer\n", "TRAINER"):
        with pytest.raises(Bank360Error, match="cannot approve"):
            registry.promote("application_pd", version, same)
    with pytest.raises(ValueError, match="promote"):
        registry.register(model, _card(model), alias="champion")
    registry.promote("application_pd", version, "approver")
    assert registry.load("application_pd").version == version
    registry.promote("application_pd", version, "trainer", demo=True)
    promotions = registry.aliases("application_pd")["promotions"]
    assert [p["approved_by"] for p in promotions] == ["approver", "DEMO"]


def test_unknown_names_are_not_found(registered):
    registry, _, _ = registered
    for name, version in (("behaviour_pd", "champion"), ("application_pd", "0" * 16), ("../etc", "champion")):
        with pytest.raises(NotFound):
            registry.load(name, version)
    with pytest.raises(NotFound):
        registry.load("application_pd", "../../x")
    assert registry.models() == ("application_pd",)


def test_every_mutation_of_every_file_is_refused(registered):
    """Flip bits, cut, extend and empty each file of a version: nothing changed is ever loaded."""
    registry, _, version = registered
    folder = registry.root / "application_pd" / version
    rng = np.random.default_rng(3)
    tried = 0
    for path in sorted(folder.iterdir()):
        original = path.read_bytes()
        mutants = [b"", original[:-1], original + b"\n", original[: len(original) // 2]]
        for _ in range(60):
            at, bit = int(rng.integers(len(original))), 1 << int(rng.integers(8))
            mutants.append(original[:at] + bytes([original[at] ^ bit]) + original[at + 1 :])
        for mutant in mutants:
            path.write_bytes(mutant)
            with pytest.raises(ArtefactRefused):
                registry.load("application_pd", version)
            tried += 1
        path.write_bytes(original)
    assert tried >= 300
    assert registry.load("application_pd", version).version == version


def test_a_file_too_many_or_too_few_is_refused(registered):
    registry, _, version = registered
    folder = registry.root / "application_pd" / version
    extra = folder / "run_me.pkl"
    extra.write_bytes(b"")
    with pytest.raises(ArtefactRefused, match=r"run_me\.pkl"):
        registry.load("application_pd", version)
    extra.unlink()
    moved = folder / "card.md"
    text = moved.read_bytes()
    moved.unlink()
    with pytest.raises(ArtefactRefused, match=r"card\.md"):
        registry.load("application_pd", version)
    moved.write_bytes(text)


def test_a_consistent_forgery_must_still_give_its_golden_scores(tmp_path):
    """Whoever rewrites the manifest gets another version name; a wrong model under it fails its golden scores."""
    registry = Registry(tmp_path)
    model = _model("scorecard")
    version = registry.register(model, _card(model))
    folder = tmp_path / "application_pd" / version
    values = json.loads((folder / "model.json").read_bytes())
    values["parts"][0]["model"]["calibrator"]["intercept"] += 0.5
    forged = _forge(folder, "model.json", json.dumps(values).encode())
    with pytest.raises(ArtefactRefused, match="golden"):
        registry.load("application_pd", forged)


def test_forged_structures_raise_and_never_crash(tmp_path):
    registry = Registry(tmp_path)
    model = _model("trees")
    version = registry.register(model, _card(model))
    folder = tmp_path / "application_pd" / version
    for name, data in (
        ("model.json", b"[]"),
        ("model.json", b"{}"),
        ("model.json", b'{"parts":[null]}'),
        ("golden.json", b'{"parts":[{"rows":[[1]]}]}'),
        ("trees-0.npz", b"PK\x03\x04"),
        ("trees-0.npz", b"\x80\x04."),
        ("card.json", b"{"),
    ):
        forged = _forge(folder, name, data)
        with pytest.raises(ArtefactRefused):
            registry.load("application_pd", forged)


def test_a_damaged_alias_file_is_refused(tmp_path):
    registry = Registry(tmp_path)
    model = _model("scorecard")
    registry.register(model, _card(model))
    path = tmp_path / "application_pd" / "aliases.json"
    for text in ("", "[]", '{"champion": "../x", "promotions": []}', '{"champion": 3}'):
        path.write_text(text)
        with pytest.raises(ArtefactRefused):
            registry.load("application_pd")


def _forge(folder: Path, name: str, data: bytes) -> str:
    """Copy a version with one file replaced and a manifest that agrees; return its name."""
    import hashlib

    files = {p.name: p.read_bytes() for p in folder.iterdir()} | {name: data}
    manifest = json.loads(files.pop("manifest.json"))
    manifest["files"] = {
        file: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)} for file, content in files.items()
    }
    text = json.dumps(manifest, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    version = hashlib.sha256(text).hexdigest()[:16]
    (folder.parent / version).mkdir(exist_ok=True)
    for file, content in (files | {"manifest.json": text}).items():
        (folder.parent / version / file).write_bytes(content)
    return version
