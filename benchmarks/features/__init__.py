"""The feature engine beside pandas, Polars and DuckDB on the same Parquet. Run: ``python -m benchmarks.features``."""
