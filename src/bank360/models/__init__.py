"""Layer 2, models: one file per model: features, label, candidates and what it predicts."""
