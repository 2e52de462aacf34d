"""Metrics: discrimination, calibration; each with an interval."""
