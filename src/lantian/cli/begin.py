"""``lantian init``: a home for a network's data."""
# ruff: noqa: PLC0415 - heavy modules are imported when a command runs

from __future__ import annotations

import shlex

import click

from lantian.cli.base import Command
from lantian.cli.language import N_
from lantian.cli.options import json_option, option
from lantian.cli.output import emit, say
from lantian.cli.state import State
from lantian.i18n import gettext as _


@click.command(
    "init",
    cls=Command,
    help=N_(
        "Make a home for a network's data.\n\n"
        "The home is one folder: --home, else $LANTIAN_HOME, else ~/lantian. It must not exist yet "
        "or be empty."
    ),
)
@option(
    "--name", required=True, metavar="NAME", help=N_("Name of the network; stands on every report.")
)
@option(
    "--zone",
    default="Asia/Shanghai",
    show_default=True,
    metavar="ZONE",
    help=N_("Time zone whose days are judged."),
)
@json_option
@click.pass_obj
def init(state: State, /, *, name: str, zone: str, as_json: bool) -> None:
    """Run ``lantian init``."""
    from lantian.home.layout import Home

    home = Home.init(state.path(), name=name, zone=zone, clock=state.now)
    if as_json:
        emit("init", {"home": str(home.path), "name": home.name, "zone": home.zone})
        return
    say(_("The home of {name} is made: {path}").format(name=home.name, path=home.path))
    if state.quiet:
        return
    say()
    say(_("Next:"))
    # where the home was given by hand, the next commands need it too
    given = f" --home {shlex.quote(str(state.home))}" if state.home is not None else ""
    steps = (
        ("lantian stations import FILE", _("the stations, with city and coordinates")),
        ("lantian import FILE…", _("the measurements")),
        ("lantian evaluate", _("judge them")),
        ("lantian report --period last-month", _("a report of them")),
    )
    width = max(len(command + given) for command, _what in steps)
    for command, what in steps:
        say(f"  {command + given:<{width}}  {what}")
