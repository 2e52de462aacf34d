"""Layer 4, steps: read, call pure code, write. No database driver, no environment, no wall clock here."""
