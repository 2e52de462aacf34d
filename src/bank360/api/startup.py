"""What is held before a server starts, so that one that runs is one that may."""

from bank360.bank.errors import ChainBroken, NotReady, SettingsError
from bank360.bank.vocabulary import Role
from bank360.home import Home, fresh_id, log_of, this_instant
from bank360.pipeline.demo_users import add_demo_users, users_with_sample_password
from bank360.storage.decision_log import log_head
from bank360.storage.users import all_users


def check_start(home: Home) -> None:
    """Return if the home may be served; the demonstration bank is given its users.

    Raises
    ------
    SettingsError
        If there is no audit key, or a sample secret outside demo mode.
    NotReady
        If there is no store, or it cannot be opened, or nobody may log in.
    ChainBroken
        If the log ends before its anchor.
    """
    with log_of(home, new=home.settings.demo) as log:
        if home.settings.demo:
            add_demo_users(log, fresh_id, "operator:demo", this_instant(home))
        elif known := users_with_sample_password(log.store):
            raise SettingsError(
                f"{', '.join(known)} still have the demonstration bank's password, which everybody knows. "
                "Run 'bank360 user password' for each."
            )
        anchored = log.anchor.read()
        with log.store.reading() as connection:
            head, anybody = log_head(connection), bool(all_users(connection))
        if not anybody:
            raise NotReady(
                "Nobody may log in, for there is no user yet. Run 'bank360 user add NAME --role ROLE' first; a role is "
                f"{', '.join(Role)}."
            )
        if anchored is not None and anchored.sequence > head.sequence:
            raise ChainBroken(
                f"The decision log ends at record {head.sequence}, its anchor at {anchored.sequence}: the end is "
                "missing. Run 'bank360 audit verify'."
            )


def what_is_refused(home: Home) -> str | None:
    """Return which requests would be refused whoever sends them, and why; None where none would.

    A server may run before the first publish, over the one that a newer bank360 needs, and for a bank without a model.
    """
    from bank360.pipeline.desk import why_undecided  # asked while the workers start, and not before
    from bank360.policies.credit_policy import credit_policy
    from bank360.storage.policy_files import policy_text
    from bank360.storage.published import open_published

    policy = credit_policy(policy_text(None), "the policy")
    with log_of(home) as log, open_published(log.store, home.published) as published:
        try:
            with published.current() as version:
                why = why_undecided(version)
                other = None if why else why_undecided(version, policy)
        except NotReady as error:
            return f"Until the next publish customers and decisions are answered 503. {error}"
    if other is not None:
        return f"Loan applications are answered 422. {other}"
    return None if why is None else f"Loan applications are answered 409. {why}"
