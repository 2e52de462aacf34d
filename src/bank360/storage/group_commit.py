"""Group commit: requests that wait for the log together share one transaction, one sync of the disk and one anchor.

Whoever finds nobody writing leads: takes what is waiting by then, writes it in one transaction, and hands out what came
of it. Meanwhile others queue, and the first of them leads the next. A lone request pays nothing for it. Nobody is told
anything before the commit and the anchor; if they fail, everybody of the group is told that they failed.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Lock

from bank360.bank.errors import Bank360Error
from bank360.storage.decision_log import DecisionLog, Made, Page, Recorded, Request, appending, record_on

LARGEST_GROUP = 64  # decisions of one transaction: bounds how long the lock of the store is held


@dataclass
class _Waiting:
    make: Callable[[Page], Made]
    request: Request | None
    done: Event = field(default_factory=Event)
    recorded: Recorded | None = None
    error: BaseException | None = None


class GroupCommit:
    """Records decisions of one process's threads in one log.

    Parameters
    ----------
    log
        The log.
    """

    def __init__(self, log: DecisionLog) -> None:
        self._log = log
        self._waiting: deque[_Waiting] = deque()
        self._leading = Lock()

    def record(self, make: Callable[[Page], Made], request: Request | None = None) -> Recorded:
        """Record a decision, or return the answer that the request had before; as `decision_log.record_on`.

        Parameters
        ----------
        make
            Makes what is recorded, inside the transaction; it may be called once at most. What it raises is raised
            here, and the others of the group are recorded all the same.

        Raises
        ------
        RequestReused
            If the key was used for another payload.
        ChainBroken, StoreFailed
            As `decision_log.appending`.
        """
        own = _Waiting(make, request)
        self._waiting.append(own)
        while not own.done.is_set():
            with self._leading:
                if not own.done.is_set():
                    self._lead()
        if own.error is not None:
            raise own.error
        assert own.recorded is not None
        return own.recorded

    def _lead(self) -> None:
        group = [self._waiting.popleft() for _ in range(min(len(self._waiting), LARGEST_GROUP))]
        try:
            with appending(self._log) as page:
                if len(group) == 1:  # alone: what it raises undoes nobody else's
                    group[0].recorded = record_on(page, group[0].make, group[0].request)
                for one in group if len(group) > 1 else ():
                    try:
                        with page.connection.begin_nested():
                            one.recorded = record_on(page, one.make, one.request)
                    except Bank360Error as error:  # of this request alone: what it wrote is undone
                        one.error = error
        except BaseException as error:  # noqa: BLE001  handed to each: none was committed, or nobody knows
            for one in group:
                one.recorded, one.error = None, one.error or error
        for one in group:
            one.done.set()
