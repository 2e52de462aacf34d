"""Layer 5, the one frozen Settings: bank360.yaml in the bank's home folder, then BANK360_* variables.

The only reader of the environment. The faces read it and hand plain values down.
"""
