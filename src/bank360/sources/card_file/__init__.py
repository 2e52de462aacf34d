"""The card file of 31 columns (Time, V1 to V28, Amount, Class), and the British retail bank that is built around it."""

from bank360.sources.card_file.source import card_file_source

__all__ = ["card_file_source"]
