"""The stored hours behind a number, and how the daily values are made from them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

import lantian.evaluation as ev
from lantian.errors import InvalidArgumentError
from lantian.evaluation.coverage import hour_states
from lantian.i18n import gettext as _
from lantian.observations.batches import Batch
from lantian.observations.parameters import PARAMETERS
from lantian.standards import DIGITS, POLLUTANTS, VALIDITY
from lantian.web.air.queries.asked import Asking
from lantian.web.air.queries.station import DAILY
from lantian.web.air.queries.station_asked import Asked, asked_of, day_bounds, full_hour
from lantian.web.air.queries.station_parts import CYCLES, Cycle
from lantian.web.air.queries.stations import Station
from lantian.web.core.air import network
from lantian.web.core.formats import local

DAYS_A_PAGE = 4  # 96 hours
DAYS_IN_TABLE = 31
_HOUR = timedelta(hours=1)
_WINDOW = 8
_RANGES: Mapping[Cycle, range] = {"hour": range(24), "weekday": range(1, 8), "month": range(1, 13)}


@dataclass(frozen=True)
class Of:
    """Which hours of the period: those of one hour of the day, day of the week or month."""

    cycle: Cycle
    place: int

    @property
    def text(self) -> str:
        """Return it as addresses have it."""
        return f"{self.cycle}-{self.place}"


@dataclass(frozen=True)
class HoursAsked:
    """Which hours of a station are asked for.

    Parameters
    ----------
    about
        Station, period and edition.
    parameter
        One of :data:`lantian.observations.parameters.PARAMETERS`.
    at
        The label of the one hour asked for; the period is its local day.
    """

    about: Asked
    parameter: str
    at: datetime | None
    of: Of | None
    page: int

    @property
    def station(self) -> Station:
        """Return whose hours they are."""
        return self.about.station

    @property
    def judged(self) -> bool:
        """Whether days and statistics are made of the parameter."""
        return self.parameter in POLLUTANTS

    def query(self, **more: object) -> dict[str, object]:
        """Return the parameters that ask for this again; defaults are None."""
        span = self.about.span
        dates = {"start": str(span.start), "end": str(span.end)}
        return {
            "parameter": self.parameter,
            **({"at": local(self.at).isoformat(timespec="minutes")} if self.at else dates),
            "of": self.of.text if self.of else None,
            "edition": None if self.about.edition == "auto" else self.about.edition,
            "page": self.page if self.page > 1 else None,
            **more,
        }


def hours_asked(given: Any, station: Station) -> HoursAsked:  # noqa: ANN401 - a QueryDict
    """Return what an address asks for; by default PM2.5 of the newest day with an hour."""
    asking = Asking(given)
    parameter = asking.one_of("parameter", list(PARAMETERS), "pm25")
    at = asking.read("at", None, _moment)
    about = asked_of(given, station)
    if at is not None:
        day = local_day(at)
        about = replace(about, span=ev.any_span(day, day))
    elif not any(asking.text(name) for name in ("period", "start", "end")):
        day = local_day(network().latest_hour() or full_hour())
        about = replace(about, span=ev.any_span(day, day))
    of = asking.read("of", None, _of)
    page = asking.number("page", 1)
    problems = tuple(dict.fromkeys((*about.problems, *(p.message for p in asking.problems))))
    return HoursAsked(replace(about, usual=False, problems=problems), parameter, at, of, page)


def local_day(label: datetime) -> date:
    """Return the local day an hour belongs to: the one in which it starts."""
    return (label - _HOUR).astimezone(ZoneInfo(network().zone)).date()


def label_words(label: datetime) -> str:
    """Return an hour label within its day: 01:00 … 24:00."""
    local = label.astimezone(ZoneInfo(network().zone))
    return "24:00" if (local.hour, local.minute) == (0, 0) else f"{local:%H:%M}"


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is None:
            found = found.replace(tzinfo=ZoneInfo(network().zone))
        found = found.astimezone(ZoneInfo("UTC"))
    except (ValueError, OverflowError):
        found = None
    if found is None or found.year < 1970 or found > network().now() + timedelta(days=1):
        raise InvalidArgumentError(
            "air.bad_hour",
            _("“{value}” is not an hour that has passed; write it as 2026-10-31T08:00.").format(
                value=text
            ),
        ) from None
    return found.replace(minute=0, second=0, microsecond=0)


def _of(text: str) -> Of:
    match = re.fullmatch(r"(hour|weekday|month)-(\d{1,2})", text)
    for cycle in CYCLES:
        if match and match[1] == cycle and int(match[2]) in _RANGES[cycle]:
            return Of(cycle, int(match[2]))
    raise InvalidArgumentError(
        "air.bad_cycle",
        _("“{value}” names no hours; write hour-0 to hour-23, weekday-1 to weekday-7, or month-1 "
          "to month-12.").format(value=text),
    )  # fmt: skip


# -- the hours


@dataclass(frozen=True)
class Hour:
    """One hour due: what is stored of it, and the decision it stands under.

    ``state`` as of :func:`lantian.evaluation.coverage.hour_states`; the rest None where nothing is
    stored.
    """

    time: datetime
    day: date
    state: str
    value: float | None
    unit: str | None
    flag: str
    source: str | None
    batch: int | None
    recorded: datetime | None
    calibre: str | None
    decided: Batch | None


@dataclass(frozen=True)
class Window:
    """One 8 h window of O3: label of its end, mean [µg/m³], hours, whether it counts."""

    end: datetime
    mean: float | None
    n: int
    valid: bool


@dataclass(frozen=True)
class Day:
    """One daily value and what it is made of.

    ``n`` hours (windows for O3) of ``least`` needed; ``windows`` and ``hours`` of O3.
    """

    date: date
    value: float | None
    valid: bool
    n: int
    least: int
    edition: str
    windows: Sequence[Window]
    deducted: bool


@dataclass(frozen=True)
class Hours:
    """A page of hours and what is made of all of them.

    Parameters
    ----------
    rows
        The hours of this page.
    pages
        How many there are; 0 where the period is so long that only its days are shown.
    counts
        Hours of the whole selection by state.
    days
        The days of this page.
    statistic
        The row of the period of more than a day; of a cycle: its mean and n.
    """

    rows: Sequence[Hour]
    page: int
    pages: int
    counts: Mapping[str, int]
    days: Sequence[Day]
    statistic: Mapping[str, Any] | None


def states(asked: HoursAsked) -> pl.DataFrame:
    """Return every hour due of the selection, with what is stored of it."""
    about = asked.about
    stored = network().values(asked.station.id, asked.parameter, *about.bounds)
    due = hour_states(
        stored, start=about.span.start, end=about.last, until=full_hour(), zone=network().zone,
        due=pl.DataFrame({"station": [asked.station.id], "parameter": [asked.parameter]}),
    )  # fmt: skip
    found = due.join(
        stored.drop("flag"), on=["station", "parameter", "time"], how="left", maintain_order="left"
    )
    if asked.of is not None:
        found = found.filter(_cycle(asked.of.cycle) == asked.of.place)
    return found


def _cycle(cycle: Cycle) -> pl.Expr:
    local = (pl.col("time") - pl.duration(hours=1)).dt.convert_time_zone(network().zone)
    part = {"hour": local.dt.hour(), "weekday": local.dt.weekday(), "month": local.dt.month()}
    return part[cycle].cast(pl.Int64)


def hours(asked: HoursAsked) -> Hours:
    """Return the hours asked for, a page of them, and the values made from them."""
    found = states(asked)
    counts = dict(found.group_by("state").len().iter_rows())
    whole = asked.about.span.start, asked.about.last
    if asked.of is not None:
        size = DAYS_A_PAGE * 24
        pages = max(1, -(-found.height // size))
        page = min(asked.page, pages)
        rows = _rows(found.slice((page - 1) * size, size))
        return Hours(rows, page, pages, counts, (), _cycle_mean(asked))
    span_days = (whole[1] - whole[0]).days + 1
    by_day = span_days <= DAYS_IN_TABLE
    size = DAYS_A_PAGE if by_day else DAYS_IN_TABLE
    pages = max(1, -(-span_days // size))
    page = min(asked.page, pages)
    first = whole[0] + timedelta(days=(page - 1) * size)
    last = min(first + timedelta(days=size - 1), whole[1])
    of_page = found.filter(pl.col("date").is_between(first, last))
    rows = _rows(of_page) if by_day else []
    shown = whole if by_day else (first, last)
    days = daily(asked, *shown, windows=span_days <= DAYS_A_PAGE) if asked.judged else ()
    statistic = None
    if asked.judged and span_days > 1:
        table = network().periods(
            asked.about.span, stations=(asked.station.id,), edition=asked.about.edition
        )  # fmt: skip
        statistic = None if table.is_empty() else table.row(0, named=True)
    return Hours(rows, page, pages, counts, days, statistic)


def _rows(found: pl.DataFrame) -> list[Hour]:
    batches = {n: network().home.store.batch(n) for n in found["batch"].drop_nulls().unique()}
    rows = []
    for r in found.iter_rows(named=True):
        batch = batches.get(r["batch"])
        rows.append(
            Hour(
                r["time"], r["date"], r["state"], r["value"], r["unit"], r["flag"], r["source"],
                r["batch"], r["recorded"], r["calibre"],
                batch if batch is not None and batch.kind != "import" else None,
            )
        )  # fmt: skip
    return rows


def _cycle_mean(asked: HoursAsked) -> dict[str, Any] | None:
    """Return ``n`` and ``mean`` of the hours of a cycle; None of a parameter without a mean."""
    frame = network().hours(*asked.about.bounds, stations=(asked.station.id,))
    if asked.of is None or asked.parameter == "wd" or asked.parameter not in frame.columns:
        return None
    table = ev.pattern(
        frame.select("station", "time", asked.parameter), by=asked.of.cycle, zone=network().zone
    ).filter(pl.col(asked.of.cycle) == asked.of.place)
    return None if table.is_empty() else table.row(0, named=True)


def daily(asked: HoursAsked, start: date, end: date, *, windows: bool) -> list[Day]:
    """Return the daily values of some days and what each is made of."""
    p = asked.parameter
    table = network().days(
        start, end, stations=(asked.station.id,), edition=asked.about.edition
    )  # fmt: skip
    of_day = _windows(asked, start, end) if windows and p == "o3" else {}
    least = VALIDITY.day_windows if p == "o3" else VALIDITY.day_hours
    return [
        Day(
            row["date"], row[DAILY[p]], row[f"valid_{p}"], row[f"n_{p}"], least, row["edition"],
            of_day.get(row["date"], ()), row[f"valid_{p}"] and row[DAILY[p]] is None,
        )
        for row in table.iter_rows(named=True)
    ]  # fmt: skip


def _windows(asked: HoursAsked, start: date, end: date) -> dict[date, list[Window]]:
    """Return the 8 h windows of each local day: those that end at 08:00 … 24:00 of it."""
    bounds = day_bounds(start, end)
    zone = ZoneInfo(network().zone)
    labels = pl.datetime_range(
        bounds[0] + _HOUR, bounds[1], _HOUR, time_zone="UTC", eager=True
    )  # fmt: skip
    measured = network().hours(*bounds, stations=(asked.station.id,)).select("time", "o3")
    grid = pl.DataFrame({"time": labels.cast(measured.schema["time"])}).join(
        measured, on="time", how="left", maintain_order="left"
    )
    share = VALIDITY.window_hours / _WINDOW
    rolled = ev.rolling_mean(grid, "o3", hours=_WINDOW, min_capture=share)
    found: dict[date, list[Window]] = {}
    for time, mean, n in rolled.select("time", "o3_8h", "n_o3_8h").iter_rows():
        day = local_day(time)
        midnight = datetime.combine(day, datetime.min.time(), zone)
        if time.timestamp() - midnight.timestamp() < _WINDOW * 3600:
            continue
        valid = n >= VALIDITY.window_hours
        found.setdefault(day, []).append(Window(time, mean, n, valid))
    return found


def history(asked: HoursAsked) -> pl.DataFrame:
    """Return all that was ever stored of the one hour asked for (:meth:`Store.history`)."""
    if asked.at is None:
        raise InvalidArgumentError("air.hour_needed", _("Name one hour: at=2026-10-31T08:00."))
    return network().home.store.history(asked.station.id, asked.parameter, asked.at)


def digits(parameter: str) -> int:
    """Return the decimals of an hourly value."""
    return DIGITS.get(parameter, 1)


def unit(parameter: str) -> str:
    """Return the unit a parameter is stored in."""
    return PARAMETERS[parameter].unit
