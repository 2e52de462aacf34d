"""The home's store as the command line opens it, and who is at the terminal."""

import getpass

from bank360.home import STORE_FILE, fresh_id, log_of, store_url, this_instant

__all__ = ["STORE_FILE", "fresh_id", "log_of", "operator", "store_url", "this_instant"]


def operator() -> str:
    """Return who acts: the login name at this terminal, marked as such."""
    return f"operator:{getpass.getuser()}"
