"""Which deliveries were received and are not in the warehouse: of a killed run, or all of them for a new warehouse."""

from bank360.storage.landing import Delivery, Landing
from bank360.storage.ledger import loaded_batches, prepare
from bank360.storage.warehouse import Warehouse


def pending(zone: Landing, warehouse: Warehouse) -> tuple[Delivery, ...]:
    """Return the deliveries that the landing zone has and the ledger lacks, in order of receipt."""
    prepare(warehouse)
    loaded = loaded_batches(warehouse)
    for delivery in zone.deliveries():
        if delivery.batch_id in loaded.get(delivery.number, ()):
            zone.accept(delivery)  # a run may have been killed between the commit and its note
    return not_loaded(zone, warehouse)


def not_loaded(zone: Landing, warehouse: Warehouse) -> tuple[Delivery, ...]:
    """Return as `pending`, without a note of what is loaded: for those who only look.

    A delivery none of whose files its mapping reads any more is not waited for. Nor is one that the warehouse holds as
    another source read it: a rereading was decided and its warehouse has not taken this one's place.
    """
    loaded, deliveries = loaded_batches(warehouse), zone.deliveries()
    shown = {one.batch_id for one in deliveries}
    behind = {number for number, batches in loaded.items() if batches - shown}
    return tuple(
        one
        for one in deliveries
        if one.files and one.number not in behind and one.batch_id not in loaded.get(one.number, ())
    )
