"""The benchmarks: peers side by side in one run; the last line is JSON."""
