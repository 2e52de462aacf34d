"""Migrations of the store, forward only: a store that must go back is restored from its backup."""
