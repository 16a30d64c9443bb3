"""``lantian serve``: the web server, the worker and what else a home needs, kept running."""
# ruff: noqa: PLC0415 - heavy modules are imported when a command runs

from __future__ import annotations

import os
import webbrowser
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lantian.cli.base import Command, Group
from lantian.cli.language import N_
from lantian.cli.options import json_option, option
from lantian.cli.output import emit, say
from lantian.cli.state import State
from lantian.i18n import gettext as _

if TYPE_CHECKING:
    from lantian.home.layout import Home
    from lantian.home.web_settings import WebSettings

_F = TypeVar("_F", bound=Callable[..., Any])
_NAME_WIDTH = 9


def port_option(function: _F) -> _F:
    """Add ``--port``."""
    return option(
        "--port",
        type=click.IntRange(1, 65535),
        metavar="PORT",
        help=N_("Port to listen on; default: [web] port of settings.toml, else 8000."),
    )(function)


@click.group(
    "serve",
    cls=Group,
    invoke_without_command=True,
    help=N_(
        "Show the pages, and do the work behind them.\n\n"
        "Runs the web server, the worker and, for a demo, the simulator; starts again what dies. "
        "Ctrl-C or SIGTERM ends all in order. With a name one of them runs alone."
    ),
)
@port_option
@option("--open/--no-open", "open_", default=False, help=N_("Show the pages in a browser."))
@json_option
@click.pass_context
def serve(ctx: click.Context, /, *, port: int | None, open_: bool, as_json: bool) -> None:
    """Run ``lantian serve``, or leave it to one of its commands."""
    if ctx.invoked_subcommand is None:
        run(ctx.ensure_object(State), port=port, open_=open_, as_json=as_json)


def run(state: State, *, port: int | None, open_: bool, as_json: bool) -> None:
    """Serve a home until a signal asks to end."""
    from lantian.cli import serving

    home, settings = _opened(state, port)
    if not as_json:
        _remark(state, serving.SERVE, _("Starting; Ctrl-C ends it."))

    def ready(address: str) -> None:
        if as_json:
            emit("serve", {"address": address, "pid": os.getpid(), "home": str(home.path)})
        else:
            say(_("Lantian is at {address}").format(address=address))
        if open_:
            webbrowser.open(address)

    serving.supervise(
        home, settings, say=lambda name, line: _remark(state, name, line), ready=ready
    )


def _opened(state: State, port: int | None) -> tuple[Home, WebSettings]:
    from lantian.cli import serving

    home = state.open_home()
    return home, serving.settings_of(home, port)


def _remark(state: State, name: str, line: str) -> None:
    if not state.quiet:
        click.echo(f"{name:<{_NAME_WIDTH}} | {line}", err=True)


@serve.command(
    "web",
    cls=Command,
    help=N_(
        "Only the web server.\n\n"
        "For several processes of it, or under a supervisor of the system. A worker must run too."
    ),
)
@port_option
@click.pass_obj
def web(state: State, /, *, port: int | None) -> None:
    """Run ``lantian serve web``."""
    from lantian.cli import serving

    serving.web(*_opened(state, port))


@serve.command(
    "worker",
    cls=Command,
    help=N_("Only the worker: jobs of the queue and of the clock. One for each home."),
)
@click.pass_obj
def worker(state: State, /) -> None:
    """Run ``lantian serve worker``."""
    from lantian.cli import serving

    serving.worker(state.open_home())


@serve.command(
    "simulator",
    cls=Command,
    help=N_("Only the simulator of a demo: hours arrive as its clock passes."),
)
@click.pass_obj
def simulator(state: State, /) -> None:
    """Run ``lantian serve simulator``."""
    from lantian.cli import serving

    serving.simulator(state.open_home())
