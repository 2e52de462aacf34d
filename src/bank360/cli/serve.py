"""``bank360 serve``: the API on this machine, until Ctrl-C."""

from typing import Annotated

import typer

from bank360.cli.home import HomeOption, open_home

DEFAULT_PORT = 8360


def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where to listen.")] = DEFAULT_PORT,
    host: Annotated[
        str, typer.Option(help="The address to listen at; others than this machine need TLS before it.")
    ] = ("127.0.0.1"),
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes; all share the store.")] = 1,
    home: HomeOption = None,
) -> None:
    """Serve the API until Ctrl-C.

    Refuses to start without an audit key, and with sample secrets outside the demonstration bank.

    Example: bank360 serve --port 8360 --workers 2 --home demo
    """
    opened = open_home(home)
    from bank360.api.server import serve as run
    from bank360.api.startup import check_start

    check_start(opened)
    typer.echo(
        f"Serving {opened.settings.bank.name} at http://{host}:{port}/v1 (document: /v1/openapi.json). Ctrl-C stops."
    )
    run(opened.path, host, port, workers)
