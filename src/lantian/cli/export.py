"""``lantian export``: measurements and judged tables as files."""
# ruff: noqa: PLC0415 - heavy modules are imported when a command runs

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, Unpack

import click

from lantian.cli.base import Command
from lantian.cli.failures import NothingToShowError
from lantian.cli.language import N_
from lantian.cli.options import (
    Judging,
    city_option,
    json_option,
    judging_options,
    option,
    period_option,
    station_option,
)
from lantian.cli.output import emit, remark, say
from lantian.cli.state import State
from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _

if TYPE_CHECKING:
    import polars as pl

    from lantian.cli.judging import Task

What = Literal["measurements", "hourly", "daily", "periods", "ranking", "stations"]


@click.command(
    "export",
    cls=Command,
    help=N_(
        "Write tables as CSV, XLSX, Parquet or GeoJSON.\n\n"
        "WHAT is measurements (one value a row, as stored), hourly (one hour a row), daily (means "
        "and AQI), periods (statistics and attainment), ranking, or stations (the register). The "
        "file appears whole or not at all."
    ),
)
@click.argument(
    "what",
    type=click.Choice(["measurements", "hourly", "daily", "periods", "ranking", "stations"]),
)
@option(
    "-o",
    "--output",
    required=True,
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help=N_("The file; its suffix says the format unless --format does."),
)
@option(
    "--format",
    "format_",
    type=click.Choice(["csv", "xlsx", "parquet", "geojson"]),
    help=N_("Format of the file."),
)
@option("--overwrite", is_flag=True, help=N_("Replace a file that is there already."))
@period_option
@option(
    "--by",
    type=click.Choice(["year", "half", "quarter", "month"]),
    help=N_("Periods and ranking: divide into these; default: the period as a whole, or years."),
)
@city_option
@station_option
@judging_options
@json_option
@click.pass_obj
def export(
    state: State,
    /,
    *,
    what: What,
    output: Path,
    format_: Literal["csv", "xlsx", "parquet", "geojson"] | None,
    overwrite: bool,
    period: str | None,
    by: str | None,
    cities: bool,
    stations: tuple[str, ...],
    as_json: bool,
    **judging: Unpack[Judging],
) -> None:
    """Run ``lantian export``."""
    from lantian.cli import judging as j
    from lantian.observations.export import export as write

    home = state.open_home()
    register = home.store.stations()
    if what == "stations":
        if register is None or register.is_empty():
            raise NothingToShowError(
                "cli.no_stations", _("The station register is empty; there is nothing to write.")
            )
        frame = register
    else:
        task = j.prepare(state, period=period, stations=stations, cities=cities, **judging)
        frame = _frame(task, what, by)
    done = write(frame, output, format_, stations=register, zone=home.zone, overwrite=overwrite)
    if as_json:
        emit(
            "export",
            {
                "what": what,
                "file": str(done.path),
                "format": done.format,
                "rows": done.rows,
                "unlocated": list(done.unlocated),
            },
        )
        return
    say(_("{rows} rows written to {file}.").format(rows=f"{done.rows:,}", file=done.path))
    if done.sheets > 1:
        remark(
            _("They fill {n} sheets: one holds no more.").format(n=done.sheets), quiet=state.quiet
        )
    if done.unlocated:
        remark(
            _("Without a position: {stations}.").format(stations=", ".join(done.unlocated[:20])),
            quiet=state.quiet,
        )


def _frame(task: Task, what: What, by: str | None) -> pl.DataFrame:
    import polars as pl

    import lantian.evaluation as ev
    from lantian.cli import judging as j
    from lantian.cli.evaluate import periods

    if what == "measurements":
        if task.cities:
            raise InvalidArgumentError(
                "cli.usage_city_measurements",
                _("Measurements are those of stations; leave --city out, or export hourly."),
            )
        chosen = task.selection()
        frame = task.home.store.read(
            start=chosen.start,
            end=chosen.end,
            stations=chosen.stations,
            calibre=chosen.calibre,
            as_of=task.as_of,
        )
        if frame.is_empty():
            raise j.nothing_in(task)
        return frame
    if what == "hourly":
        table = j.hours(task)
        return j.of_cities(task, table, task.editions[0]) if task.cities else table
    parts = []
    for edition in task.editions:
        days = j.days(task, edition)
        if what == "daily":
            parts.append(days)
            continue
        table = periods(task, days, by, edition)
        parts.append(ev.rank(table, settings=task.settings) if what == "ranking" else table)
    return pl.concat(parts, how="diagonal_relaxed")
