"""Laws of every model: its inputs may be read, are explained, and never speak of a protected attribute."""

import ast
from pathlib import Path

import pytest

from bank360.bank.reasons import REASON_BY_CODE
from bank360.bank.table import Tag
from bank360.bank.tables import TABLE_BY_NAME, TABLES
from bank360.features.feature import Derived, Feature, SpineColumn
from bank360.features.scan import STREAM_BY_NAME
from bank360.labels.catalogue import LABELS
from bank360.learning import tabular
from bank360.models import catalogue
from bank360.models.application_columns import DAYS_KNOWN
from bank360.models.catalogue import MODELS
from bank360.models.spec import ModelSpec
from bank360.storage.columns import TEXT
from bank360.storage.spines import KINDS

FORBIDDEN = (Tag.PROTECTED, Tag.PII, Tag.RESTRICTED)
PROTECTED_NAMES = {c.name for t in TABLES for c in t.columns if set(FORBIDDEN) & set(c.tags)} | {
    "age",
    "gender",
    "region",
}
SRC = Path(catalogue.__file__).parents[1]


def everything_read(spec):
    return (*spec.inputs, *spec.parts)


def test_every_file_of_a_model_is_in_the_catalogue():
    files = {
        path.stem for path in Path(catalogue.__file__).parent.glob("*.py") if "ModelSpec(" in path.read_text("utf-8")
    }
    assert files - {"spec"} == {spec.name for spec in MODELS}


@pytest.mark.parametrize("spec", MODELS, ids=lambda spec: spec.name)
class TestEveryModel:
    def test_it_says_what_its_number_means_and_its_label_is_known(self, spec: ModelSpec):
        assert spec.meaning.endswith(".")
        assert spec.label in LABELS

    def test_the_plain_baseline_comes_first_and_trees_second(self, spec: ModelSpec):
        kinds = [candidate.recipe.kind for candidate in spec.candidates]
        assert kinds[0] in ("scorecard", "linear")
        assert kinds[-1] == "trees"

    def test_no_input_is_read_off_a_protected_or_identifying_column(self, spec: ModelSpec):
        for feature in everything_read(spec):
            assert feature.name not in PROTECTED_NAMES
            if isinstance(feature, Feature):
                table = TABLE_BY_NAME[STREAM_BY_NAME[feature.measure.table].table]
                known = {column.name: column for column in table.columns}
                columns = {feature.measure.column, *(condition[0] for condition in feature.measure.where)}
                for name in columns & set(known):
                    assert not set(FORBIDDEN) & set(known[name].tags), f"{feature.name} reads {table.name}.{name}"

    def test_every_input_has_meaning_unit_owner_and_a_reason_in_plain_words(self, spec: ModelSpec):
        for feature in spec.inputs:
            assert feature.meaning, feature.name
            assert feature.unit, feature.name
            assert feature.owner, feature.name
            assert feature.reason in REASON_BY_CODE, feature.name
            assert feature.sign in (-1, 0, 1)

    def test_what_a_derived_input_is_made_of_is_at_hand(self, spec: ModelSpec):
        names = {feature.name for feature in everything_read(spec)}
        for feature in everything_read(spec):
            if isinstance(feature, Derived):
                assert set(feature.inputs) <= names, feature.name

    def test_the_spine_gives_every_column_it_declares(self, spec: ModelSpec):
        """`spines.py` spells every spine column, and tells text from numbers as the model does."""
        text = (SRC / "storage" / "spines.py").read_text("utf-8")
        for feature in everything_read(spec):
            if isinstance(feature, SpineColumn):
                stem = feature.name.removeprefix("shared_")
                assert stem in text or stem in {str(kind) for kind in KINDS}, feature.name
                assert feature.categorical == (feature.name in TEXT), feature.name

    def test_it_knows_who_has_no_history(self, spec: ModelSpec):
        assert DAYS_KNOWN in {feature.name for feature in everything_read(spec)}
        assert DAYS_KNOWN in spec.from_history
        thin = {i.name for i in spec.tabular_inputs(thin=True)}
        assert thin
        assert not thin & spec.from_history


def test_nothing_that_trains_or_scores_reads_the_truth():
    """No code below says 'truth' but the comparison with it, which no training code imports."""
    for folder in ("learning", "labels", "models", "features", "policies"):
        for path in (SRC / folder).rglob("*.py"):
            names = {node.id for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Name)}
            assert not {name for name in names if "truth" in name.lower()}, path
    for name in ("train", "score_batch", "requests", "explain"):
        assert "pipeline.oracle" not in (SRC / "pipeline" / f"{name}.py").read_text("utf-8")


def test_learning_never_reads_a_name_of_the_bank():
    assert "bank360.bank" not in Path(tabular.__file__).read_text("utf-8")
