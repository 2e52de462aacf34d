"""The reference page of the features says what is declared, and leaves no feature undocumented."""

from pathlib import Path

from bank360.features.families import CATALOGUE
from bank360.features.feature import Derived, Feature
from bank360.models.catalogue import MODELS
from bank360.pipeline.feature_entries import feature_entries
from bank360.pipeline.feature_reference import features_page

PAGE = Path(__file__).parents[2] / "docs/reference/features.md"


def test_the_committed_page_is_what_the_declarations_say():
    assert PAGE.read_text(encoding="utf-8") == features_page(), "run 'make needs'"


def test_every_feature_is_documented_whole():
    entries = {entry.name: entry for entry in feature_entries()}
    assert list(entries) == [feature.name for feature in CATALOGUE]
    for feature in CATALOGUE:
        entry = entries[feature.name]
        assert all((entry.owner, entry.meaning, entry.unit, entry.risk, entry.computed, entry.columns, entry.needs))
        assert (entry.window is not None) == isinstance(feature, Feature)
        if isinstance(feature, Derived):
            assert all(part in entry.computed for part in feature.inputs)
            assert {name for part in feature.inputs for name in entries[part].columns} == set(entry.columns)
            assert all(entry.name in entries[part].enters for part in feature.inputs)


def test_a_model_is_named_by_exactly_the_features_that_it_reads_and_what_they_are_derived_from():
    by_name = {feature.name: feature for feature in CATALOGUE}

    def parts(name: str) -> set[str]:
        feature = by_name.get(name)
        return {name}.union(*map(parts, feature.inputs)) if isinstance(feature, Derived) else {name}

    for spec in MODELS:
        read = set().union(*(parts(one.name) for one in spec.inputs)) & set(by_name)
        assert {e.name for e in feature_entries() if spec.name in {use.model for use in e.uses}} == read
