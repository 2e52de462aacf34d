"""Laws of every module: below the faces it reaches for nothing outside the process, it knows no bank's zone, currency
or country by itself, and nothing in it is unused.

Only `storage` touches files and databases; `settings`, `home` and the faces (`api`, `cli`, `dashboard`) read the
environment and the clock. Anywhere else a clock, a variable, a file, a socket, another process or fresh randomness
would make two runs on the same data differ, or go past the checks that storage makes. Import-linter holds packages to
their layers; this reads what it cannot see: the standard library, and methods.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from bank360.settings import Bank

SOURCE = Path(__file__).parents[2] / "src" / "bank360"
FACES = {"api", "cli", "dashboard", "frames.py", "home.py", "settings.py"}
HELD = sorted(
    path.relative_to(SOURCE).as_posix()
    for path in SOURCE.rglob("*.py")
    if path.relative_to(SOURCE).parts[0] not in FACES
)

MODULES = {
    "the clock": {"time", "sched", "signal"},
    "the environment": {"sys", "platform", "getpass", "locale", "argparse"},
    "files": {
        "os", "tempfile", "shutil", "glob.glob", "glob.iglob", "fileinput", "mmap", "fcntl", "zipfile", "tarfile",
        "gzip", "bz2", "lzma", "pyarrow.csv", "pyarrow.json", "pyarrow.parquet", "pyarrow.dataset", "pyarrow.fs",
        "pyarrow.orc", "pyarrow.feather", "importlib.resources",
    },
    "other processes and machines": {
        "socket", "ssl", "subprocess", "multiprocessing", "asyncio", "urllib", "http", "ftplib", "smtplib", "requests",
        "httpx", "ctypes",
    },
    "randomness without a seed": {"random", "secrets", "uuid"},
}  # fmt: skip
NAMES = {
    "the clock": {"now", "utcnow", "today", "perf_counter", "monotonic"},
    "the environment": {"environ", "getenv", "cwd", "home", "expanduser"},
    "files": {
        "open", "read_text", "read_bytes", "write_text", "write_bytes", "exists", "is_file", "is_dir", "is_symlink",
        "mkdir", "rmdir", "rmtree", "unlink", "touch", "iterdir", "glob", "rglob", "stat", "lstat", "symlink_to",
        "chmod", "fromfile", "tofile", "memmap", "loadtxt", "savetxt", "genfromtxt", "savez", "savez_compressed",
        "OSFile", "memory_map", "read_csv", "read_parquet", "to_csv", "to_parquet",
    },
}  # fmt: skip


def reaches(name: str, tree: ast.Module) -> set[tuple[str, str]]:
    """Return ``(what is reached for, how)`` for each thing in a module that goes outside the process."""
    found = set()
    package = name.split("/")[0]
    modules = {module: what for what, names in MODULES.items() for module in names}
    if package != "pipeline":  # steps hand paths on, as values
        modules["pathlib"] = "files"
    names = {method: what for what, methods in NAMES.items() for method in methods}
    for node in ast.walk(tree):
        imported: list[str] = []
        if isinstance(node, ast.Import):
            imported = [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom):
            imported = [f"{node.module}.{each.name}" for each in node.names]
        elif isinstance(node, ast.Attribute) and node.attr in names:
            found.add((names[node.attr], node.attr))
        elif isinstance(node, ast.Name) and node.id == "open":
            found.add(("files", "open"))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "default_rng":
            found |= set() if node.args or node.keywords else {("randomness without a seed", "default_rng")}
        for path in imported:
            parts = path.split(".")
            found |= {
                (modules[head], head)
                for head in (".".join(parts[:size]) for size in range(1, len(parts) + 1))
                if head in modules
            }
    return {(what, how) for what, how in found if package != "storage" or what != "files"}


@pytest.mark.parametrize("name", HELD)
def test_a_module_below_the_faces_reaches_for_nothing_outside_the_process(name: str) -> None:
    assert reaches(name, ast.parse((SOURCE / name).read_text(encoding="utf-8"))) == set()


@pytest.mark.parametrize(
    ("line", "how"),
    [
        ("from datetime import datetime; datetime.now()", "now"),
        ("import os", "os"),
        ("from os.path import join", "os"),
        ("import pyarrow.parquet as pq", "pyarrow.parquet"),
        ("from pyarrow import csv", "pyarrow.csv"),
        ("open('x')", "open"),
        ("from pathlib import Path", "pathlib"),
        ("folder.joinpath('x').read_text()", "read_text"),
        ("import numpy as np; np.random.default_rng()", "default_rng"),
    ],
)
def test_the_law_sees_what_it_forbids(line: str, how: str) -> None:
    assert how in {each for _, each in reaches("features/any.py", ast.parse(line))}


def test_storage_may_reach_files_and_neither_clock_nor_environment() -> None:
    assert reaches("storage/any.py", ast.parse("open('x')")) == set()
    assert reaches("storage/any.py", ast.parse("import os; os.environ['HOME']; datetime.now()")) == {
        ("the environment", "environ"),
        ("the clock", "now"),
    }


# A caller that forgets one of these must fail: a default would compute another bank's numbers and say nothing.
BANKS_OWN = {"zone", "currency", "country"}
SETTINGS_SAY = {field.default for name, field in Bank.model_fields.items() if name in BANKS_OWN}


def defaults(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Yield name and default of each parameter of a function, and of each field of a class, that has one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            by_place = [*node.args.posonlyargs, *node.args.args]
            yield from (
                (each.arg, value) for each, value in zip(by_place[::-1], node.args.defaults[::-1], strict=False)
            )
            by_name = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
            yield from ((each.arg, value) for each, value in by_name if value is not None)
        elif isinstance(node, ast.ClassDef):
            for each in node.body:
                if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name) and each.value is not None:
                    yield each.target.id, each.value


def assumed(tree: ast.Module) -> set[str]:
    """Return the parameters and fields of a module that assume a bank's zone, currency or country.

    Either by their name, whatever text they default to, or by that text: what settings say where a bank says nothing.
    """
    return {
        f"{name} = {ast.unparse(value)}"
        for name, value in defaults(tree)
        if isinstance(value, ast.Constant)
        and (value.value in SETTINGS_SAY or (name in BANKS_OWN and isinstance(value.value, str)))
    }


@pytest.mark.parametrize("name", HELD)
def test_nothing_below_settings_assumes_whose_bank_it_is(name: str) -> None:
    assert assumed(ast.parse((SOURCE / name).read_text(encoding="utf-8"))) == set()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('def f(x, zone="UTC", threads=2): ...', "zone = 'UTC'"),
        ('def f(x, *, own="GBP", country=None): ...', "own = 'GBP'"),
        ('def f(x, y, own="Europe/London", /): ...', "own = 'Europe/London'"),
        ('class Own:\n    threads: int = 2\n    country: str = "CZ"', "country = 'CZ'"),
    ],
)
def test_the_law_sees_a_bank_that_is_assumed(line: str, said: str) -> None:
    assert assumed(ast.parse(line)) == {said}


# Public, and without a caller in the product, with the reason.
ONLY_FOR_PROOF = {
    "content_hashes": "tests prove by it that a rebuild, a repeat and a kill leave the same rows",
    "f1": "the literature's one figure of a linkage; tests on public data print it beside precision and recall",
}


def mentions(node: ast.AST, but: ast.AST | None = None) -> Counter[str]:
    """Return how often each name is mentioned in code, the tree below ``but`` left out."""
    found: Counter[str] = Counter()
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if one is but:
            continue
        if isinstance(one, ast.Name):
            found[one.id] += 1
        elif isinstance(one, ast.Attribute):
            found[one.attr] += 1
        elif isinstance(one, ast.ImportFrom):
            found.update(each.name for each in one.names)
        elif isinstance(one, ast.Constant) and isinstance(one.value, str):
            found[one.value] += 1
        waiting += ast.iter_child_nodes(one)
    return found


def test_every_public_function_and_class_is_used_by_the_product() -> None:
    """By name: one in use anywhere counts. Users call commands and routes, and base classes what they declare."""
    paths = sorted(SOURCE.rglob("*.py"))
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in paths]
    frames = trees[paths.index(SOURCE / "frames.py")]  # what notebooks and scripts call
    used = sum((mentions(tree) for tree in trees), Counter())
    unused = set()
    for tree in trees:
        classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and not node.bases]
        for node in (*tree.body, *(each for one in classes for each in one.body)):
            if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
                continue
            decorators = "".join(ast.unparse(each) for each in node.decorator_list)
            called_from_outside = ".command(" in decorators or "router." in decorators or tree is frames
            if not called_from_outside and used[node.name] == mentions(node)[node.name]:
                unused.add(node.name)
    assert unused == set(ONLY_FOR_PROOF)
