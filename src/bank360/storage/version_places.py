"""One merchant or terminal of a published version, in one look-up. Neighbour: `pipeline/published_places.py`."""

from sqlalchemy import select

from bank360.storage.published import Version
from bank360.storage.version_schema import places


def place_values(version: Version, entity: str, place_id: str) -> str | None:
    """Return the JSON list of a place's values as it was published; None where the version has none of this id."""
    wanted = select(places.c.features).where(places.c.entity == entity, places.c.place_id == place_id)
    with version.reading() as connection:
        found: str | None = connection.execute(wanted).scalar_one_or_none()
    return found
