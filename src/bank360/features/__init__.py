"""Layer 1, features: what was known before as_of. Declared once, computed by one compiled kernel."""
