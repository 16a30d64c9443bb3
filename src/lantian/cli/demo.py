"""``lantian demo``: a simulated county, its data going the way real data go, shown live."""
# ruff: noqa: PLC0415 - heavy modules are imported when a command runs

from __future__ import annotations

import os
import sys
import webbrowser
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import click

from lantian import i18n
from lantian.cli.bars import bar
from lantian.cli.base import Command
from lantian.cli.language import N_
from lantian.cli.options import json_option, option
from lantian.cli.output import emit, remark, say
from lantian.cli.serve import port_option
from lantian.cli.state import State
from lantian.errors import DomainError, InvalidArgumentError
from lantian.i18n import gettext as _

if TYPE_CHECKING:
    from lantian.cli.judging import Task
    from lantian.home.layout import Home

SEED = 20260301
_REPORTS = "reports"


@click.command(
    "demo",
    cls=Command,
    help=N_(
        "Show a simulated county, live.\n\n"
        "Nothing of it was measured, and everything that shows it says so. Run again, it adds the "
        "hours since, then new ones arrive as the clock passes. The home is --home, else "
        "lantian-demo here, never $LANTIAN_HOME; a home with real data is refused."
    ),
)
@option("--seed", type=int, help=N_("Another county for another number."))
@option(
    "--speed",
    type=float,
    metavar="N",
    help=N_("How fast its clock runs: 60 is an hour a minute; at most 600. Kept."),
)
@port_option
@option(
    "--open/--no-open",
    "open_",
    default=True,
    help=N_("Show the pages, or the report, in a browser."),
)
@option("--serve/--no-serve", "serve_", default=True, help=N_("Make or continue it only."))
@option("--report", is_flag=True, help=N_("Write the report of the last month instead of serving."))
@option(
    "--export",
    "folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help=N_("Only write the county as files, to try every reader with."),
)
@json_option
@click.pass_obj
def demo(
    state: State,
    /,
    *,
    seed: int | None,
    speed: float | None,
    port: int | None,
    open_: bool,
    serve_: bool,
    report: bool,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Run ``lantian demo``."""
    if folder is not None:
        _export(state, SEED if seed is None else seed, folder, as_json=as_json)
        return
    if state.home is None:
        state.home = Path("lantian-demo")
    home = _county(state, seed)
    serving = serve_ and not report
    new = _filled(state, home, speed, port if serving else None, listen=serving, web=not report)
    if report:
        _reported(state, home, new, open_=open_, as_json=as_json)
    elif serving:
        _say_what_it_is(home, err=True, quiet=state.quiet)
        _serve(state, home, port, open_=open_ and _has_display(), as_json=as_json)
    elif as_json:
        emit("demo", {**_about(home), "new": new})
    else:
        _say_what_it_is(home, err=False, quiet=False)
        say(_imported(home, new))


def _county(state: State, seed: int | None) -> Home:
    """Make the home of the county, or open the one made before."""
    from lantian.home import clock
    from lantian.home.layout import Home
    from lantian.twin import simulate

    path = state.path()
    if (path / "settings.toml").exists():
        home = Home.open(path)
        kept = _kept(home, SEED if seed is None else seed)
        if seed is not None and seed != kept:
            raise InvalidArgumentError(
                "cli.usage_other_seed",
                _(
                    "The county at {path} has the seed {kept}. Leave --seed out, or choose another "
                    "--home."
                ).format(path=path, kept=kept),
                {"seed": kept},
            )
        return home
    county = simulate(seed=SEED if seed is None else seed, end=state.now())
    home = Home.init(path, name=county.name, zone=county.zone, clock=state.now, simulated=True)
    clock.write(home.path, clock.Simulation(county.seed))
    return home


def _kept(home: Home, seed: int) -> int:
    """Return the seed of the county that lives in ``home``, or is about to: ``seed``.

    Raises
    ------
    DomainError
        ``home.not_simulated``: it holds real data.
    """
    from lantian.home import clock

    if home.settings.simulated and home.store.batches().is_empty():
        # an earlier run was cut off before anything landed
        clock.write(home.path, clock.Simulation(seed))
    kept = clock.read(home.path) if home.settings.simulated else None
    if kept is None:
        raise _not_simulated(home)
    return kept.seed


def _not_simulated(home: Home) -> DomainError:
    return DomainError(
        "home.not_simulated",
        _(
            "The home at {path} is that of {name}; simulated data do not belong into it. "
            "Choose another folder with --home."
        ).format(path=home.path, name=home.name),
        {"path": str(home.path)},
    )


def _filled(
    state: State, home: Home, speed: float | None, port: int | None, *, listen: bool, web: bool
) -> int:
    """Bring the county to the present, and its database; return how many values are new."""
    from lantian.cli import serving
    from lantian.home import clock
    from lantian.supervisor import Instance

    with Instance(serving.run_folder(home), serving.SERVE).held():
        if listen:
            serving.need_free(serving.settings_of(home, port))
        feed = serving.feed(home)
        clock.resume(home, feed.reached, state.now())
        if speed is not None:
            clock.set_speed(home, speed, state.now())
        with bar(quiet=state.quiet) as progress:
            new = feed.advance(clock.clock_of(home, state.now)(), progress=progress)
        if web and not serving.prepare_demo(home):
            remark(
                _(
                    "An earlier version made this demo, so that it has no cases. For a county with "
                    "three months of them choose another folder with --home."
                ),
                quiet=state.quiet,
            )
        return new


def _serve(state: State, home: Home, port: int | None, *, open_: bool, as_json: bool) -> None:
    """Become ``lantian serve``: what was needed to make the county is let go of."""
    more: list[str] = ["--open"] if open_ else []
    more += ["--port", str(port)] if port is not None else []
    more += ["--json"] * as_json + ["--quiet"] * state.quiet + ["--debug"] * state.debug
    command = [sys.executable, "-m", "lantian", "serve", "--home", str(home.path), *more]
    os.environ["LANTIAN_LANG"] = i18n.active()
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, command)  # noqa: S606 - our own program


def _about(home: Home) -> dict[str, object]:
    from lantian.home import clock

    kept = clock.read(home.path)
    if kept is None:
        raise _not_simulated(home)
    about = {"home": str(home.path), "seed": kept.seed, "speed": kept.speed}
    return {**about, "simulated": True}


def _imported(home: Home, new: int) -> str:
    if new:
        return _("{new} values imported into {path}.").format(new=f"{new:,}", path=home.path)
    return _("Nothing new to import into {path}.").format(path=home.path)


def _say_what_it_is(home: Home, *, err: bool, quiet: bool) -> None:
    text = _("{name}: simulated, nothing of it was measured.").format(name=home.name)
    if err:
        remark(text, quiet=quiet)
    else:
        say(text)


def _export(state: State, seed: int, folder: Path, *, as_json: bool) -> None:
    """Write the county as files and say what to do with them."""
    from lantian.twin import export, simulate
    from lantian.twin.export import FOLDERS, README

    again = folder.is_dir() and {p.name for p in folder.iterdir()} <= {*FOLDERS, README}
    with bar(quiet=state.quiet) as progress:
        county = simulate(seed=seed, end=state.now())
        files = export(county, folder, overwrite=again, progress=progress)
    if as_json:
        emit("demo", {"seed": seed, "files": [str(p) for p in files]})
        return
    say(_("{n} files to try the readers with: {folder}").format(n=len(files), folder=folder))
    if not state.quiet:
        say()
        say(_("Next:"))
        say(f"  lantian init --name {quote(county.name)}")
        say(f"  lantian import {quote(str(folder / 'register'))} {quote(str(folder / 'long'))}")


def _reported(state: State, home: Home, new: int, *, open_: bool, as_json: bool) -> None:
    """Write the report of the last complete month into the home, and show the year."""
    task, reports = _reports(state)
    if as_json:
        body = {**task.meta(), **_about(home), "new": new, "reports": [str(p) for p in reports]}
        emit("demo", body)
        return
    _show(state, home, task, new, reports)
    if open_ and _has_display():
        webbrowser.open(reports[0].resolve().as_uri())


def _reports(state: State) -> tuple[Task, list[Path]]:
    from lantian.cli import report as r
    from lantian.cli.judging import prepare

    task = prepare(state, period=None)
    span = r.last_month(task, state)
    task = replace(task, span=span)
    folder = task.home.path / _REPORTS
    stem = f"report-{span.label}"
    data = r.gather(task, span, state)
    targets = (folder / f"{stem}.html", folder / f"{stem}.pdf")
    return task, r.write(data, targets, quiet=state.quiet)


def _show(state: State, home: Home, task: Task, new: int, reports: Sequence[Path]) -> None:
    from lantian.cli import judging as j
    from lantian.cli import period_tables as t
    from lantian.cli.evaluate import periods
    from lantian.cli.tables import render

    county = replace(task, cities=True)
    frame = periods(county, j.days(county, "auto"), None, "auto")
    _say_what_it_is(home, err=False, quiet=False)
    remark(_imported(home, new), quiet=state.quiet)
    say()
    render(t.period_table(frame, {}, county, editions=1), quiet=state.quiet)
    say()
    for path in reports:
        say(_("Report of {period}: {file}").format(period=_label(task), file=path))
    if not state.quiet:
        say()
        say(_("Next:"))
        for command in ("rank", "evaluate --by month --city", "evaluate --by day --city"):
            say(f"  lantian {command} --home {quote(str(home.path))} --period {_label(task)}")


def _label(task: Task) -> str:
    return task.span.label if task.span else ""


def _has_display() -> bool:
    """Say whether a person sits in front of a screen that can show a page."""
    if not sys.stdout.isatty():
        return False
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
