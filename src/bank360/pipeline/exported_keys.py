"""Account ids as an export has them: those that are personal numbers under numbers of the export's own.

An IBAN or the number of a card says who somebody is as a name does, and is held back as names are. An account needs a
key for its rows to meet, so a pseudonym stands in its place, the same in every file of one export and another in the
next: nothing in the files leads from it to the account. Ids that are no such numbers stay. Neighbour: `export.py`.
"""

import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute

from bank360.bank.personal_numbers import personal_number

pc: Any = pyarrow.compute
ACCOUNT = "account_id"
_PREFIX = "account-"


@dataclass(frozen=True, eq=False)
class ExportedKeys:
    """The account ids that have a pseudonym, and the pseudonym of each at the same place."""

    personal: pa.StringArray
    pseudonyms: pa.StringArray

    def renamed(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield the batches with every account of theirs under the id that the export has for it."""
        for batch in batches:
            place = batch.schema.get_field_index(ACCOUNT)
            if place < 0 or not len(self.personal):
                yield batch
                continue
            found = self.pseudonyms.take(pc.index_in(batch.column(place), value_set=self.personal))
            yield batch.set_column(place, batch.schema.field(place), pc.coalesce(found, batch.column(place)))


def exported_keys(account_ids: Iterable[str], reveal: bool, secret: str) -> ExportedKeys:
    """Return which accounts an export renames, and to what.

    Parameters
    ----------
    account_ids
        Every account that a file of the export names, each once.
    reveal
        Whether identity was asked for: then none is renamed.
    secret
        Random, of this export alone, kept nowhere. The order of the pseudonyms is that of a hash under it: by a hash
        that anybody can work out, a known IBAN would have its place among them, in every export the same.
    """
    held = list(account_ids)
    personal = [] if reveal else [one for one in held if personal_number(one) is not None]
    personal.sort(key=lambda one: hmac.digest(secret.encode(), one.encode(), "sha256"))
    prefix = _PREFIX
    while any(one.startswith(prefix) for one in held):  # an account of the bank's own may be called so
        prefix += "-"
    names = [f"{prefix}{number}" for number in range(1, len(personal) + 1)]
    return ExportedKeys(pa.array(personal, pa.string()), pa.array(names, pa.string()))
