"""Received files are matched with a mapping's patterns as the folder that they came in would be."""

from hypothesis import given
from hypothesis import strategies as st

from bank360.sources.source import Converted, Source, SourceFile
from bank360.storage.files import delivered_files, files_read_as
from bank360.storage.scratch import scratch_folder

NAMES = st.sampled_from(
    [
        "a.csv",
        "b.csv",
        "ab.csv",
        ".a.csv",
        "A.CSV",
        "a.csv.gz",
        "x/a.csv",
        "x/b.csv",
        "x/y/a.csv",
        "y/ä b.csv",
        "[a].csv",
    ]
)
PATTERNS = st.sampled_from(
    [
        "a.csv",
        "*.csv",
        "*",
        "?.csv",
        "[ab].csv",
        "[!a].csv",
        "x/*.csv",
        "*/a.csv",
        "**/a.csv",
        "x/**/*.csv",
        "**/*",
        "./a*",
    ]
)


def source(patterns):
    files = tuple(
        SourceFile(f"part{number}", pattern, (), ("transactions",), optional=True)
        for number, pattern in enumerate(patterns)
    )
    return Source("core", files, {file.name: lambda batch, row: Converted({}) for file in files})


@given(st.sets(NAMES, max_size=6), st.lists(PATTERNS, max_size=3))
def test_names_are_matched_as_the_folder_would_be(names, patterns):
    declared = source(patterns)
    with scratch_folder() as folder:
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).touch()
        expected = tuple((part, name) for part, name, _ in delivered_files(declared, folder))
    assert files_read_as(declared, names) == expected
