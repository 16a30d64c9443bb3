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
        _with_password(home, administrator, asking=asking)
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
        ("lantian administrator NAME", _("the first administrator: nobody may sign in yet")),
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
        "Let somebody administer the home, or let an administrator in again.\n\n"
        "The password is asked for twice, or taken from $LANTIAN_ADMIN_PASSWORD; it never stands "
        "on the command line, where others could read it. One from the environment must be "
        "changed at the first sign-in."
    ),
)
@click.argument("name")
@option(
    "--reset",
    is_flag=True,
    help=N_(
        "NAME is an administrator already, who has lost the password or the phone: set a new "
        "password, turn the second factor off, end sessions and tokens."
    ),
)
@option("--yes", is_flag=True, help=N_("Do not ask back."))
@json_option
@click.pass_obj
def administrator(state: State, /, *, name: str, reset: bool, yes: bool, as_json: bool) -> None:
    """Run ``lantian administrator``."""
    home = state.open_home()
    asking = _somebody_is_there() and not as_json
    if reset and not yes:
        _confirm(name, asking=asking)
    _with_password(home, name, asking=asking, reset=reset)
    if as_json:
        emit("administrator", {"home": str(home.path), "administrator": name})
        return
    say(_("{name} may sign in and administer {home}.").format(name=name, home=home.name))
    if reset:
        say(_("The second factor is off. Where it is demanded, a new one is set up at sign-in."))


def _confirm(name: str, *, asking: bool) -> None:
    if not asking:
        raise InvalidArgumentError(
            "cli.usage_not_confirmed",
            _("There is no terminal to ask back. Add --yes if {name} is to be reset.").format(
                name=name
            ),
        )
    question = _(
        "{name} gets a new password; second factor, sessions and tokens end. Be sure that it is "
        "really them. Go on?"
    )
    click.confirm(question.format(name=name), abort=True, err=True)


def _with_password(home: Home, name: str, *, asking: bool, reset: bool = False) -> None:
    """Make or reset an administrator; ask again while the password is too weak."""
    from lantian.web.core import setup

    deed = setup.reset_administrator if reset else setup.create_administrator
    given = os.environ.get(PASSWORD_VARIABLE)
    while True:
        password = given if given is not None else _asked(asking=asking)
        try:
            # what came from a script is known to more than its owner
            deed(home, name, password, must_change=given is not None)
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
