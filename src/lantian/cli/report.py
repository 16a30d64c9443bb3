"""``lantian report``: a period judged, as a page and as a PDF."""
# ruff: noqa: PLC0415 - heavy modules are imported when a command runs

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Unpack
from zoneinfo import ZoneInfo

import click

from lantian.cli.bars import bar
from lantian.cli.base import Command
from lantian.cli.language import N_
from lantian.cli.options import Judging, json_option, judging_options, option, period_option
from lantian.cli.output import emit, remark, say
from lantian.cli.state import State
from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _

if TYPE_CHECKING:
    from lantian.cli.judging import Task
    from lantian.evaluation import Span
    from lantian.reports import ReportData

_SUFFIXES = (".html", ".htm", ".pdf")


@click.command(
    "report",
    cls=Command,
    help=N_(
        "Write the report of a period as HTML and PDF.\n\n"
        "Calendar, series, roses, ranking, editions compared, completeness. Without --period the "
        "last complete month with data; without --output report-PERIOD.html and .pdf here."
    ),
)
@period_option
@option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help=N_("File to write, .html or .pdf; may be repeated. A file that is there is replaced."),
)
@option(
    "--tables",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help=N_("Also write every table behind the report to this folder as CSV."),
)
@judging_options
@json_option
@click.pass_obj
def report(
    state: State,
    /,
    *,
    period: str | None,
    outputs: tuple[Path, ...],
    tables: Path | None,
    as_json: bool,
    **judging: Unpack[Judging],
) -> None:
    """Run ``lantian report``."""
    from dataclasses import replace

    from lantian.cli import judging as j

    _check_outputs(outputs)
    task = j.prepare(state, period=period, **judging)
    if len(task.editions) > 1:
        raise InvalidArgumentError(
            "cli.usage_one_edition",
            _("A report is judged by one edition; it compares the others anyway. Give one."),
        )
    span = task.span or last_month(task, state)
    task = replace(task, span=span)
    data = gather(task, span, state)
    targets = outputs or tuple(
        Path(f"report-{span.label.replace('..', '_')}{s}") for s in (".html", ".pdf")
    )
    written = write(data, targets, quiet=state.quiet)
    others = [] if tables is None else _tables(data, tables)
    if as_json:
        files = [str(p) for p in written]
        emit("report", {**task.meta(), "files": files, "tables": [str(p) for p in others]})
        return
    for path in written:
        say(_("Report of {period}: {file}").format(period=span.label, file=path))
    if tables is not None:
        remark(_("{n} tables in {folder}.").format(n=len(others), folder=tables), quiet=state.quiet)


def _check_outputs(outputs: tuple[Path, ...]) -> None:
    for path in outputs:
        if path.suffix.lower() not in _SUFFIXES:
            raise InvalidArgumentError(
                "cli.usage_report_suffix",
                _("A report is written as .html or .pdf, not as '{name}'.").format(name=path.name),
                {"file": str(path)},
            )


def last_month(task: Task, state: State) -> Span:
    """Return the last month with data that is over; the running one if there is no other."""
    from lantian.evaluation import span

    months = task.home.store.months("1h", task.calibre or "prefer-audited")
    today = state.now().astimezone(ZoneInfo(task.zone)).date()
    over = [m for m in months if _end(m) < today]
    return span((over or months)[-1])


def _end(month: str) -> date:
    first = date.fromisoformat(f"{month}-01")
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def gather(task: Task, span: Span, state: State) -> ReportData:
    """Judge a period, as ``task`` says, and the year before it for a report."""
    from dataclasses import replace

    import polars as pl

    from lantian.cli import judging as j
    from lantian.cli.failures import NothingToShowError
    from lantian.evaluation.periods import year_before
    from lantian.observations.stations import empty
    from lantian.reports import collect

    hours = [j.hours(replace(task, span=span))]
    with suppress(NothingToShowError):  # no year before: the report says so
        hours.insert(0, j.hours(replace(task, span=year_before(span))))
    register = task.home.store.stations()
    return collect(
        pl.concat(hours, how="diagonal_relaxed"),
        empty() if register is None else register,
        span=span,
        network=task.home.name,
        generated=state.now(),
        edition=task.editions[0],
        method=task.method,
        zone=task.zone,
        settings=task.settings,
        calibre=_calibre(task),
        dust=task.dust,
        simulated=task.home.simulated,
    )


def _calibre(task: Task) -> str:
    """Return the calibre asked for, else the only one stored."""
    if task.calibre is not None:
        return str(task.calibre)
    return "audited" if task.home.store.months("1h", "audited") else "realtime"


def write(data: ReportData, targets: tuple[Path, ...], *, quiet: bool) -> list[Path]:
    """Write the report to each file."""
    from lantian.reports import write as write_one

    written = []
    with bar(quiet=quiet) as progress:
        for done, path in enumerate(targets):
            progress(_("Writing the report"), done, len(targets))
            path.parent.mkdir(parents=True, exist_ok=True)
            written.append(write_one(data, path))
        progress(_("Writing the report"), len(targets), len(targets))
    return written


def _tables(data: ReportData, folder: Path) -> list[Path]:
    from lantian.observations.export import export

    folder.mkdir(parents=True, exist_ok=True)
    return [
        export(frame, folder / f"{name}.csv", "csv", zone=data.zone, overwrite=True).path
        for name, frame in data.tables().items()
    ]
