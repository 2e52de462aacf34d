"""The demonstration bank, with planted truth that no feature, label or model reads.

`world.build_world` draws the bank, `delivery` turns it into rows, `SOURCE` is the door by which they come in again.
"""

from bank360.sources.synthetic.source import SOURCE

__all__ = ["SOURCE"]
