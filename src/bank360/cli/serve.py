"""``bank360 serve``: the API and the dashboard on this machine, until Ctrl-C."""

from contextlib import ExitStack
from contextvars import copy_context
from threading import Event, Thread
from typing import TYPE_CHECKING, Annotated

import typer

from bank360.cli.home import Home, HomeOption, open_home
from bank360.cli.listening import answers_at, port_at
from bank360.cli.pages_process import pages_served
from bank360.cli.typed import made_whole

if TYPE_CHECKING:
    from socket import socket

API_PORT, DASHBOARD_PORT = 8360, 8361
_SECONDS_BETWEEN_LOOKS = 0.1


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

    Prints each address once it answers. Refuses to start without an audit key, at a port that is taken, and with sample
    secrets outside the demonstration bank, whose users and password it prints.

    Example: bank360 serve --port 8360 --workers 2 --home demo
    """
    opened = open_home(home)
    from bank360.api.server import serve as serve_api
    from bank360.api.startup import check_start

    with ExitStack() as stack:
        api = stack.enter_context(port_at(host, port, "--port"))
        served = [("API        ", f"http://{_shown(host)}:{port}/v1  (document: /v1/openapi.json)", api, "/health")]
        if dashboard_port:
            pages = stack.enter_context(port_at(host, dashboard_port, "--dashboard-port"))
            served.append(("Dashboard  ", f"http://{_shown(host)}:{dashboard_port}", pages, "/_stcore/health"))
        check_start(opened)
        typer.echo("Starting …")
        if dashboard_port:
            stack.enter_context(pages_served(opened.path, pages))
        stopping = Event()
        stack.callback(stopping.set)
        announcing = copy_context().run  # which home a told command names
        Thread(target=announcing, args=(_announce, opened, served, stopping), daemon=True).start()
        serve_api(opened.path, api, workers)
    typer.echo("Stopped.")


def _announce(home: Home, served: "list[tuple[str, str, socket, str]]", stopping: Event) -> None:
    """Say what will be answered 503, each address once it answers, then who may log in."""
    from bank360.api.startup import what_is_refused

    if (said := what_is_refused(home)) is not None:
        typer.echo(made_whole(said))
    for what, address, held, path in served:
        while not answers_at(held, path):
            if stopping.wait(_SECONDS_BETWEEN_LOOKS):
                return
        typer.echo(f"{what}{address}")
    _say_log_ins(home)
    typer.echo("Ctrl-C stops.")


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _say_log_ins(home: Home) -> None:
    if home.settings.demo:
        from bank360.pipeline.demo_users import DEMO_USERS, SAMPLE_PASSWORD

        names = ", ".join(f"{name} ({role.replace('_', ' ')})" for name, role in DEMO_USERS)
        typer.echo(f"Log in as  {names}\nPassword   {SAMPLE_PASSWORD}")
