"""Which SQLite is under Python, and since which version it no longer loses a commit when the log is reset."""

import sqlite3

WAL_RESET_FIXED = (3, 51, 3)


def sqlite_version() -> tuple[int, int, int]:
    """Return the version of the library that Python was linked with."""
    return sqlite3.sqlite_version_info
