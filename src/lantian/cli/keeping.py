"""``lantian doctor, backup, restore, upgrade``: keeping the home in order."""
# ruff: noqa: PLC0415 - heavy modules are imported when a command runs

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lantian.cli.bars import bar
from lantian.cli.base import Command
from lantian.cli.failures import Exit
from lantian.cli.language import N_
from lantian.cli.options import actor_option, json_option, option
from lantian.cli.output import emit, remark, say
from lantian.cli.state import State
from lantian.cli.tables import Column, Table, render
from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.i18n import ngettext

if TYPE_CHECKING:
    from lantian.home.backup import Backup
    from lantian.home.findings import Finding
    from lantian.home.layout import Home
    from lantian.progress import Progress


@click.command(
    "doctor",
    cls=Command,
    help=N_(
        "Check the home and say what is wrong.\n\n"
        "The exit status is 5 when something must be mended; warnings alone leave it 0."
    ),
)
@option("--clean", is_flag=True, help=N_("First remove files that writers cut off left behind."))
@option(
    "--compact",
    is_flag=True,
    help=N_("First merge the small files of many imports; no value and no history is lost."),
)
@json_option
@click.pass_context
def doctor(ctx: click.Context, /, *, clean: bool, compact: bool, as_json: bool) -> None:
    """Run ``lantian doctor``."""
    from lantian.home.doctor import examine

    state = ctx.ensure_object(State)
    if compact:
        _compact(state)
    if clean:
        _clean(state)
    with bar(quiet=state.quiet) as progress:
        diagnosis = examine(state.path(), clock=state.now, progress=progress, more=_of_the_web)
    if as_json:
        found = [
            {"id": f.id, "state": f.state, "title": f.title, "message": f.message, "fix": f.fix}
            for f in diagnosis.findings
        ]
        emit("doctor", {"home": str(state.path()), "state": diagnosis.state, "rows": found})
    else:
        _show(state, diagnosis.findings)
    if diagnosis.state == "fail":
        ctx.exit(Exit.DOCTOR)


def _of_the_web(home: Home) -> list[Finding]:
    """Return what only Django can say, of a home that is served."""
    from lantian.home import web_settings
    from lantian.home.doctor_serving import is_served

    try:
        if not is_served(home, web_settings.load(home.path, os.environ)):
            return []
    except DomainError:
        return []  # said already: web.settings
    from lantian.web.core import upkeep

    found: list[Finding] = upkeep.findings(home)
    return found


def _compact(state: State) -> None:
    from lantian.observations.maintenance import compact

    with bar(quiet=state.quiet) as progress:
        merged = compact(state.open_home().store, clock=state.now, progress=progress)
    remark(
        ngettext(
            "{n} file was merged into {after}.",
            "{n} files were merged into {after}.",
            merged.files_before,
        ).format(n=merged.files_before, after=merged.files_after),
        quiet=state.quiet,
    )


def _clean(state: State) -> None:
    from lantian.observations.maintenance import clean

    gone = clean(state.open_home().store, clock=state.now)
    remark(
        ngettext(
            "{n} leftover file removed.", "{n} leftover files removed.", len(gone.files)
        ).format(n=len(gone.files)),
        quiet=state.quiet,
    )


def _show(state: State, findings: Sequence[Finding]) -> None:
    words = {"ok": _("in order"), "warn": _("warning"), "fail": _("wrong")}
    marks = {"ok": "✓", "warn": "!", "fail": "✗"}
    columns = [
        Column("state", _("State")),
        Column("title", _("Check")),
        Column("message", _("Finding"), wraps=True),
        Column("fix", _("What to do"), priority=1, wraps=True),
    ]
    rows = [
        {
            "state": f"{marks[f.state]} {words[f.state]}",
            "title": f.title,
            "message": f.message,
            "fix": f.fix,
        }
        for f in findings
    ]
    wrong = sum(f.state == "fail" for f in findings)
    warned = sum(f.state == "warn" for f in findings)
    notes = [_("Home: {path}").format(path=state.path())]
    if wrong or warned:
        notes.append(_("{wrong} wrong, {warned} warnings.").format(wrong=wrong, warned=warned))
    else:
        notes.append(_("Everything is in order."))
    render(Table(columns, rows, notes=notes), quiet=state.quiet)


@click.command(
    "backup",
    cls=Command,
    help=N_(
        "Copy the home into one file.\n\n"
        "FILE ends in .tar, or .tar.gz to compress, or is a folder that is there; default: "
        "backups/ in the home. Reading goes on meanwhile; imports wait."
    ),
)
@click.argument("file", required=False, type=click.Path(path_type=Path))
@option(
    "--database/--no-database",
    default=True,
    help=N_("Whether the database of people and cases goes in too."),
)
@actor_option
@json_option
@click.pass_obj
def backup(
    state: State, /, *, file: Path | None, database: bool, actor: str | None, as_json: bool
) -> None:
    """Run ``lantian backup``."""
    from lantian.home.backup import backup as make

    with bar(quiet=state.quiet) as progress:
        made = make(
            state.path(),
            file,
            actor=state.actor(actor),
            clock=state.now,
            progress=progress,
            database=database,
        )
    if as_json:
        emit(
            "backup",
            {
                "file": str(made.path),
                "files": made.files,
                "bytes": made.bytes,
                "sha256": made.sha256,
                "made_at": made.made_at,
            },
        )
        return
    say(
        _("Backup of {files} files, {size} MB: {path}").format(
            files=made.files, size=f"{made.bytes / 1e6:,.1f}", path=made.path
        )
    )
    remark(_("SHA-256 {digest}").format(digest=made.sha256), quiet=state.quiet)


@click.command(
    "restore",
    cls=Command,
    help=N_(
        "Bring a home back from a backup.\n\n"
        "Into --home, which must not exist yet or be empty. Every file is compared with its "
        "checksum first."
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def restore(state: State, /, *, file: Path, as_json: bool) -> None:
    """Run ``lantian restore``."""
    from lantian.home.restore import restore as bring_back

    with bar(quiet=state.quiet) as progress:
        back = bring_back(file, state.path(), progress=progress)
    if as_json:
        emit(
            "restore",
            {
                "home": str(back.path),
                "files": back.files,
                "bytes": back.bytes,
                "made_at": back.made_at,
                "dump": None if back.dump is None else str(back.dump),
            },
        )
        return
    say(
        ngettext(
            "{n} file is back in {path}, as of {time}.",
            "{n} files are back in {path}, as of {time}.",
            back.files,
        ).format(n=back.files, path=back.path, time=back.made_at.isoformat(timespec="seconds"))
    )
    if back.dump is not None:
        say(_("Put the database into an empty one of the PostgreSQL server:"))
        say(f"  pg_restore --no-owner --dbname=DATABASE {shlex.quote(str(back.dump))}")


@click.command(
    "upgrade",
    cls=Command,
    help=N_(
        "Bring the home to this version of Lantian.\n\n"
        "A backup is made first. When there is nothing to do, nothing is done."
    ),
)
@actor_option
@json_option
@click.pass_obj
def upgrade(state: State, /, *, actor: str | None, as_json: bool) -> None:
    """Run ``lantian upgrade``."""
    from lantian.home.layout import Home
    from lantian.home.upgrade import upgrade as bring_up

    with bar(quiet=state.quiet) as progress:
        done = bring_up(state.path(), actor=state.actor(actor), clock=state.now, progress=progress)
        saved = done.backup
        steps = _missing_steps(Home.open(state.path()))
        if steps:
            saved = saved or _saved(state, actor, progress)
            _migrate(state)
    where = None if saved is None else str(saved.path)
    if as_json:
        body = {"before": done.before, "after": done.after, "steps": list(done.steps)}
        emit("upgrade", {**body, "database": steps, "backup": where})
        return
    say(done.message())
    if steps:
        say(
            ngettext(
                "The database was brought up to date in {n} step.",
                "The database was brought up to date in {n} steps.",
                len(steps),
            ).format(n=len(steps))
        )
    if where is not None:
        say(_("Backup made before: {path}").format(path=where))


def _missing_steps(home: Home) -> list[str]:
    """Return what the database of a home that is served lacks of this version."""
    from lantian.home import web_settings
    from lantian.home.doctor_serving import is_served

    if not is_served(home, web_settings.load(home.path, os.environ)):
        return []
    from lantian.web.core import upkeep

    steps: list[str] = upkeep.pending(home)
    return steps


def _saved(state: State, actor: str | None, progress: Progress) -> Backup:
    from lantian.home.backup import backup as make

    return make(state.path(), actor=state.actor(actor), clock=state.now, progress=progress)


def _migrate(state: State) -> None:
    from lantian.cli import serving
    from lantian.home.layout import Home

    serving.prepare(Home.open(state.path()))
