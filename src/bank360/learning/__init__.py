"""Layer 1, learning: model-agnostic; knows arrays, knows no bank."""
