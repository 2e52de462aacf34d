"""Prediction on a frame of the ten columns: ``predict`` is another name of `bank360.frames.scored`."""

from bank360.frames import scored as predict

__all__ = ["predict"]
