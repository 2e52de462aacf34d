"""Layer 3, policies: from scores to tiers and decisions; risk owns these files."""
