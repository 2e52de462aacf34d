"""The feature families: explicit tuples of declarations, one file a family."""
