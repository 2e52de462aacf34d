"""Layer 1, sources: declared files and a pure function per Arrow batch that makes canonical rows of them."""
