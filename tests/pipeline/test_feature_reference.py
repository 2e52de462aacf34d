"""The reference page of the features says what is declared, and leaves no feature undocumented."""

from dataclasses import replace
from pathlib import Path

from bank360.features.families import CATALOGUE
from bank360.features.families.spending import CATEGORY_MAP
from bank360.features.feature import NEITHER, Derived, Feature, SpineColumn
from bank360.features.wording import window_said
from bank360.models.catalogue import MODELS
from bank360.pipeline import feature_entries as feature_entries_module
from bank360.pipeline.feature_entries import APPLICATION, feature_entries
from bank360.pipeline.feature_reference import features_page
from bank360.pipeline.train import features_of

PAGE = Path(__file__).parents[2] / "docs/reference/features.md"


def test_the_committed_page_is_what_the_declarations_say():
    assert PAGE.read_text(encoding="utf-8") == features_page(), "run 'make needs'"


def test_every_feature_is_documented_whole():
    entries = {entry.name: entry for entry in feature_entries()}
    read = [feature for feature in features_of(MODELS) if feature.name not in {one.name for one in CATALOGUE}]
    assert list(entries)[: len(CATALOGUE)] == [feature.name for feature in CATALOGUE]
    assert set(entries) == {feature.name for feature in (*CATALOGUE, *read)}
    for feature in (*CATALOGUE, *read):
        entry = entries[feature.name]
        assert all((entry.owner, entry.meaning, entry.unit, entry.risk, entry.computed, entry.columns, entry.needs))
        assert entry.window
        if isinstance(feature, Feature):
            assert entry.window == window_said(feature.window)
        if isinstance(feature, Derived):
            assert all(window in entry.window for part in feature.inputs for window in entries[part].window.split("; ")
                       if ": " not in window)  # fmt: skip
            assert all(part in entry.computed for part in feature.inputs)
            assert {name for part in feature.inputs for name in entries[part].columns} == set(entry.columns)
            assert {name for part in feature.inputs for name in entries[part].found_by} == set(entry.found_by)
            assert all(entry.name in entries[part].enters for part in feature.inputs)


def test_a_model_is_named_by_exactly_the_features_that_it_reads_and_what_they_are_derived_from():
    by_name = {feature.name: feature for feature in (*features_of(MODELS), *CATALOGUE)}

    def parts(name: str) -> set[str]:
        feature = by_name.get(name)
        return {name}.union(*map(parts, feature.inputs)) if isinstance(feature, Derived) else {name}

    for spec in MODELS:
        read = set().union(*(parts(one.name) for one in spec.inputs)) & set(by_name)
        assert {e.name for e in feature_entries() if spec.name in {use.model for use in e.uses}} == read


def test_what_the_models_read_of_an_application_is_a_family_with_an_owner_each():
    own = {entry.name: entry for entry in feature_entries() if entry.family == APPLICATION}
    assert {"bureau_score", "debt_to_income", "commitments", "shared_device", "contact_matches"} <= set(own)
    assert {name for name, entry in own.items() if entry.owner == "fraud"} == {
        *(f"shared_{kind}" for kind in ("device", "address", "phone", "email")), "contact_matches", "email_age_days",
        "form_seconds", "ip_distance_km", "submitted_hour", "declared_to_detected_income",
    }  # fmt: skip
    for entry in own.values():
        assert (entry.owner == "fraud") == ({use.model for use in entry.uses} == {"application_fraud"})


def test_a_model_input_in_no_family_is_documented_by_being_read(monkeypatch):
    new = SpineColumn("siblings", "count", "siblings told of", sign=NEITHER, reason="R09")
    spec = replace(MODELS[1], inputs=(*MODELS[1].inputs, new))
    monkeypatch.setattr(feature_entries_module, "MODELS", (MODELS[0], spec))
    entry = feature_entries()[-1]
    assert (entry.name, [use.model for use in entry.uses]) == ("siblings", ["application_fraud"])
    assert "`siblings`" in features_page()
    assert not entry.columns, "and the law above fails until it says where it is read from"


def test_the_category_map_is_named_by_what_reads_it_and_nothing_else():
    named = {entry.name: entry.category_map for entry in feature_entries() if entry.category_map is not None}
    assert set(named.values()) == {CATEGORY_MAP}
    assert {"spend_90d", "essential_spend_90d", "essential_share_90d", "spend_growth", "purchases_90d"} <= set(named)
    assert not {"gambling_90d", "income_90d", "cash_90d", "balance_mean_90d", "bureau_score"} & set(named)
