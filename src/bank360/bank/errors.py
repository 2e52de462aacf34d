"""The exception tree: what a user or an operator can act on. Everything else raised is our own mistake.

::

    Bank360Error            one clear line; the command line exits with 2
    ├── DataRefused         a load was refused as a whole; names file, column, row and remedy of each fault
    ├── SettingsError       bank360.yaml or a BANK360_* variable is wrong
    ├── NotFound            an id, model or file that does not exist
    ├── NotReady            a step was asked for before the step it needs
    │   ├── NoModel         there is no approved model to score or decide with
    │   └── TooFewEvents    a model has too little to learn from or to be tested on yet
    ├── NotAllowed          a role may not do what was asked
    ├── ArtefactRefused     a stored model does not match its manifest
    ├── WarehouseDamaged    the warehouse's file is not what was written; it can be made anew
    ├── StoreFailed         the store could not do it, nothing was acknowledged
    ├── ChainBroken         the decision log is not what was sealed
    ├── RequestReused       an idempotency key came again with another request
    ├── Conflict            something is no longer in the state that the request needs
    ├── EventRefused        an event that arrived names what is not there, or a time that cannot be
    └── EventConflict       an event came again under its id and says something else
"""

from collections.abc import Iterable
from typing import Literal

from bank360.bank.counted import counted
from bank360.bank.fault import Fault

FAULTS_TOLD = 40  # of one refusal, each in its line: more than anybody mends at once


class Bank360Error(Exception):
    """Base of every error that a user can act on; its text is one clear line."""


class DataRefused(Bank360Error):
    """A load was refused and nothing was written: for one fault, or for all that a delivery has (`DataRefused.of`).

    Parameters
    ----------
    file
        Name of the file as delivered, or of the table where the fault shows only across files.
    problem
        What is wrong, in plain words.
    remedy
        What the user can do about it.
    column
        The column at fault, as the delivered file names it.
    row
        Line in the file, counted from 1 and including header lines (for Parquet: row number from 1).

    Notes
    -----
    The attributes of these names are those of the first of its ``faults``.
    """

    def __init__(self, file: str, problem: str, remedy: str, column: str | None = None, row: int | None = None) -> None:
        self._tell((Fault(file, column, problem, remedy, () if row is None else (row,)),))

    @classmethod
    def of(cls, faults: Iterable[Fault]) -> "DataRefused":
        """Return the refusal for one or more faults, which it tells in their order, the first `FAULTS_TOLD` of them."""
        refused = cls.__new__(cls)
        refused._tell(tuple(faults))
        return refused

    def _tell(self, faults: tuple[Fault, ...]) -> None:
        first = faults[0]
        self.faults = faults
        self.file, self.problem, self.remedy, self.column = first.file, first.problem, first.remedies, first.column
        self.row = first.rows[0] if first.rows else None
        if len(faults) == 1:
            super().__init__(f"{first} Nothing was loaded.")
            return
        files = len({fault.file for fault in faults})
        lines = [f"{counted(len(faults), 'fault')} in {counted(files, 'file')}:", *map(str, faults[:FAULTS_TOLD])]
        if len(faults) > FAULTS_TOLD:
            beyond = faults[FAULTS_TOLD:]
            where = ", ".join(f"'{name}'" for name in [*dict.fromkeys(fault.file for fault in beyond)][:5])
            lines.append(f"and {counted(len(beyond), 'more fault')}, the next in {where}: mend these first.")
        super().__init__("\n  ".join(lines) + "\nNothing was loaded.")


class SettingsError(Bank360Error):
    """The settings file or an environment variable is wrong."""


class NotFound(Bank360Error):
    """Something asked for by name or id does not exist.

    Parameters
    ----------
    message
        What is not there, and what to do; it may repeat what was asked for.
    of
        What kind of thing, for a face that may not repeat it; None where no such face can ask for it.
    there
        Ids of ours that could have been asked for; none where they are nobody's business, as customers' are.
    """

    def __init__(
        self,
        message: str,
        of: Literal["customer", "product", "decision", "case", "user", "merchant", "terminal"] | None = None,
        there: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.of, self.there = of, there


class NotReady(Bank360Error):
    """A step was asked for before the step whose result it reads."""


class NoModel(NotReady):
    """There is no approved model to score or decide with: the bank is served, and this of it is not there."""


class TooFewEvents(NotReady):
    """A model has too few events to learn from, or to be tested on, yet; others may have enough."""


class NotAllowed(Bank360Error):
    """The principal's role may not do what was asked, or it takes a second person.

    Parameters
    ----------
    of_the_table
        Whether the message is made of the words of the table of rights alone, so that it may be told to anybody.
    """

    def __init__(self, message: str, *, of_the_table: bool = False) -> None:
        super().__init__(message)
        self.of_the_table = of_the_table


class ArtefactRefused(Bank360Error):
    """A stored artefact does not match its manifest, or is not of a known format."""


class WarehouseDamaged(Bank360Error):
    """The warehouse file holds other bytes than were written.

    Parameters
    ----------
    path
        The file.
    fault
        What was found, in the database's words.
    """

    def __init__(self, path: str, fault: str) -> None:
        self.path, self.fault = path, fault
        super().__init__(f"The warehouse {path} is damaged: {fault}. Run 'bank360 rebuild' to make it anew.")


class StoreFailed(Bank360Error):
    """The store could not do it; nothing was acknowledged. After a failed commit the process must start anew."""


class ChainBroken(Bank360Error):
    """The decision log, its head or its anchor is not what was sealed: look before anything is added."""


class RequestReused(Bank360Error):
    """An idempotency key came again with a request that differs from the first; nothing was written."""


class Conflict(Bank360Error):
    """Something is no longer in the state that the request needs; nothing was written."""


class EventRefused(Bank360Error):
    """An event that arrived names an account that is not there, or a time that cannot be; nothing was written.

    Parameters
    ----------
    message
        What is wrong, in words that repeat nothing of the event.
    place, field, code
        Which event of the call (from 0), which of its fields, and what is wrong with that as a code.
    among
        What the call names its events.
    """

    def __init__(self, message: str, place: int, field: str, code: str, among: str = "events") -> None:
        super().__init__(message)
        self.place, self.field, self.code, self.among = place, field, code, among


class EventConflict(Bank360Error):
    """An event came again under its id and says something else; nothing was written.

    Parameters
    ----------
    message
        What is known, in words that repeat nothing of the event.
    place
        Which event of the call, from 0.
    field, among
        The field that is its id, and what the call names its events.
    """

    def __init__(self, message: str, place: int, field: str = "transaction_id", among: str = "events") -> None:
        super().__init__(message)
        self.place, self.field, self.among = place, field, among
