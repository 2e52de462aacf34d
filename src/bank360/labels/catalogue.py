"""Every label, listed. A label that is not here does not exist for reports and tests."""

from bank360.labels import application_default, application_fraud, at_risk
from bank360.labels.label import Label

LABELS: tuple[Label, ...] = (application_default.LABEL, application_fraud.LABEL, at_risk.LABEL)
