"""No module reads the synthetic bank's truth but those that make it, and those that compare with it afterwards.

A law on every module of the package, shown by reading their sources: a new file is under it without being listed. What
may name the truth is listed with why; whoever is not listed may not import those that read it either.
"""

import ast
from pathlib import Path

import pytest

import bank360

ROOT = Path(bank360.__file__).parent
# What would betray a reader: the folder, the generator, the tables and columns that hold the truth.
TELLTALES = ("truth", "sources.synthetic", "true_pd", "true_fraud_probability", "would_default")
# A boolean is a truth value in every language.
HARMLESS = "truth value"
GENERATOR = "sources/synthetic"
ALLOWED = {
    "sources/registry.py": "lists the generator's deliveries among the kinds of source",
    "sources/card_file/behaviour.py": "draws another synthetic bank by the generator's shares of spending",
    "sources/card_file/payments.py": "draws another synthetic bank, with the generator's seasons and numbering",
    "sources/card_file/people.py": "draws another synthetic bank, with the generator's names and regions",
    "pipeline/generate.py": "writes it",
    "pipeline/synth_check.py": "compares the generated bank with its targets",
    "pipeline/oracle.py": "compares trained models with the true probabilities",
    "storage/synth_reads.py": "observes the generated bank",
    "storage/synth_sql.py": "observes the generated bank",
    "storage/oracle_truth.py": "reads the true probabilities for the comparison",
    "storage/identity_truth.py": "reads the planted duplicates for the comparison",
    "storage/file_head.py": "knows the folder's name, to leave it alone",
    "home.py": "knows where the folder is",
    "cli/synth.py": "generates, checks and shows the comparison",
    "cli/synth_table.py": "prints what the check found",
    "cli/demo.py": "generates, and compares after training",
    "cli/demo_summary.py": "prints the comparisons",
}
# Modules that read or make the truth without saying so in their name.
READERS = ("pipeline.oracle", "pipeline.synth_check", "pipeline.generate", "storage.synth_reads", "storage.synth_sql")


def under_the_law() -> list[Path]:
    """Return every module but the generator's own and those allowed."""
    modules = {path.relative_to(ROOT).as_posix(): path for path in sorted(ROOT.rglob("*.py"))}
    return [path for name, path in modules.items() if name not in ALLOWED and not name.startswith(GENERATOR)]


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
            words.extend(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.arg):
            words.append(node.arg)
    return words


def betrayals(source: str) -> set[str]:
    words = [word.replace(HARMLESS, "") for word in words_of(source)]
    return {tale for word in words for tale in (*TELLTALES, *READERS) if tale in word}


@pytest.mark.parametrize("path", under_the_law(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_does_not_name_the_truth(path: Path) -> None:
    assert betrayals(path.read_text(encoding="utf-8")) == set()


def test_what_learns_scores_and_reads_is_under_the_law() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in under_the_law()}
    assert {f"storage/{name}.py" for name in ("spines", "events", "holders", "warehouse")} <= names
    steps = ("train", "build", "describe", "requests", "periods", "identify", "score_batch", "ingest")
    assert {f"pipeline/{name}.py" for name in steps} <= names
    for package in ("features", "labels", "learning", "models", "policies", "quality", "identity"):
        assert sum(name.startswith(package) for name in names) == len(list((ROOT / package).rglob("*.py")))


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_who_is_allowed_is_there_and_needs_it(name: str) -> None:
    assert betrayals((ROOT / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "source",
    [
        "path = home / 'truth' / 'applications.parquet'",
        "from bank360.sources.synthetic import parameters",
        "sql = f'SELECT true_pd FROM {table}'",
        "from bank360.pipeline.oracle import oracle_share",
        "from bank360.pipeline import oracle",
        "from bank360.storage import synth_sql",
        "def fit(rows, truth): return rows",
    ],
)
def test_a_reader_of_the_truth_would_be_found(source: str) -> None:
    assert betrayals(source)


def test_a_docstring_may_speak_of_the_truth_and_a_message_of_truth_values() -> None:
    assert not betrayals("text = f'the truth value {value}'")
    assert not betrayals('"""The truth is not read here."""\n\ndef f():\n    """No truth."""\n')
