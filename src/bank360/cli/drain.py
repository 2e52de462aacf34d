"""Draining of arrived events as the command line runs it, with the deliveries: nothing where nobody serves."""

from typing import TYPE_CHECKING

from bank360.bank.errors import DataRefused, NotFound
from bank360.cli.home import Home
from bank360.home import STORE_FILE, store_of

if TYPE_CHECKING:
    from bank360.pipeline.drain_events import Drained
    from bank360.storage.warehouse import Warehouse


def run_drain(home: Home, warehouse: "Warehouse", refused: "list[DataRefused | NotFound]") -> "Drained | None":
    """Bring what arrived by the API to the warehouse; None where the home has no store yet, or nothing came in.

    If the warehouse refuses it, that is added to ``refused``: it waits in the store, and stops no other source's.
    """
    from bank360.pipeline.drain_events import drain_events
    from bank360.storage.ledger import last_known_time

    bank = home.settings.bank
    settings = {"mapping": {}, "zone": bank.zone, "currency": bank.currency}
    if home.settings.store.url is None and not (home.path / STORE_FILE).exists():
        return None
    with store_of(home, new=True) as store:
        now = home.settings.now(last_known_time(warehouse))
        try:
            return drain_events(store, warehouse, home.landing, home.path / "arrived", now, settings)
        except DataRefused as reason:
            refused.append(reason)
            return None
