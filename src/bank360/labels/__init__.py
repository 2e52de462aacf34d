"""Layer 1, labels: what happened after as_of, by the bank's definitions."""
