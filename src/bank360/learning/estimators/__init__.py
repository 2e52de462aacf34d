"""Thin constructors of library estimators."""
