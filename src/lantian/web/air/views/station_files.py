"""The tables and pictures of a station's page as files."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import polars as pl
from django.http import HttpRequest, HttpResponse

import lantian.evaluation as ev
from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.reports import words
from lantian.standards import POLLUTANTS
from lantian.web.accounts.access import Access, access
from lantian.web.air import flags
from lantian.web.air.figures import station as pictures
from lantian.web.air.figures import station_days as day_pictures
from lantian.web.air.queries import station as q
from lantian.web.air.queries import station_days, station_parts
from lantian.web.air.queries.asked import Asking
from lantian.web.air.queries.station_asked import Asked
from lantian.web.air.queries.station_parts import CYCLES, Cycle, Winds
from lantian.web.core.downloads import blob, table, wanted
from lantian.web.core.formats import file_name


def answer(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Return the table (``?table=``) of the page as a file, or its picture.

    Raises
    ------
    InvalidArgumentError
        ``web.bad_format``, ``air.unknown_table``; the address asks for a bad period or edition.
    """
    if asked.problems:
        raise InvalidArgumentError("air.bad_address", words.sentences(*asked.problems))
    name = request.GET.get("table", "hours")
    pollutant = Asking(request.GET).one_of("pollutant", POLLUTANTS, "pm25")
    tables = _tables(asked, pollutant, access(request))
    drawings = _drawings(asked, pollutant, access(request))
    if name not in tables:
        raise InvalidArgumentError(
            "air.unknown_table",
            _("There is no table “{name}” of a station; there are {known}.").format(
                name=name, known=", ".join(tables)
            ),
        )
    formats = ("csv", "xlsx", "json", *(("svg",) if name in drawings else ()))
    format_ = wanted(request, *formats) or "csv"
    file = file_name(asked.station.id, name, asked.span.label, suffix="x").removesuffix(".x")
    if format_ == "svg":
        return blob(drawings[name]().encode(), file, "svg")
    return table(tables[name](), file, format_)


def roses(found: Winds) -> list[tuple[str, str, ev.Rose]]:
    """Return name, title and rose of those there are."""
    p = words.LABEL[found.pollutant]
    named = (
        ("wind", _("Wind rose"), found.wind),
        ("pollution", _("{pollutant} rose").format(pollutant=p), found.pollution),
    )
    return [(name, title, rose) for name, title, rose in named if rose is not None]


def _tables(
    asked: Asked, pollutant: str, may: Access
) -> dict[str, Callable[[], pl.DataFrame]]:  # fmt: skip
    return {
        "hours": lambda: q.hours_of(asked),
        "stored": lambda: q.stored_of(asked),
        "days": lambda: q.days_of(asked),
        "now": lambda: _now(asked),
        "statistics": lambda: station_days.table(asked),
        "months": lambda: station_days.months(asked),
        **{by: partial(station_parts.pattern, asked, by) for by in CYCLES},
        "wind": lambda: _rose(station_parts.winds(asked, pollutant).wind),
        "pollution": lambda: _rose(station_parts.winds(asked, pollutant).pollution),
        "quality": lambda: station_parts.quality(asked).days,
        "stretches": lambda: _stretches(asked),
        "decisions": lambda: _decisions(asked),
        "neighbours": lambda: _neighbours(asked, may),
    }


def _drawings(asked: Asked, pollutant: str, may: Access) -> dict[str, Callable[[], str]]:
    step = pictures.step_of(asked)
    drawn: dict[str, Callable[[], str]] = {
        "hours": lambda: pictures.series_sheet(asked, q.series(asked, step), step),
        "days": lambda: day_pictures.day_rows(asked, q.days_of(asked), None),
        "statistics": lambda: pictures.shares(_pollutants(asked)),
        "quality": lambda: day_pictures.quality_strip(asked, station_parts.quality(asked).days),
        "neighbours": lambda: _comparison(asked, may),
        "wind": lambda: _roses(asked, pollutant),
        "pollution": lambda: _roses(asked, pollutant),
        "now": lambda: pictures.now_sheet(asked.station.name, q.now(asked)),
    }
    for by in CYCLES:
        drawn[by] = partial(_cycle, asked, by)
    return drawn


def _cycle(asked: Asked, by: Cycle) -> str:
    return pictures.cycle_sheet(asked, station_parts.pattern(asked, by), by)


def _pollutants(asked: Asked) -> list[station_days.Statistic]:
    found = station_days.statistics(asked)
    return [] if found is None else list(found.pollutants)


def _now(asked: Asked) -> pl.DataFrame:
    found = q.now(asked)
    return pl.DataFrame(
        [
            {
                "station": asked.station.id, "time": found.until, "parameter": r.parameter,
                "value": r.value, "unit": words.unit(r.parameter), "day_before": r.before,
                "iaqi": r.iaqi, "category": r.category, "primary": r.primary, "state": r.state,
                "aqi": found.aqi, "edition": found.edition,
            }
            for r in found.rows
        ],
        schema={
            "station": pl.String, "time": pl.Datetime("us", "UTC"), "parameter": pl.String,
            "value": pl.Float64, "unit": pl.String, "day_before": pl.Float64, "iaqi": pl.Int32,
            "category": pl.String, "primary": pl.Boolean, "state": pl.String, "aqi": pl.Int32,
            "edition": pl.String,
        },
    )  # fmt: skip


def _rose(rose: ev.Rose | None) -> pl.DataFrame:
    if rose is None:
        return pl.DataFrame(schema={"sector": pl.Int64, "direction": pl.Float64})
    # in words here: a thread of Polars does not inherit the language in force
    names = [station_parts.direction_words(d) for d in rose.table["direction"]]
    return rose.table.with_columns(pl.Series("name", names, pl.String))


def _stretches(asked: Asked) -> pl.DataFrame:
    found = station_parts.quality(asked).stretches
    return found.with_columns(
        pl.Series("why", [flags.flag_words(flag) for flag in found["flag"]], pl.String)
    )


def _decisions(asked: Asked) -> pl.DataFrame:
    times = pl.Datetime("us", "UTC")
    return pl.DataFrame(
        [vars(d) for d in station_parts.quality(asked).decisions],
        schema={
            "parameter": pl.String, "kind": pl.String, "first": times, "last": times,
            "hours": pl.Int64, "batch": pl.Int64, "actor": pl.String, "at": times,
            "reason": pl.String,
        },
    )  # fmt: skip


def _neighbours(asked: Asked, may: Access) -> pl.DataFrame:
    found = station_parts.neighbours(asked, may)
    return pl.DataFrame(
        [
            {
                "station": n.station.id, "name": n.station.name, "distance_km": n.distance,
                "bearing": n.bearing, "time": found.until, "aqi": n.aqi, "category": n.category,
                "pm25": n.value, "n": n.n, "r": n.r,
            }
            for n in found.rows
        ],
        schema={
            "station": pl.String, "name": pl.String, "distance_km": pl.Float64,
            "bearing": pl.Float64, "time": pl.Datetime("us", "UTC"), "aqi": pl.Int32,
            "category": pl.String, "pm25": pl.Float64, "n": pl.Int64, "r": pl.Float64,
        },
    )  # fmt: skip


def _comparison(asked: Asked, may: Access) -> str:
    found = station_parts.neighbours(asked, may)
    lines = [(s.name, values) for s, values in found.lines]
    return pictures.comparison(lines, found.until, station_parts.COMPARED)


def _roses(asked: Asked, pollutant: str) -> str:
    found = roses(station_parts.winds(asked, pollutant))
    drawn = [day_pictures.rose(rose, title) for _name, title, rose in found]
    return day_pictures.roses_sheet(drawn, words.span_name(asked.span))
