"""``bank360 models list | show | promote``: the registry's versions, their cards, and who approved what."""

import json as json_text
from getpass import getuser
from typing import Annotated, Any

import typer

from bank360.bank.errors import NotFound
from bank360.cli.home import Home, HomeOption, JsonOption, open_home

app = typer.Typer(no_args_is_help=True, help="Registered model versions.")


def _registry(home: Home) -> Any:
    from bank360.storage.registry import Registry

    return Registry(home.registry)


def _present(registry: Any, model: str, version: str) -> Any:
    """Return a version by its name or alias; where it is not there, say what is."""
    if model not in registry.models():
        there = ", ".join(registry.models())
        raise NotFound(
            f"There is no model '{model}'. Registered: {there}."
            if there
            else f"There is no model '{model}', for none is registered yet. Run 'bank360 train'."
        )
    aliases = registry.aliases(model)
    if version not in (*registry.versions(model), *(alias for alias in ("champion", "challenger") if alias in aliases)):
        standing = {aliases[alias]: alias for alias in ("challenger", "champion") if alias in aliases}
        there = ", ".join(f"{one} ({standing[one]})" if one in standing else one for one in registry.versions(model))
        advice = " Name one, such as --version challenger." if "challenger" in aliases else " Name one."
        what = f"no {version} yet" if version == "champion" else f"no version '{version}'"
        raise NotFound(f"Model '{model}' has {what}. Registered: {there}.{advice}")
    return registry.load(model, version)


@app.command("list")
def list_versions(home: HomeOption = None, json: JsonOption = False) -> None:
    """Print every version, champion and challenger marked.

    Example: bank360 models list --home demo
    """
    registry = _registry(open_home(home))
    rows = []
    for name in registry.models():
        aliases = registry.aliases(name)
        for version in registry.versions(name):
            card = registry.load(name, version).card
            marks = [alias for alias in ("champion", "challenger") if aliases.get(alias) == version]
            rows.append(
                {"model": name, "version": version, "candidate": card["candidate"], "aliases": marks}
                | {"trained_as_of": card["trained_as_of"], "trained_by": card["trained_by"]}
            )
    if json:
        typer.echo(json_text.dumps(rows))
        return
    for row in rows:
        typer.echo(
            f"{row['model']:<20}{row['version']}  {row['candidate']:<10} {', '.join(row['aliases']) or '-':<24}"
            f"trained by {row['trained_by']} as of {row['trained_as_of'][:10]}"
        )
    if not rows:
        typer.echo("No model is registered yet. Run 'bank360 train'.")


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
    from bank360.models.card import card_markdown
    from bank360.models.scorecard_table import scorecard_tables

    loaded = _present(_registry(open_home(home)), model, version)
    if json:
        tables = [table.to_json() for table in scorecard_tables(loaded.model)]
        typer.echo(json_text.dumps(dict(loaded.card) | {"scorecard": tables}))
    else:
        typer.echo(card_markdown(loaded.card, loaded.model))


@app.command("promote")
def promote(
    model: Annotated[str, typer.Argument(help="Model, such as application_pd.")],
    version: Annotated[str, typer.Argument(help="The version to make champion, or challenger.")],
    by: Annotated[
        str,
        typer.Option(
            "--by", default_factory=getuser, help="Who approves; not who trained it.", show_default="your login"
        ),
    ],
    home: HomeOption = None,
) -> None:
    """Make a version the champion, as its approver.

    The act of somebody who did not train it.

    Example: bank360 models promote application_pd challenger --by "A. Approver" --home demo
    """
    registry = _registry(open_home(home))
    exact = _present(registry, model, version).version
    registry.promote(model, exact, approved_by=by)
    typer.echo(f"{model} {exact} is champion, approved by {by}. The next 'bank360 score' uses it.")
