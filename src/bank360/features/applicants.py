"""Who applied: applicants as they are read, and by application, so that two applications' people can be compared.

Neighbours: `storage/spines.py` reads them, `shared_identifiers.py` asks who is whose.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Applicants:
    """Customers who applied, shape ``(n_applicants,)`` each, in any order; several of one application are joint.

    The same one may stand several times. An application of nobody here is a stranger's.

    Parameters
    ----------
    application
        Position of the application, 0 and up.
    customer
        The customer's number, 0 and up.
    known
        When it became known that they applied, microseconds UTC.
    own
        Whether that was in time for the application itself; others' applications are told by all of them.
    """

    application: Ints
    customer: Ints
    known: Ints
    own: Bools


@dataclass(frozen=True)
class People:
    """Applicants by application: those of ``a`` are ``customer[start[a] : start[a + 1]]``, ascending, each once.

    Customers asked about are among the applicants that it was made `of`.
    """

    start: Ints
    customer: Ints
    known: Ints
    place: Ints  # application * width + customer, ascending
    width: int

    @classmethod
    def of(cls, applicants: Applicants, n: int, *, own: bool = False) -> "People":
        """Return everybody, or those who are the applications' ``own``."""
        width = int(applicants.customer.max(initial=0)) + 1
        place = applicants.application * width + applicants.customer
        order = np.lexsort((applicants.known, place))
        order = order[applicants.own[order]] if own else order
        place, first = np.unique(place[order], return_index=True)  # known first
        rows = order[first]
        start = np.searchsorted(applicants.application[rows], np.arange(n + 1))
        return cls(start, applicants.customer[rows], applicants.known[rows], place, width)

    def each(self, application: Ints) -> tuple[Ints, Ints]:
        """Return ``(i, customer)`` for every applicant of every ``application[i]``, with ``i`` ascending."""
        many = self.start[application + 1] - self.start[application]
        i = np.repeat(np.arange(len(application)), many)
        before = np.cumsum(many) - many
        return i, self.customer[self.start[application][i] + np.arange(len(i)) - before[i]]

    def known_before(self, application: Ints, customer: Ints, at: Ints) -> Bools:
        """Return whether ``customer[i]`` was known before ``at[i]`` as an applicant of ``application[i]``."""
        if not len(self.place):
            return np.zeros(len(application), dtype=np.bool_)
        wanted = application * self.width + customer
        found = np.minimum(np.searchsorted(self.place, wanted), len(self.place) - 1)
        known: Bools = (self.place[found] == wanted) & (self.known[found] < at)
        return known
