"""``lantian rank``: stations or cities in order, the unranked apart with the reason."""
# ruff: noqa: PLC0415 - heavy modules are imported when a command runs

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
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
from lantian.i18n import gettext as _

if TYPE_CHECKING:
    import polars as pl

    from lantian.cli.judging import Task
    from lantian.cli.tables import Table

_COUNTS_OF_DAYS = ("good_days", "good_day_ratio", "heavy_days")  # keys the edition decides


@click.command(
    "rank",
    cls=Command,
    help=N_(
        "Rank stations or cities, the best first.\n\n"
        "Those whose data are insufficient are not ranked: they are listed apart, each with the "
        "reason. Equal published figures share a rank."
    ),
)
@period_option
@option(
    "--by",
    type=click.Choice(["year", "half", "quarter", "month"]),
    help=N_("Rank each of these; default: the period as a whole, or years."),
)
@option(
    "--key",
    default="composite_index",
    show_default=True,
    help=N_(
        "Statistic to rank by: composite_index, pm25_mean, o3_p90, co_p95, good_days, "
        "good_day_ratio, heavy_days …"
    ),
)
@option(
    "--ties",
    type=click.Choice(["competition", "dense"]),
    default="competition",
    show_default=True,
    help=N_("After two that share rank 1 comes 3 (competition) or 2 (dense)."),
)
@city_option
@station_option
@option(
    "--together",
    is_flag=True,
    help=N_("Rank stations of all kinds in one list, not national and township ones apart."),
)
@option(
    "--yoy/--no-yoy",
    default=True,
    help=N_("Compare with the same period of the year before, under the same edition."),
)
@judging_options
@json_option
@click.pass_obj
def rank(
    state: State,
    /,
    *,
    period: str | None,
    by: str | None,
    key: str,
    ties: Literal["competition", "dense"],
    cities: bool,
    stations: tuple[str, ...],
    together: bool,
    yoy: bool,
    as_json: bool,
    **judging: Unpack[Judging],
) -> None:
    """Run ``lantian rank``."""
    from lantian.cli import judging as j
    from lantian.cli.output import emit
    from lantian.cli.tables import render

    task = j.prepare(state, period=period, stations=stations, cities=cities, **judging)
    task = j.whole_days(task, state)
    kinds = {} if together or cities else j.kinds(task)
    how = _How(by, key, ties, kinds, yoy)
    parts = [_ranking(task, edition, how) for edition in task.editions]
    if as_json:
        body = [row for part in parts for row in _with_words(part, task)]
        meta = {**task.meta(), "by": by, "key": key, "ties": ties, "year_on_year": yoy}
        emit("rank", {**meta, "rows": body})
        return
    names = j.names(task)
    first = True
    for part in parts:
        lists = part.table.partition_by("period", "kind", maintain_order=True)
        for one in sorted(lists, key=_place):
            for table in _tables(_Ranking(one, part.daily), names, task, key, yoy=yoy):
                if not first:
                    click.echo()
                render(table, quiet=state.quiet)
                first = False


def _place(table: pl.DataFrame) -> tuple[Any, int]:
    """Return where a list stands: by period, national stations first."""
    from lantian.evaluation.register import KINDS

    kind = table["kind"][0]
    return table["start"][0], KINDS.index(kind) if kind in KINDS else len(KINDS)


@dataclass(frozen=True)
class _Ranking:
    """A ranked table of periods and the days it stands on."""

    table: pl.DataFrame
    daily: pl.DataFrame


@dataclass(frozen=True)
class _How:
    """How to rank; ``kinds`` gives the kind of each station where kinds are ranked apart."""

    by: str | None
    key: str
    ties: Literal["competition", "dense"]
    kinds: Mapping[str, str]
    yoy: bool


def _ranking(task: Task, edition: str, how: _How) -> _Ranking:
    import polars as pl

    import lantian.evaluation as ev
    from lantian.cli.evaluate import periods
    from lantian.cli.judging import days

    daily = days(task, edition)
    table = periods(task, daily, how.by, edition).with_columns(
        pl.col("station").replace_strict(how.kinds or {"": ""}, default="").alias("kind"),
        pl.lit(edition).alias("edition_asked"),
    )
    table = ev.rank(table, key=how.key, ties=how.ties, within=("kind",), settings=task.settings)
    before = _before(task, table, how.key) if how.yoy else None
    if before is not None:
        table = ev.year_on_year(table, before, columns=(how.key,), settings=task.settings)
    elif how.yoy:
        nothing = pl.lit(None, pl.Float64)
        table = table.with_columns(
            nothing.alias(f"{how.key}_previous"), nothing.alias(f"{how.key}_change")
        )
    return _Ranking(table, daily)


def _before(task: Task, table: pl.DataFrame, key: str) -> pl.DataFrame | None:
    """Return the periods of the year before, each judged under the edition of its own period.

    Two years compare only when one edition judges both: of a period of two editions the statistics
    are compared, which no edition changes, and the counts of days are not. None: nothing to
    compare with.
    """
    import polars as pl

    from lantian.cli.evaluate import periods
    from lantian.cli.failures import NothingToShowError
    from lantian.cli.judging import days
    from lantian.evaluation import any_span
    from lantian.evaluation.periods import year_before

    parts = []
    for one in table.unique("period", maintain_order=True).iter_rows(named=True):
        if one["edition"] == "mixed" and key in _COUNTS_OF_DAYS:
            continue
        before = year_before(any_span(one["start"], one["end"]))
        edition = one["edition"] if one["edition"] != "mixed" else "auto"
        earlier = replace(task, span=before, quiet=True)
        try:
            parts.append(periods(earlier, days(earlier, edition), None, edition))
        except NothingToShowError:
            continue
    return pl.concat(parts, how="diagonal_relaxed") if parts else None


def _with_words(ranking: _Ranking, task: Task) -> list[dict[str, object]]:
    from lantian.cli.output import rows
    from lantian.evaluation import explain

    found = rows(ranking.table)
    for row in found:
        given = row["reason"]
        row["reason_text"] = (
            explain(str(given), row, daily=ranking.daily, settings=task.settings) if given else None
        )
    return found


def _tables(
    ranking: _Ranking, names: Mapping[str, str], task: Task, key: str, *, yoy: bool
) -> list[Table]:
    import polars as pl

    from lantian.cli import period_tables as t
    from lantian.cli.tables import Column, Table
    from lantian.evaluation import explain
    from lantian.reports.words import edition_name, kind_name

    frame = ranking.table
    first = frame.row(0, named=True)
    title = _("{period}, {edition}").format(
        period=first["period"], edition=edition_name(first["edition"])
    )
    if first["kind"]:
        title = _("{title}: {part}").format(title=title, part=kind_name(first["kind"]))
    ranked = frame.filter(~pl.col("excluded"))
    others = frame.filter("excluded")
    columns = [c for c in t.period_columns(1, 1, cities=task.cities) if c.key != "short"]
    at = next((i for i, c in enumerate(columns) if c.key == _shown(key)), None)
    shown = columns.pop(at) if at is not None else Column("key", key, "right")
    columns.insert(1, Column(shown.key, shown.title, "right"))
    columns.insert(0, Column("rank", _("Rank"), "right"))
    if yoy and ranked[f"{key}_previous"].drop_nulls().len():
        columns.insert(3, Column("previous", _("Year\nbefore"), "right", 2))
        columns.insert(4, Column("change", _("Change\n%"), "right", 1))
    rows = [
        {**t.period_row(row, names, task), **_cells(row, key, task)}
        for row in ranked.iter_rows(named=True)
    ]
    tables = [Table(columns, rows, title=title, notes=t.period_notes(frame, task))]
    if ranked.is_empty():
        none = [Column("none", _("Nothing can be ranked."))]
        tables = [Table(none, [], title=title, notes=t.period_notes(frame, task))]
    if others.height:
        listed = [
            {
                "name": names.get(row["station"], row["station"]),
                "value": t.insufficient(text) if (text := _value(row, key, task)) != "—" else text,
                "reason": explain(row["reason"], row, daily=ranking.daily, settings=task.settings),
            }
            for row in others.iter_rows(named=True)
        ]
        tables.append(
            Table(
                [
                    Column("name", _("City") if task.cities else _("Station"), wraps=True),
                    Column("value", shown.title, "right", 1),
                    Column("reason", _("Why"), wraps=True),
                ],
                listed,
                title=_("Not ranked"),
            )
        )
    return tables


def _shown(key: str) -> str:
    return {"good_days": "good", "good_day_ratio": "ratio"}.get(key, key)


def _value(row: Mapping[str, Any], key: str, task: Task) -> str:
    from lantian.evaluation import published_digits
    from lantian.reports.words import number, percent

    if key == "good_day_ratio":
        return percent(None if row[key] is None else row[key] * 100)
    return number(row[key], published_digits(key, task.settings) or 0)


def _cells(row: Mapping[str, Any], key: str, task: Task) -> dict[str, str]:
    from lantian.reports.words import number
    from lantian.standards import DIGITS

    cells = {"rank": str(row["rank"]), "key": _value(row, key, task)}
    previous = row.get(f"{key}_previous")
    if previous is not None:
        cells["previous"] = _value({key: previous}, key, task)
        cells["change"] = number(row[f"{key}_change"], DIGITS["ratio_percent"], signed=True)
    return cells
