"""Every model, listed. What is not here is not trained, scored or tested."""

from bank360.models import application_fraud, application_pd
from bank360.models.spec import ModelSpec

MODELS: tuple[ModelSpec, ...] = (application_pd.SPEC, application_fraud.SPEC)

MODEL_BY_NAME: dict[str, ModelSpec] = {spec.name: spec for spec in MODELS}
