"""Layer 1, identity: which records are one customer; stable ids and the crosswalk."""
