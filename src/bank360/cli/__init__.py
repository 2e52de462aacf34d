"""Layer 7, the command line: one verb per pipeline step."""
