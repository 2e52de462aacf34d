"""Nothing that learns or decides knows the synthetic bank's truth: shown by reading the sources of those packages."""

import ast
from pathlib import Path

import pytest

import bank360

ROOT = Path(bank360.__file__).parent
# What would betray a reader: the folder, the generator, the tables and columns that hold the truth.
TELLTALES = ("truth", "sources.synthetic", "true_pd", "true_fraud_probability", "would_default")
LEARNING = ("features", "labels", "learning", "models", "policies", "marts")
STEPS = ("train", "build", "score", "ingest", "nightly", "rebuild", "profile", "explain")
# Scores models against the truth once they are trained; `train` may not import it.
AFTERWARDS = ("oracle",)


def learning_files() -> list[Path]:
    inside = [path for package in LEARNING for path in sorted((ROOT / package).rglob("*.py"))]
    steps = [path for path in sorted((ROOT / "pipeline").glob("*.py")) if path.stem.split("_")[0] in STEPS]
    return inside + steps


def words_of(source: str) -> list[str]:
    """Names, attributes, imports and texts of a module; its docstrings may speak of the truth."""
    tree = ast.parse(source)
    docstrings = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            docstrings.add(id(node.body[0].value))  # type: ignore[attr-defined]
    words = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            words.append(node.value)
        elif isinstance(node, ast.Name):
            words.append(node.id)
        elif isinstance(node, ast.Attribute):
            words.append(node.attr)
        elif isinstance(node, ast.Import):
            words.extend(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            words.append(node.module or "")
            words.extend(alias.name for alias in node.names)
        elif isinstance(node, ast.arg):
            words.append(node.arg)
    return words


def betrayals(source: str) -> set[str]:
    found = {tale for word in words_of(source) for tale in TELLTALES if tale in word}
    found |= {name for word in words_of(source) for name in AFTERWARDS if word == f"bank360.pipeline.{name}"}
    return found


@pytest.mark.parametrize("path", learning_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_learning_code_reads_the_truth(path: Path) -> None:
    assert betrayals(path.read_text(encoding="utf-8")) == set()


def test_the_packages_that_learn_are_really_looked_at() -> None:
    assert len(learning_files()) > 20


@pytest.mark.parametrize(
    "source",
    [
        "path = home / 'truth' / 'applications.parquet'",
        "from bank360.sources.synthetic import parameters",
        "sql = f'SELECT true_pd FROM {table}'",
        "from bank360.pipeline.oracle import oracle_share",
        "def fit(rows, truth): return rows",
    ],
)
def test_a_reader_of_the_truth_would_be_found(source: str) -> None:
    assert betrayals(source)


def test_a_docstring_may_speak_of_the_truth() -> None:
    assert not betrayals('"""The truth is not read here."""\n\ndef f():\n    """No truth."""\n')
