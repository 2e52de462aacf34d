"""Layer 3, storage: the only code that reads or writes outside the process."""
