"""Trying an application out, as people and systems do it: what came of it is shown, and that it was tried is logged.

A what-if is an act on a customer's data, and no decision: its record stands in the sealed log under a kind of its own,
so that no list, count, replay or case of decisions ever has it. It says who tried, when, for whom (a pseudonym), what
was asked for and told, which decision it varies, and what would have come of it. Neighbour: `score_online.py`.
"""

from dataclasses import asdict

from bank360.pipeline.audit import act
from bank360.pipeline.desk import Desk
from bank360.pipeline.score_online import AskedBy, LoanApplication, try_out
from bank360.policies.decision import DecisionRecord
from bank360.storage.decision_log import Made, Page
from bank360.storage.subjects import name_subject

KIND = "credit.what_if"


def try_logged(
    desk: Desk, application: LoanApplication, asked: AskedBy, logged_us: int, varies: str | None = None
) -> DecisionRecord:
    """Return what would be decided, once it is logged that this was tried.

    Parameters
    ----------
    asked
        Who tries, as of when, and two random ids: of the log's record, and for a customer without a pseudonym.
    logged_us
        Now by the wall clock, microseconds UTC.
    varies
        The id of the decision whose amount, term or answers are tried otherwise; None where there is none. The
        application's product then stands for its line.

    Raises
    ------
    NotFound, SettingsError, NotReady
        As `score_online.decide`; what could not be tried is not logged.
    ChainBroken, StoreFailed
        If it could not be logged: then nothing is shown.
    """
    record = try_out(desk, application, asked.principal, asked.at)
    told = {f"told_{name}": value for name, value in asdict(application.told).items() if value is not None}
    whose = {"application": application.application_id, "varies": varies, "evidenced": application.evidenced_income}
    said = {name: value for name, value in whose.items() if value is not None} | told

    what = {"product": application.product_id} if varies is None else {"line": desk.policy.product_line.value}

    def make(page: Page) -> Made:
        subject = name_subject(page.connection, record.subject, asked.fresh_subject)
        entry = act(
            asked.decision_id, asked.principal, subject, KIND, logged_us,
            amount=application.amount, term_months=application.term_months, outcome=record.outcome.value,
            as_of=asked.at, **what, **said,
        )  # fmt: skip
        return Made(entry, b"")

    desk.commits.record(make)
    return record
