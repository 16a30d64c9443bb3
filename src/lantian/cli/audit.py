"""``lantian audit``: whether the log of everything that was done is still what was written."""
# ruff: noqa: PLC0415 - heavy modules are imported when a command runs

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lantian.cli.base import Group
from lantian.cli.failures import NothingToShowError
from lantian.cli.language import N_
from lantian.cli.options import json_option, option
from lantian.cli.output import emit, remark, say
from lantian.cli.state import State
from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.i18n import ngettext

if TYPE_CHECKING:
    from lantian.web.audit.verify import Verdict


@click.group(
    "audit",
    cls=Group,
    help=N_(
        "The audit log: verify, anchor, export.\n\n"
        "Every sign-in and every change is an event that carries the hash of the one before."
    ),
)
def audit() -> None:
    """Hold the commands of the log."""


@audit.command(
    "verify",
    help=N_(
        "Find changed, deleted and inserted events, and a cut or rewritten end.\n\n"
        "The end is compared with the anchors in the home and those given. An anchor kept on "
        "another machine, or printed, finds also what somebody did who can write to the home. The "
        "exit status is 3 when something is wrong."
    ),
)
@option(
    "--anchor",
    "files",
    multiple=True,
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=N_("A copy of anchors/audit.jsonl kept elsewhere; may be given several times."),
)
@option(
    "--head",
    "heads",
    multiple=True,
    metavar="NUMBER:HASH",
    help=N_("An anchor copied from the page or from a bulletin; may be given several times."),
)
@json_option
@click.pass_obj
def verify(
    state: State, /, *, files: tuple[Path, ...], heads: tuple[str, ...], as_json: bool
) -> None:
    """Run ``lantian audit verify``."""
    from lantian.web.audit import commands

    verdict = commands.verify(state.open_home(), files, heads)
    fault = verdict.fault
    if fault is not None:
        raise DomainError(
            "audit.tampered",
            _("The log was tampered with, first at event {n}. {what}").format(
                n=fault.number, what=fault.message
            ),
            {"event": fault.number, "kind": fault.kind, "events": verdict.events},
        )
    if as_json:
        body = {"events": verdict.events, "anchors": verdict.anchors, "anchored": verdict.anchored}
        emit("audit", {**body, "seconds": round(verdict.seconds, 3)})
        return
    _show(verdict, quiet=state.quiet)


def _show(verdict: Verdict, *, quiet: bool) -> None:
    say(
        ngettext(
            "The log is whole: {n} event ({seconds:.1f} s).",
            "The log is whole: {n} events fit one another ({seconds:.1f} s).",
            verdict.events,
        ).format(n=verdict.events, seconds=verdict.seconds)
    )
    if verdict.anchored:
        say(
            ngettext(
                "{n} anchor was compared; up to event {last} nothing was cut off or written anew.",
                "{n} anchors were compared; up to event {last} nothing was cut off or "
                "written anew.",
                verdict.anchors,
            ).format(n=verdict.anchors, last=verdict.anchored)
        )
    else:
        remark(_("No anchor was compared: a cut or rewritten end would not be found."), quiet=quiet)


@audit.command(
    "anchor",
    help=N_(
        "Write number and hash of the last event beside the database.\n\n"
        "The worker does so every six hours. Copy anchors/audit.jsonl to another machine."
    ),
)
@json_option
@click.pass_obj
def anchor(state: State, /, *, as_json: bool) -> None:
    """Run ``lantian audit anchor``."""
    from lantian.web.audit import commands

    made, path = commands.anchor(state.open_home(), state.now())
    if made is None:
        raise NothingToShowError("audit.empty", _("There is no event yet, so nothing to anchor."))
    if as_json:
        body = {"number": made.number, "hash": made.hash, "at": made.at, "file": str(path)}
        emit("anchor", body)
        return
    say(str(made))
    remark(_("In {path}").format(path=path), quiet=state.quiet)


@audit.command(
    "export",
    help=N_(
        "Write events to a file: .jsonl (any number), .csv, .xlsx or .parquet.\n\n"
        "The file appears whole or not at all."
    ),
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@option("--from", "first", metavar="DAY", type=click.DateTime(["%Y-%m-%d"]), help=N_("First day."))
@option("--to", "last", metavar="DAY", type=click.DateTime(["%Y-%m-%d"]), help=N_("Last day."))
@option("--overwrite", is_flag=True, help=N_("Replace a file that is there already."))
@json_option
@click.pass_obj
def export(
    state: State,
    /,
    *,
    file: Path,
    first: datetime | None,
    last: datetime | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Run ``lantian audit export``."""
    from lantian.web.audit import commands

    count = commands.export(
        state.open_home(),
        file,
        first=None if first is None else first.date(),
        last=None if last is None else last.date(),
        overwrite=overwrite,
    )
    if as_json:
        emit("audit-export", {"file": str(file), "events": count})
        return
    say(ngettext("{n} event in {path}", "{n} events in {path}", count).format(n=count, path=file))
