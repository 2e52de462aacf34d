"""What a bank lacks before its customers can be scored, said once: rows to learn from, enough of them, an approval.

`score`, `nightly`, `rebuild` and `demo` ask here before they score, so that none sends a user to a step that cannot
work; `publish` keeps the reason in the version, where API and dashboard find it.
"""

from bank360.bank.errors import NotReady
from bank360.cli.home import Home, warehouse_of
from bank360.cli.runs import Bank, training_reads

NO_MODEL = "no model is champion yet."
NO_APPLICATIONS = (
    "the bank has no applications for credit, which its models learn from: without them there are no scores, tiers or "
    "decisions. Map the table 'applications' in bank360.yaml, then run 'bank360 ingest', and 'bank360 train' once "
    "outcomes are known."
)
_ALL_THE_SAME = (
    "What there is without: dashboard and API ('bank360 nightly', then 'bank360 serve'), the customers ('bank360 "
    "profile list') and their profiles ('bank360 profile show CUSTOMER'), alerts ('bank360 alerts'), findings "
    "('bank360 check'), and models of flat files ('bank360 train --source NAME')."
)
NO_OUTCOMES = (
    "the bank has no months of its credit accounts, from which a default is known: its models have nothing to learn "
    "from. Map the table 'credit_months' in bank360.yaml, then run 'bank360 ingest'. A file with a label of its own "
    "trains without: 'bank360 train --source NAME'."
)


def why_unscored(bank: Bank) -> str | None:
    """Return what is missing before anybody is scored, and what to do; None where there is a champion."""
    from bank360.pipeline.score_batch import MODEL

    aliases = bank.registry.aliases(MODEL)
    if "champion" in aliases:
        return None
    if "challenger" in aliases:
        from bank360.cli.approving import to_approve

        version, why = to_approve(bank.registry, MODEL)
        told = f" ({why})" if why else ""
        return f"nobody has approved a model yet. Run 'bank360 models promote {MODEL} {version} --by NAME'{told}."
    missing = _missing(bank)
    if missing is not None:
        return missing
    few = _too_few(bank)
    if few is not None:
        return f"{NO_MODEL} {few} 'bank360 train' tries again."
    return f"{NO_MODEL} Run 'bank360 train', which says which version to have approved."


def why_untrained(home: Home) -> str:
    """Return what to do about a registry without models: train, or what training would lack."""
    from bank360.cli.sources import trainable
    from bank360.pipeline.progress import silent

    train = "Run 'bank360 train'."
    if trainable(home) or not home.warehouse.exists():
        return train
    try:
        with warehouse_of(home, read_only=True) as warehouse:
            bank = Bank(home, warehouse, silent)
            lacking = _missing(bank) or _too_few(bank)
    except NotReady:  # another process writes there; what it asks for is not said by what stands in the registry
        return train
    return train if lacking is None else lacking[0].upper() + lacking[1:]


def unscored_or_stale(bank: Bank) -> str:
    """Return why customers have no score: what `why_unscored` says, or that nobody scored since there is a champion."""
    return why_unscored(bank) or "nobody has run 'bank360 score' since there is a model for it, or it leaves them out."


def require_champion(bank: Bank) -> None:
    """Raise NotReady where there is no model to score with."""
    why = why_unscored(bank)
    if why is not None:
        raise NotReady(f"Nobody can be scored: {_and_the_rest(why)}")


def require_deciding(bank: Bank) -> None:
    """Raise NotReady where no request can be decided, with all that is missing: the product, the model."""
    from bank360.pipeline.product_asked import why_no_product

    product, model = why_no_product(bank.warehouse, bank.request.product_id, bank.as_of), why_unscored(bank)
    missing = [*([] if product is None else [product]), *([] if model is None else [f"Nobody can be scored: {model}"])]
    if missing:
        raise NotReady(" ".join(missing))


def require_outcomes(bank: Bank) -> None:
    """Raise NotReady where there is nothing to train the bank's models on."""
    missing = _missing(bank)
    if missing is not None:
        raise NotReady(f"Nothing can be trained: {_and_the_rest(missing)}")


def _and_the_rest(why: str) -> str:
    """Return a reason, and of a bank that has nothing to learn from also what it can have all the same."""
    return f"{why} {_ALL_THE_SAME}" if why in (NO_APPLICATIONS, NO_OUTCOMES) else why


def _too_few(bank: Bank) -> str | None:
    """Return what the last training said of the model that scores, where nothing has changed since."""
    from bank360.pipeline.score_batch import MODEL
    from bank360.storage.shortfalls import shortfall

    return shortfall(bank.warehouse, MODEL, training_reads(bank))


def _missing(bank: Bank) -> str | None:
    from bank360.storage.reads_summary import standing_rows

    standing = standing_rows(bank.warehouse)
    if "applications" not in standing:
        return NO_APPLICATIONS
    return None if "credit_months" in standing else NO_OUTCOMES
