"""``lantian demo``: a simulated county from its files to its report, the way real data goes."""
# ruff: noqa: PLC0415 - heavy modules are imported when a command runs

from __future__ import annotations

import json
import os
import sys
import tempfile
import webbrowser
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import click

from lantian.cli.bars import bar
from lantian.cli.base import Command
from lantian.cli.language import N_
from lantian.cli.options import json_option, option
from lantian.cli.output import emit, remark, say
from lantian.cli.state import State
from lantian.errors import DomainError, InvalidArgumentError
from lantian.i18n import gettext as _

if TYPE_CHECKING:
    import polars as pl

    from lantian.cli.judging import Task
    from lantian.home.layout import Home
    from lantian.observations.import_report import ImportReport
    from lantian.twin import County

SEED = 20260301
_ABOUT = "simulation.json"
_REPORTS = "reports"


@click.command(
    "demo",
    cls=Command,
    help=N_(
        "Make a simulated county, judge its air and write its report.\n\n"
        "Nothing of it was measured, and everything that shows it says so. Run again, it adds the "
        "hours since. The home is --home, else lantian-demo here, never $LANTIAN_HOME; a home with "
        "real data is refused. With --export nothing but the files is made."
    ),
)
@option(
    "--export",
    "folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help=N_("Only write the county as files, to try every reader with."),
)
@option("--seed", type=int, help=N_("Another county for another number."))
@option("--open/--no-open", "open_", default=True, help=N_("Show the report in a browser."))
@json_option
@click.pass_obj
def demo(
    state: State, /, *, folder: Path | None, seed: int | None, open_: bool, as_json: bool
) -> None:
    """Run ``lantian demo``."""
    if folder is not None:
        _export(state, SEED if seed is None else seed, folder, as_json=as_json)
        return
    if state.home is None:
        state.home = Path("lantian-demo")
    home, county = _county(state, seed)
    imported = _import(state, home, county)
    task, reports = _reports(state)
    if as_json:
        emit(
            "demo",
            {
                **task.meta(),
                "home": str(home.path),
                "seed": county.seed,
                "new": imported.new if imported else 0,
                "reports": [str(p) for p in reports],
            },
        )
        return
    _show(state, home, task, imported, reports)
    if open_ and _has_display():
        webbrowser.open(reports[0].resolve().as_uri())


def _county(state: State, seed: int | None) -> tuple[Home, County]:
    """Make the home of the county, or open the one made before."""
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
        return home, simulate(seed=kept, end=state.now(), zone=home.zone)
    county = simulate(seed=SEED if seed is None else seed, end=state.now())
    home = Home.init(path, name=county.name, zone=county.zone, clock=state.now, simulated=True)
    _keep(home, county.seed)
    return home, county


def _keep(home: Home, seed: int) -> None:
    text = json.dumps({"seed": seed, "simulated": True})
    (home.path / _ABOUT).write_text(text + "\n", encoding="utf-8")


def _kept(home: Home, seed: int) -> int:
    """Return the seed of the county that lives in ``home``, or is about to: ``seed``.

    Raises
    ------
    DomainError
        ``home.not_simulated``: it holds real data.
    """
    path = home.path / _ABOUT
    if home.settings.simulated and home.store.batches().is_empty():
        _keep(home, seed)  # an earlier run was cut off before anything landed
    if not home.settings.simulated or not path.exists():
        raise DomainError(
            "home.not_simulated",
            _(
                "The home at {path} is that of {name}; simulated data do not belong into it. "
                "Choose another folder with --home."
            ).format(path=home.path, name=home.name),
            {"path": str(home.path)},
        )
    return int(json.loads(path.read_text(encoding="utf-8"))["seed"])


def _import(state: State, home: Home, county: County) -> ImportReport | None:
    """Import the hours that are not stored yet, as files, the way real ones are; None: none."""
    from lantian.observations.imports import run
    from lantian.observations.stations import write_register

    since = _stored_until(home) or county.start
    if since >= county.end:
        return None
    with (
        bar(quiet=state.quiet) as progress,
        tempfile.TemporaryDirectory(prefix="lantian-") as name,
    ):
        folder = Path(name)
        if home.store.stations() is None:
            write_register(county.register, folder / "stations.csv")
        _write(county.hours(since, county.end, progress=progress), folder)
        return run(
            [folder],
            home.store,
            calibre="realtime",
            actor="simulation",
            datum="WGS84",
            clock=state.now,
            progress=progress,
            thresholds=home.thresholds(),
        )


def _write(long: pl.DataFrame, folder: Path) -> None:
    """Write the measurements as our own export does, a file for each station."""
    from lantian.observations.export import export

    for (station,), rows in long.partition_by("station", as_dict=True).items():
        export(rows, folder / f"simulated-{station}.parquet")


def _stored_until(home: Home) -> datetime | None:
    """Return the time of the last value stored."""
    known = home.store.batches().filter(state="landed", kind="import")["last_time"].max()
    return known if isinstance(known, datetime) else None


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


def _reports(state: State) -> tuple[Task, list[Path]]:
    """Write the report of the last complete month into the home."""
    from lantian.cli import report as r
    from lantian.cli.judging import prepare

    task = prepare(state, period=None)
    task = replace(task, span=r.last_month(task, state))
    assert task.span is not None  # noqa: S101 - for the type checker
    folder = task.home.path / _REPORTS
    stem = f"report-{task.span.label}"
    data = r.gather(task, state)
    targets = (folder / f"{stem}.html", folder / f"{stem}.pdf")
    return task, r.write(data, targets, quiet=state.quiet)


def _show(
    state: State, home: Home, task: Task, imported: ImportReport | None, reports: list[Path]
) -> None:
    from lantian.cli import judging as j
    from lantian.cli import period_tables as t
    from lantian.cli.evaluate import periods
    from lantian.cli.tables import render

    county = replace(task, cities=True)
    frame = periods(county, j.days(county, "auto"), None, "auto")
    say(_("{name}: simulated, nothing of it was measured.").format(name=home.name))
    new = imported.new if imported and imported.new else 0
    remark(
        _("{new} values imported into {path}.").format(new=f"{new:,}", path=home.path)
        if new
        else _("Nothing new to import into {path}.").format(path=home.path),
        quiet=state.quiet,
    )
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
