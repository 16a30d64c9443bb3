"""``lantian evaluate``: the air judged, by period, day or hour, under one edition or several."""
# ruff: noqa: PLC0415 - heavy modules are imported when a command runs

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Unpack

import click

from lantian.cli.base import Command
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
from lantian.cli.state import State

if TYPE_CHECKING:
    import polars as pl

    from lantian.cli.judging import Task

By = Literal["year", "half", "quarter", "month", "day", "hour"]


@click.command(
    "evaluate",
    cls=Command,
    help=N_(
        "Judge the air: means, percentiles, AQI, attainment.\n\n"
        "Without --period all that is stored, by year; with it the period as a whole, unless --by "
        "says how to divide it. What rests on too few values stands in parentheses."
    ),
)
@period_option
@option(
    "--by",
    type=click.Choice(["year", "half", "quarter", "month", "day", "hour"]),
    help=N_("Divide into these; default: the period as a whole, or years."),
)
@city_option
@station_option
@judging_options
@json_option
@click.pass_obj
def evaluate(
    state: State,
    /,
    *,
    period: str | None,
    by: By | None,
    cities: bool,
    stations: tuple[str, ...],
    as_json: bool,
    **judging: Unpack[Judging],
) -> None:
    """Run ``lantian evaluate``."""
    from lantian.cli import judging as j
    from lantian.cli import period_tables as t
    from lantian.cli.output import emit, rows
    from lantian.cli.tables import render

    task = j.prepare(state, period=period, stations=stations, cities=cities, **judging)
    if by is None and task.span and task.span.days == 1:
        by = "day"  # a single day is judged by its AQI; the limits of a year say nothing of it
    if by not in ("hour", "day"):
        task = j.whole_days(task, state)
    frame = _frame(task, by)
    if as_json:
        emit("evaluate", {**task.meta(), "by": by or _whole(task), "rows": rows(frame)})
        return
    names = j.names(task)
    if by == "day":
        table = t.day_table(frame, names, task)
    elif by == "hour":
        table = t.hour_table(frame, names, task)
    else:
        table = t.period_table(frame, names, task, editions=len(task.editions))
    render(table, quiet=state.quiet)


def _whole(task: Task) -> str:
    return "year" if task.span is None else "period"


def _frame(task: Task, by: By | None) -> pl.DataFrame:
    """Return what was asked for, the editions one below the other within each row's own key."""
    import polars as pl

    from lantian.cli import judging as j

    parts = []
    hours = j.hours(task) if by == "hour" else None
    for n, edition in enumerate(task.editions):
        if hours is not None:
            part = _hours(task, hours, edition)
        elif by == "day":
            part = j.days(task, edition)
        else:
            part = periods(task, j.days(task, edition), by, edition)
        parts.append(part.with_columns(pl.lit(n).alias("_n")))
    frame = pl.concat(parts, how="diagonal_relaxed")
    key = {"hour": "time", "day": "date"}.get(by or "", "period")
    return frame.sort(key, "station", "_n", maintain_order=True).drop("_n")


def periods(task: Task, days: pl.DataFrame, by: str | None, edition: str) -> pl.DataFrame:
    """Return the statistics of the periods asked for."""
    from lantian.evaluation import period

    bounds: Any = by
    if by is None:
        bounds = "year" if task.span is None else (task.span.start, task.span.end)
    return period(days, by=bounds, edition=edition, method=task.method, settings=task.settings)


def _hours(task: Task, hours: pl.DataFrame, edition: str) -> pl.DataFrame:
    import polars as pl

    from lantian.cli.judging import of_cities
    from lantian.evaluation import realtime
    from lantian.standards import POLLUTANTS

    table = of_cities(task, hours, edition) if task.cities else hours
    judged = realtime(table, edition=edition, zone=task.zone, settings=task.settings)
    values = table.select("station", "time", *(p for p in POLLUTANTS if p in table.columns))
    absent = [pl.lit(None, pl.Float64).alias(p) for p in POLLUTANTS if p not in table.columns]
    return judged.join(values, on=["station", "time"], how="left").with_columns(absent)
