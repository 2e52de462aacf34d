"""Layer 1, quality: findings about tables; never raises on data, never edits."""
