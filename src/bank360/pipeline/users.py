"""Users: add one, change a password, tell whether a password opens an account. Each change is sealed in the log.

Argon2id with 19 MiB and two passes. A name that is not there costs the same as a wrong password, so that time does not
tell which names exist.
"""

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from argon2.low_level import Type

from bank360.bank.errors import NotFound, SettingsError
from bank360.bank.vocabulary import Role
from bank360.pipeline.audit import act
from bank360.storage.decision_log import DecisionLog, appending
from bank360.storage.store.engine import Store
from bank360.storage.tokens import drop_tokens_of
from bank360.storage.users import User, insert_user, password_hash_of, set_password_hash, user_named

MEMORY_KIB, PASSES = 19 * 1024, 2
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 128  # characters; a longer one would only cost time
# Of a random password that nobody kept, made with the parameters above.
DUMMY_HASH = "$argon2id$v=19$m=19456,t=2,p=1$iFh7MFZ2xeKRf/XsPap+SA$cFYKoV5pLq48IIH5xz7gbaAJUmqHWYzf0HfVjOjIcG4"

_HASHER = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1, type=Type.ID)


def add_user(
    log: DecisionLog, name: str, role: Role, password: str, fresh: tuple[str, str], by: str, at_us: int
) -> None:
    """Add a user and seal that it was done, in one transaction.

    Parameters
    ----------
    fresh
        Two random ids: of the record, and of the user. The log knows users by id only.

    Raises
    ------
    SettingsError
        If the name is taken or the password is too short or long.
    """
    hashed = _hashed(password)
    with appending(log) as page:
        if user_named(page.connection, name) is not None:
            raise SettingsError(f"There is a user '{name}' already. Choose another name, or change the password.")
        insert_user(page.connection, User(fresh[1], name, role), hashed, at_us)
        page.append(act(fresh[0], by, fresh[1], "user.added", at_us, role=role.value))


def change_password(log: DecisionLog, name: str, password: str, decision_id: str, by: str, at_us: int) -> None:
    """Give a user another password, log them out everywhere, and seal that it was done, in one transaction.

    Raises
    ------
    NotFound
        If there is no such user.
    SettingsError
        If the password is too short or long.
    """
    hashed = _hashed(password)
    with appending(log) as page:
        user = user_named(page.connection, name)
        if user is None:
            raise NotFound(f"There is no user '{name}'. Run 'bank360 user list'.")
        set_password_hash(page.connection, user.user_id, hashed, at_us)
        drop_tokens_of(page.connection, user.user_id)
        page.append(act(decision_id, by, user.user_id, "user.password", at_us))


def log_in(store: Store, name: str, password: str) -> User | None:
    """Return the user whose password this is; None for a wrong password and for an unknown name, at the same cost."""
    with store.reading() as connection:
        user = user_named(connection, name)
        hashed = None if user is None else password_hash_of(connection, user.user_id)
    try:
        _HASHER.verify(DUMMY_HASH if hashed is None else hashed, password[: LONGEST_PASSWORD + 1])
    except VerifyMismatchError:
        return None
    return user


def _hashed(password: str) -> str:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise SettingsError(
            f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters; this has {len(password)}."
        )
    return _HASHER.hash(password)
