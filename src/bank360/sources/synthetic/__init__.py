"""The demonstration bank, with planted truth that no feature, label or model reads."""
