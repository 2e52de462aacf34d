"""``bank360 nightly``: what a bank runs each night, in order; every step only where something has changed."""

import json as json_text
from dataclasses import asdict
from typing import Any

import typer

from bank360.bank.errors import NotFound
from bank360.bank.vocabulary import Severity
from bank360.cli.home import HomeOption, JsonOption, open_home, warehouse_of
from bank360.cli.progress import progress_bar
from bank360.cli.typed import made_whole

MODEL_GONE = (
    "nothing: there are scores, and no model that made them. What was published before stands. Put the registry back, "
    "or train and approve a model."
)


def nightly(home: HomeOption = None, json: JsonOption = False) -> None:
    """Run the night: ingest, check, build, score, publish.

    A refused delivery, or a source whose folder is missing, stops no other source's, nor the night, which ends with
    what was refused or missing and exit code 2.
    What arrived by the API since the last night is ingested with the deliveries.
    Models are not trained here: a new model is a challenger that somebody compares and approves by day. Before the
    first one is approved (champion) nobody is scored, and the night says so and publishes without scores.

    Example: bank360 nightly --home demo
    """
    from bank360.cli.drain import run_drain
    from bank360.cli.ingest import ingest_each, known_files_of, raise_refused, tell
    from bank360.cli.lacks import why_unscored
    from bank360.cli.mapping_notes import mapping_notes
    from bank360.cli.publish import WITHOUT, run_publish, takes_scores_away
    from bank360.cli.readings import changes
    from bank360.cli.runs import Bank, run_build, run_check, run_identify, run_score
    from bank360.storage.ledger import last_known_time

    bank = open_home(home)
    done: dict[str, Any] = {}
    with warehouse_of(bank, new=True) as warehouse:
        loads, refused = ingest_each(bank, warehouse)
        drained = run_drain(bank, warehouse, refused)
        after = mapping_notes(bank, changes(bank, warehouse), known_files_of(loads))
        if last_known_time(warehouse) is None:
            tell(after)
            raise_refused(refused)  # the first delivery of all: there is nothing yet for a night to work on
        done["ingest"] = {"rows": sum(load.report.rows for load in loads)}
        missing = sum(isinstance(reason, NotFound) for reason in refused)
        done["ingest"] |= {
            name: count for name, count in (("refused", len(refused) - missing), ("missing", missing)) if count
        }
        if drained is not None and drained.events:
            done["ingest"]["arrived_events"] = drained.events
        if drained is not None and drained.interactions:
            done["ingest"]["arrived_interactions"] = drained.interactions
        with progress_bar() as report:
            ready = Bank(bank, warehouse, report)
            done["as_of"] = ready.now.isoformat()
            findings = run_check(ready)
            errors = sum(finding.severity is Severity.ERROR for finding in findings)
            done["check"] = {"findings": len(findings)} | ({"errors": errors} if errors else {})
            identity, built = run_identify(ready), run_build(ready)
            unscored = why_unscored(ready)
            scored = run_score(ready) if unscored is None else None
            gone = takes_scores_away(ready, unscored)
            published = None if gone else run_publish(ready)
        done["identify"] = identity and asdict(identity)
        done["build"] = built and {"customers": built.customers, "features": built.features} | {
            f"{kind}s": count for kind, count in built.places.items()
        }
        done["score"] = (scored and asdict(scored)) if unscored is None else {"not_scored": made_whole(unscored)}
        done["publish"] = published and {"version": published.number}
        if published is not None and unscored is not None:
            done["publish"]["without_scores"] = f"version {published.number}, {WITHOUT}"
        if gone:
            done["publish"] = {"not_published": MODEL_GONE}
    if json:
        typer.echo(json_text.dumps(done, default=str))
        tell(after)
        raise_refused(refused)
        return
    for step in ("ingest", "check", "identify", "build", "score", "publish"):
        said = done[step]
        typer.echo(f"{step:<10}" + ("up to date" if said is None else _in_words(said)))
    tell(after)
    raise_refused(refused)


_SENTENCES = ("not_scored", "without_scores", "not_published")  # of a step: all that there is to say of it


def _in_words(said: dict[str, Any]) -> str:
    for name in _SENTENCES:
        if name in said:
            return str(said[name])
    return ", ".join(
        f"{value} {(name.removesuffix('s') if value == 1 else name).replace('_', ' ')}"
        for name, value in said.items()
        if isinstance(value, int | str)
    )
