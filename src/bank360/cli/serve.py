"""``bank360 serve``: the API and the dashboard on this machine, until Ctrl-C."""

import multiprocessing
import os
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bank360.cli.home import Home, HomeOption, open_home

if TYPE_CHECKING:
    from collections.abc import Iterator

API_PORT, DASHBOARD_PORT = 8360, 8361
_SECONDS_TO_STOP = 10


def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where the API listens.")] = API_PORT,
    dashboard_port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where the dashboard listens; 0: no dashboard.")
    ] = DASHBOARD_PORT,
    host: Annotated[
        str, typer.Option(help="The address to listen at; another than this machine's needs TLS in front.")
    ] = "127.0.0.1",
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes of the API; all share the store.")] = 1,
    home: HomeOption = None,
) -> None:
    """Serve API and dashboard until Ctrl-C.

    Refuses to start without an audit key, and with sample secrets outside the demonstration bank, whose users and
    password it prints.

    Example: bank360 serve --port 8360 --workers 2 --home demo
    """
    opened = open_home(home)
    from bank360.api.server import serve as serve_api
    from bank360.api.startup import check_start

    check_start(opened)
    typer.echo(f"API        http://{host}:{port}/v1  (document: /v1/openapi.json)")
    with _dashboard(opened.path, host, dashboard_port):
        if dashboard_port:
            typer.echo(f"Dashboard  http://{host}:{dashboard_port}")
        _say_log_ins(opened)
        typer.echo("Ctrl-C stops.")
        serve_api(opened.path, host, port, workers)


@contextmanager
def _dashboard(home: Path, host: str, port: int) -> "Iterator[None]":
    """Run the dashboard in a process of its own for a block; port 0: not at all."""
    if port == 0:
        yield
        return
    process = multiprocessing.get_context("spawn").Process(target=_serve_pages, args=(home, host, port), daemon=True)
    process.start()
    try:
        yield
    finally:
        process.terminate()
        process.join(_SECONDS_TO_STOP)


def _serve_pages(home: Path, host: str, port: int) -> None:
    from bank360.dashboard.serve import serve as serve_pages

    server = multiprocessing.parent_process()
    assert server is not None
    threading.Thread(target=_end_after, args=(server,), daemon=True).start()
    serve_pages(home, host, port)


def _end_after(server: "multiprocessing.process.BaseProcess") -> None:
    """End this process with the server, also where that was killed: the next one wants the port."""
    server.join()
    os._exit(0)


def _say_log_ins(home: Home) -> None:
    if home.settings.demo:
        from bank360.pipeline.demo_users import DEMO_USERS, SAMPLE_PASSWORD

        names = ", ".join(f"{name} ({role.replace('_', ' ')})" for name, role in DEMO_USERS)
        typer.echo(f"Log in as  {names}\nPassword   {SAMPLE_PASSWORD}")
