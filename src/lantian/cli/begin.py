"""``lantian init``: a home for a network's data, and ``administrator``: who may administer it."""
# ruff: noqa: PLC0415 - heavy modules are imported when a command runs

from __future__ import annotations

import os
import shlex
import sys
from typing import TYPE_CHECKING

import click

from lantian.cli.base import Command
from lantian.cli.language import N_
from lantian.cli.options import json_option, option
from lantian.cli.output import emit, remark, say
from lantian.cli.state import State
from lantian.errors import DomainError, InvalidArgumentError
from lantian.i18n import gettext as _

if TYPE_CHECKING:
    from lantian.home.layout import Home

PASSWORD_VARIABLE = "LANTIAN_ADMIN_PASSWORD"  # noqa: S105 - the name of a variable


@click.command(
    "init",
    cls=Command,
    help=N_(
        "Make a home for a network's data.\n\n"
        "The home is one folder: --home, else $LANTIAN_HOME, else ~/lantian. It must not exist yet "
        "or be empty. On a terminal it asks for what is not given."
    ),
)
@option("--name", metavar="NAME", help=N_("Name of the network; stands on every report."))
@option(
    "--zone",
    default="Asia/Shanghai",
    show_default=True,
    metavar="ZONE",
    help=N_("Time zone whose days are judged."),
)
@option(
    "--administrator",
    metavar="NAME",
    help=N_(
        "The first person who may sign in. The password is asked for, or taken from "
        "$LANTIAN_ADMIN_PASSWORD."
    ),
)
@json_option
@click.pass_context
def init(
    ctx: click.Context,
    /,
    *,
    name: str | None,
    zone: str,
    administrator: str | None,
    as_json: bool,
) -> None:
    """Run ``lantian init``."""
    from lantian.home.layout import Home

    state = ctx.ensure_object(State)
    asking = _somebody_is_there() and not as_json
    if name is None:
        if not asking:
            raise click.MissingParameter(ctx=ctx, param_hint="'--name'", param_type="option")
        name = str(click.prompt(_("Name of the network")))
    home = Home.init(state.path(), name=name, zone=zone, clock=state.now)
    if administrator is None and asking:
        administrator = click.prompt(
            _("Name of the first administrator (Enter: later)"), default="", show_default=False
        )
    if administrator:
        _appoint(home, administrator, asking=asking)
    if as_json:
        body = {"home": str(home.path), "name": home.name, "zone": home.zone}
        emit("init", {**body, "administrator": administrator or None})
        return
    say(_("The home of {name} is made: {path}").format(name=home.name, path=home.path))
    if not state.quiet:
        _say_next(state, administrator)


def _say_next(state: State, administrator: str | None) -> None:
    say()
    say(_("Next:"))
    # where the home was given by hand, the next commands need it too
    given = f" --home {shlex.quote(str(state.home))}" if state.home is not None else ""
    steps = [
        ("lantian stations import FILE", _("the stations, with city and coordinates")),
        ("lantian import FILE…", _("the measurements")),
        ("lantian administrator NAME", _("somebody who may sign in")),
        ("lantian serve", _("the pages, in a browser")),
        ("lantian report --period last-month", _("a report of them")),
    ]
    if administrator:
        del steps[2]
    width = max(len(command + given) for command, _what in steps)
    for command, what in steps:
        say(f"  {command + given:<{width}}  {what}")


@click.command(
    "administrator",
    cls=Command,
    help=N_(
        "Let somebody administer the home.\n\n"
        "The password is asked for twice, or taken from $LANTIAN_ADMIN_PASSWORD; it never stands "
        "on the command line, where others could read it."
    ),
)
@click.argument("name")
@json_option
@click.pass_obj
def administrator(state: State, /, *, name: str, as_json: bool) -> None:
    """Run ``lantian administrator``."""
    home = state.open_home()
    _appoint(home, name, asking=_somebody_is_there() and not as_json)
    if as_json:
        emit("administrator", {"home": str(home.path), "administrator": name})
        return
    say(_("{name} may sign in and administer {home}.").format(name=name, home=home.name))


def _appoint(home: Home, name: str, *, asking: bool) -> None:
    """Make an administrator; ask again while the password is too weak and somebody is there."""
    from lantian.web.core import setup

    given = os.environ.get(PASSWORD_VARIABLE)
    while True:
        password = given if given is not None else _asked(asking=asking)
        try:
            setup.create_administrator(home, name, password)
        except DomainError as error:
            if given is not None or not asking or error.code != "accounts.weak_password":
                raise
            remark(error.message)
        else:
            return


def _asked(*, asking: bool) -> str:
    if not asking:
        raise InvalidArgumentError(
            "cli.usage_no_password",
            _(
                "There is no terminal to ask for the password. Give it in {variable}, then run "
                "`lantian administrator NAME`."
            ).format(variable=PASSWORD_VARIABLE),
            {"variable": PASSWORD_VARIABLE},
        )
    password: str = click.prompt(_("Password"), hide_input=True, confirmation_prompt=_("Once more"))
    return password


def _somebody_is_there() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()
