"""The HTTP face: what a bank's people and systems ask of bank360 under ``/v1``. FastAPI stays in here."""
