"""bank360: one customer, one clock, one definition of each feature, one record of each decision."""

__version__ = "0.1.0"
