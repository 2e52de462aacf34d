"""Logging in: a name and a password become a token that says who asks, until it expires.

The token is 256 random bits from a face; here it is its SHA-256 only, so that whoever reads the store cannot use it.
Guesses at one account are counted before they are verified, so that no number of connections verifies more than the
limit; what was no guess (the password was right) is taken back.
"""

import hashlib
import hmac

from bank360.bank.errors import Bank360Error
from bank360.pipeline.users import log_in
from bank360.policies.access import Principal
from bank360.storage.chain import derived_key
from bank360.storage.rate_counters import Limit, count, uncount
from bank360.storage.store.engine import Store
from bank360.storage.tokens import drop_token, insert_token, token_owner
from bank360.storage.users import User

GUESSES = Limit(10, 15 * 60)  # per account


class TooMany(Bank360Error):
    """Something was done too often; ``ends_at_us`` says when it may be done again."""

    def __init__(self, ends_at_us: int) -> None:
        super().__init__("Too often; come again later.")
        self.ends_at_us = ends_at_us


def counter_name(key: bytes, kind: str, whose: str) -> str:
    """Return the name of a counter: a keyed hash, so that the store holds no address and no misspelt name.

    Parameters
    ----------
    key
        The bank's audit key; a key derived from it is used.
    kind, whose
        What is counted ("guess", "address", "user") and of whom.
    """
    said = f"{kind}\x1f{whose}".encode("utf-8", "replace")
    return hmac.digest(derived_key(key, b"counter"), said, "sha256").hex()


def open_session(
    store: Store, key: bytes, name: str, password: str, token: str, at_us: int, lasts_us: int
) -> User | None:
    """Return the user whose password this is, who from now on owns the token; None for a wrong name or password.

    Parameters
    ----------
    key
        The bank's audit key, of which the names of counters are made.
    token
        256 random bits from a face, as text.
    at_us, lasts_us
        Now, and how long the token is good for (microseconds).

    Raises
    ------
    TooMany
        After ten guesses at an account in a quarter of an hour, whether there is such an account or not.
    """
    user = verified(store, key, name, password, at_us)
    if user is not None:
        with store.writing() as connection:
            insert_token(connection, _hash(token), user.user_id, at_us, at_us + lasts_us)
    return user


def verified(store: Store, key: bytes, name: str, password: str, at_us: int) -> User | None:
    """Return the user whose password this is, None for a wrong one; a guess counts here as at a log-in.

    Arguments and errors as of `open_session`.
    """
    guesses = counter_name(key, "guess", name)
    counted = count(store, guesses, GUESSES, at_us)
    if not counted.within:
        raise TooMany(counted.frees_at_us)
    user = log_in(store, name, password)
    if user is not None:
        uncount(store, guesses, GUESSES)
    return user


def principal_of(store: Store, token: str, at_us: int) -> Principal | None:
    """Return who a token stands for to rights; as `user_of`."""
    user = user_of(store, token, at_us)
    return None if user is None else Principal(user.user_id, user.role)


def user_of(store: Store, token: str, at_us: int) -> User | None:
    """Return who a token stands for, in the role that they have now; None if it is none of ours or has expired.

    The store looks for the hash: what a stranger can learn from the time it takes is about hashes, not about tokens.
    """
    with store.reading() as connection:
        return token_owner(connection, _hash(token), at_us)


def close_session(store: Store, token: str) -> None:
    """Make a token worthless."""
    with store.writing() as connection:
        drop_token(connection, _hash(token))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
