"""What identifiers tell of an application: who else used them lately, and how many we know as an applicant's own.

Pure arithmetic on arrays; `storage/spines.py` reads the rows. An identifier is a keyed hash of a device, address, phone
number or e-mail address, numbered with its kind. The application's own are those it came with, and its own applicants
those it was made by; which came in time the reader says. Everything about others counts as it was known when the
application was submitted: a token that came to be known at that instant or later does not, nor does one withdrawn
before it, and an applicant whose identity was not known then is a stranger. So a token or an applicant too late to be
an application's own still tells of it to those who apply later.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bank360.bank.calendar import MICROS_PER_DAY
from bank360.features.applicants import Applicants, People

Ints = npt.NDArray[np.int64]

NEVER = np.iinfo(np.int64).max
WINDOW = 90 * MICROS_PER_DAY
_PAIRS_AT_ONCE = 2**21


@dataclass(frozen=True)
class Tokens:
    """Uses of identifiers, shape ``(n_tokens,)`` each, in any order; the same use may stand several times.

    Parameters
    ----------
    subject
        Position of the application, or number of the customer, that used it.
    identifier
        The identifier, 0 and up; different kinds have different ones.
    kind
        Its kind, 0 and up.
    known, superseded
        When the use became known, and when it was withdrawn; `NEVER` while it stands.
    """

    subject: Ints
    identifier: Ints
    kind: Ints
    known: Ints
    superseded: Ints


def others_sharing(at: Ints, applicants: Applicants, own: Tokens, used: Tokens, n_kinds: int) -> Ints:
    """Return how many other people's applications of the 90 days before used an identifier of each application.

    Applications with an applicant in common are the same people's: a couple that applies together and then singly is no
    ring. Shape ``(n, n_kinds)``; each other application counts once for a kind. The window is ``[at - 90 days, at)``.

    Parameters
    ----------
    at
        When each application was submitted, microseconds UTC, shape ``(n,)``.
    applicants
        Who applied.
    own
        What applications came with.
    used
        Everything known of applications.
    n_kinds
        How many kinds of identifiers there are.
    """
    n = len(at)
    answer = np.zeros((n, n_kinds), dtype=np.int64)
    times = np.unique(at)
    width = len(times) + 1
    place = used.identifier * width + np.searchsorted(times, at[used.subject])
    order = np.argsort(place, kind="stable")
    place = place[order]
    application, identifier, kind = _own(own)
    now = at[application]
    low = np.searchsorted(place, identifier * width + np.searchsorted(times, now - WINDOW))
    high = np.searchsorted(place, identifier * width + np.searchsorted(times, now))
    we, they = People.of(applicants, n, own=True), People.of(applicants, n)
    for mine, theirs in _pairs(low, high, kind * n + application):
        use = order[theirs]
        stood = (used.known[use] < now[mine]) & (used.superseded[use] >= now[mine])
        mine, use = mine[stood], use[stood]
        # One of mine and one of theirs count once, however many identifiers of a kind they share.
        pairs = np.unique((kind[mine] * n + application[mine]) * n + used.subject[use])
        who, me, its_kind = pairs % n, pairs // n % n, pairs // n // n
        i, customer = we.each(me)
        others = np.ones(len(me), dtype=np.bool_)
        others[i[they.known_before(who[i], customer, at[me[i]])]] = False
        np.add.at(answer, (me[others], its_kind[others]), 1)
    return answer


def known_contacts(at: Ints, applicants: Applicants, own: Tokens, held: Tokens) -> Ints:
    """Return of how many kinds each application's identifier is one that we knew as an applicant's; shape ``(n,)``.

    ``at`` and ``applicants`` as `others_sharing` takes them; ``own`` are what applications came with, ``held`` the
    identifiers of customers. Strangers have none.
    """
    n = len(at)
    width = 1 + max(int(own.identifier.max(initial=0)), int(held.identifier.max(initial=0)))
    place = held.subject * width + held.identifier
    order = np.argsort(place, kind="stable")
    place = place[order]
    application, identifier, kind = _own(own)
    token, customer = People.of(applicants, n, own=True).each(application)
    application, identifier, kind = application[token], identifier[token], kind[token]
    wanted = customer * width + identifier
    low, high = np.searchsorted(place, wanted), np.searchsorted(place, wanted, side="right")
    answer = np.zeros(n, dtype=np.int64)
    for mine, theirs in _pairs(low, high, kind * n + application):
        now, use = at[application[mine]], order[theirs]
        counts = (held.known[use] < now) & (held.superseded[use] >= now)
        np.add.at(answer, np.unique(kind[mine[counts]] * n + application[mine[counts]]) % n, 1)
    return answer


def _own(own: Tokens) -> tuple[Ints, Ints, Ints]:
    """Return ``(application, identifier, kind)`` of every identifier that an application came with, each once."""
    width = int(own.identifier.max(initial=0)) + 1
    _, first = np.unique(own.subject * width + own.identifier, return_index=True)
    first = first[np.lexsort((own.subject[first], own.kind[first]))]
    return own.subject[first], own.identifier[first], own.kind[first]


def _pairs(low: Ints, high: Ints, group: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Yield ``(i, j)`` with ``low[i] <= j < high[i]`` as arrays; ``group`` ascends and none of it is divided."""
    if len(group) == 0:
        return
    bounds = np.append(np.flatnonzero(np.diff(group, prepend=group[0] - 1)), len(group))
    before = np.concatenate([[0], np.cumsum(high - low)])
    total = before[bounds]
    at = 0
    while at < len(bounds) - 1:
        end = max(at + 1, int(np.searchsorted(total, total[at] + _PAIRS_AT_ONCE, side="right")) - 1)
        rows = np.arange(bounds[at], bounds[end])
        many = high[rows] - low[rows]
        mine = np.repeat(rows, many)
        yield mine, np.arange(len(mine)) - np.repeat(before[rows] - before[rows[0]], many) + low[mine]
        at = end
