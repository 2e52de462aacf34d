"""``bank360 models``: the registry's versions, their cards, who approved what, and what inputs and cuts do."""

import json as json_text
from getpass import getuser
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bank360.bank.counted import counted
from bank360.bank.errors import NotAllowed, NotFound
from bank360.cli.ablate import ablate
from bank360.cli.fairness import fairness
from bank360.cli.home import Home, HomeOption, JsonOption, open_home
from bank360.cli.importance import importance
from bank360.cli.lacks import why_untrained
from bank360.cli.store import STORE_FILE, fresh_id, log_of, operator, store_url, this_instant
from bank360.cli.typed import made_whole
from bank360.cli.user import asked_password

if TYPE_CHECKING:
    from bank360.pipeline.promote import Approval

app = typer.Typer(no_args_is_help=True, help="Registered model versions.")


def _registry(home: Home) -> Any:
    from bank360.storage.registry import Registry

    return Registry(home.registry)


def _present(home: Home, registry: Any, model: str, version: str) -> Any:
    """Return a version by its name or alias; where it is not there, say what is."""
    if model not in registry.models():
        there = ", ".join(registry.models())
        raise NotFound(
            f"There is no model '{model}'. Registered: {there}."
            if there
            else f"There is no model '{model}', for none is registered yet. {why_untrained(home)}"
        )
    aliases = registry.aliases(model)
    if version not in (*registry.versions(model), *(alias for alias in ("champion", "challenger") if alias in aliases)):
        standing = {aliases[alias]: alias for alias in ("challenger", "champion") if alias in aliases}
        there = ", ".join(f"{one} ({standing[one]})" if one in standing else one for one in registry.versions(model))
        advice = " Name one, such as --version challenger." if "challenger" in aliases else " Name one."
        what = f"no {version} yet" if version == "champion" else f"no version '{version}'"
        raise NotFound(f"Model '{model}' has {what}. Registered: {there}.{advice}")
    return registry.load(model, version)


app.command("ablate")(ablate)
app.command("fairness")(fairness)
app.command("importance")(importance)


@app.command("list")
def list_versions(home: HomeOption = None, json: JsonOption = False) -> None:
    """Print every version, champion and challenger marked.

    Example: bank360 models list --home demo
    """
    opened = open_home(home)
    registry = _registry(opened)
    rows = []
    for name in registry.models():
        aliases = registry.aliases(name)
        for version in registry.versions(name):
            card = registry.load(name, version).card
            marks = [alias for alias in ("champion", "challenger") if aliases.get(alias) == version]
            measured = next(iter(card["measured"]), None)
            rows.append(
                {"model": name, "version": version, "candidate": card["candidate"], "aliases": marks}
                | {"trained_as_of": card["trained_as_of"], "trained_by": card["trained_by"]}
                | {"population": card["population"], "out_of_time": "not out of time" not in card["notes"]}
                | {"measured": measured and {key: measured[key] for key in ("population", "rows", "events", "auc")}}
            )
    if json:
        typer.echo(json_text.dumps(rows))
        return
    before = None
    for row in rows:
        if row["model"] != before:
            typer.echo(f"{row['model']}: {row['population']}")
            typer.echo(f"  {'version':<16}  {'kind':<10}  role")
        before = row["model"]
        typer.echo(f"  {row['version']}  {row['candidate']:<10}  {', '.join(row['aliases']) or 'no role'}")
        typer.echo(f"    {_measured(row)}")
        typer.echo(f"    trained by {row['trained_by']} as of {row['trained_as_of'][:10]}")
    if not rows:
        typer.echo(made_whole(f"No model is registered yet. {why_untrained(opened)}"))


def _measured(row: dict[str, Any]) -> str:
    found = row["measured"]
    if found is None:
        return "not measured"
    auc, tested = found["auc"], "out of time" if row["out_of_time"] else "not out of time"
    return (
        f"AUC {auc['value']:.3f} ({auc['low']:.3f} to {auc['high']:.3f}) on {counted(found['rows'], 'row')}, "
        f"{found['events']:,} bad, {tested}"
    )


@app.command("show")
def show(
    model: Annotated[str, typer.Argument(help="Model, such as application_pd.")],
    version: Annotated[str, typer.Option(help="A version, or champion, or challenger.")] = "champion",
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Print a model card; of a scorecard its bins and points too.

    Example: bank360 models show application_pd --home demo
    """
    from rich.console import Console

    from bank360.cli.card_print import fitted
    from bank360.models.card import card_markdown
    from bank360.models.scorecard_table import scorecard_tables

    opened = open_home(home)
    loaded = _present(opened, _registry(opened), model, version)
    if json:
        tables = [table.to_json() for table in scorecard_tables(loaded.model)]
        typer.echo(json_text.dumps(dict(loaded.card) | {"scorecard": tables}))
    else:
        typer.echo(fitted(card_markdown(loaded.card, loaded.model), Console().width))


@app.command("promote")
def promote(
    model: Annotated[str, typer.Argument(help="Model, such as application_pd.")],
    version: Annotated[str, typer.Argument(help="The version to make champion, or challenger.")],
    by: Annotated[
        str,
        typer.Option(
            "--by", default_factory=getuser, help="Who approves: a user of the bank.", show_default="your login"
        ),
    ],
    home: HomeOption = None,
) -> None:
    """Make a version the champion, as its approver.

    The act of a user with the role model approver, who did not train it; the password is asked for, or read from a
    pipe. Where the bank has no users yet, --by is taken at its word, and recorded as that.

    Example: bank360 models promote application_pd challenger --by "A. Approver" --home demo
    """
    from bank360.pipeline.promote import BY_WORD

    opened = open_home(home)
    registry = _registry(opened)
    exact = _present(opened, registry, model, version).version
    done = _approved(opened, registry, model, exact, by)
    before = "there was none before" if done.replaced is None else f"in place of {done.replaced}"
    if done.replaced == exact:
        before = "as it was before"
    typer.echo(f"{model} {exact} is champion, {before}; approved by {done.approved_by}.")
    if done.known_by == BY_WORD:
        typer.echo(
            made_whole(
                "No password was asked for, as this bank has no users yet: "
                "'bank360 user add NAME --role model_approver' adds one."
            )
        )
    from bank360.models.catalogue import MODEL_BY_NAME

    after = (
        "bank360 score" if model in MODEL_BY_NAME else f"bank360 score --in new.csv --out scored.csv --source {model}"
    )
    typer.echo(made_whole(f"Next: '{after}' scores with it."))


def _approved(home: Home, registry: Any, model: str, version: str, by: str) -> "Approval":
    """Promote as the bank it is: the demonstration bank by itself, one with a store as a user of it."""
    from bank360.pipeline.promote import Approval, approve_as_user, approve_by_word
    from bank360.pipeline.users import log_in

    if home.settings.demo:
        replaced = registry.promote(model, version, approved_by=by, demo=True)
        return Approval(version, replaced, "DEMO", "DEMO")
    at = this_instant(home)
    if not _has_users(home):
        if home.settings.secret_audit_key() is None:
            return approve_by_word(registry, None, by, model, version, fresh_id(), operator(), at)
        with log_of(home, new=True) as log:
            return approve_by_word(registry, log, by, model, version, fresh_id(), operator(), at)
    with log_of(home) as log:
        user = log_in(log.store, by, asked_password(confirm=False))
        if user is None:
            raise NotAllowed(
                f"That password opens no account of '{by}'. By --by name a user with the role model_approver; "
                "'bank360 user add NAME --role model_approver' adds one."
            )
        return approve_as_user(registry, log, user, model, version, fresh_id(), operator(), at)


def _has_users(home: Home) -> bool:
    from bank360.storage.store.engine import open_store
    from bank360.storage.users import all_users

    if home.settings.store.url is None and not (home.path / STORE_FILE).exists():
        return False
    with open_store(store_url(home), new=True) as store, store.reading() as connection:
        return bool(all_users(connection))
