"""What the calendar shows: the days of a year by category, and how many there are of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

import lantian.evaluation as ev
from lantian.evaluation._columns import DAILY_VALUE
from lantian.evaluation.periods import months_of, year_before
from lantian.i18n import gettext as _
from lantian.reports import words
from lantian.standards import CATEGORIES, POLLUTANTS, category_expr, edition_of
from lantian.web.air.queries.asked import Asking, Judging, check_begun
from lantian.web.air.queries.place import Place
from lantian.web.core import clock
from lantian.web.core.air import network

AQI = "aqi"
SHOWN = (AQI, *POLLUTANTS)
LEVELS = tuple(CATEGORIES)
_GOOD, _HEAVY = 2, 5  # good days: up to level 2; heavy ones: from level 5 (HJ 633)


@dataclass(frozen=True)
class Asked(Judging):
    """What the address of a calendar asks for."""

    show: str = AQI

    def query(self) -> dict[str, str | None]:
        """Return the parameters that ask for this again; defaults are None."""
        return {
            **self.judged(),
            "year": None if self.span.start.year == usual_year() else str(self.span.start.year),
            "show": None if self.show == AQI else self.show,
        }

    def judged(self) -> dict[str, str | None]:
        """Return the parameters that say how days are judged."""
        named = super().query()
        return {name: named[name] for name in ("edition", "calibre", "dust")}


def asked_of(asking: Asking) -> Asked:
    """Return what an address asks for."""
    usual = usual_year()
    year = asking.number("year", usual)
    span = asking.read("year", ev.span(f"{usual}"), lambda _text: _begun(year))
    return Asked(
        span=span, edition=asking.edition(), calibre=asking.calibre(), dust=asking.flag("dust"),
        show=asking.one_of("show", SHOWN, AQI),
    )  # fmt: skip


def _begun(year: int) -> ev.Span:
    span = ev.span(f"{year:04d}")
    check_begun(span)
    return span


def usual_year() -> int:
    """Return the year of yesterday, or the last one with data."""
    yesterday = clock.today() - timedelta(days=1)
    extent = network().extent()
    return min(yesterday, extent[1]).year if extent else yesterday.year


def years() -> list[int]:
    """Return the years that hold data, the newest first."""
    extent = network().extent()
    if extent is None:
        return []
    last = min(extent[1], clock.today() - timedelta(days=1))
    return list(range(last.year, extent[0].year - 1, -1))


@dataclass(frozen=True)
class Day:
    """One day: ``level`` 1–6 or 0, what stands in it, what it is in words.

    ``state``: ``known``, ``few`` (too few valid values), ``none`` (nothing measured), ``open``
    (has not passed). ``lacks``: the pollutants without a valid value, where others have one.
    """

    date: date
    level: int
    text: str
    about: str
    state: str
    lacks: bool = False


@dataclass(frozen=True)
class Counts:
    """Days of each category (in the order of :data:`LEVELS`) and those without a category."""

    levels: tuple[int, ...] = (0,) * len(LEVELS)
    unknown: int = 0

    @property
    def known(self) -> int:
        """Return the days with a category."""
        return sum(self.levels)

    @property
    def good(self) -> int:
        """Return the days up to "good"."""
        return sum(self.levels[:_GOOD])

    @property
    def heavy(self) -> int:
        """Return the days of heavy and severe pollution."""
        return sum(self.levels[_HEAVY - 1 :])

    def plus(self, other: Counts) -> Counts:
        """Return the days of both."""
        levels = tuple(a + b for a, b in zip(self.levels, other.levels, strict=True))
        return Counts(levels, self.unknown + other.unknown)


@dataclass(frozen=True)
class Month:
    """A month: its weeks from Monday (None: a day of another month) and its counts.

    ``before`` counts the same days a year before, judged by the edition of this month; None: no
    data then.
    """

    first: date
    edition: str
    weeks: tuple[tuple[Day | None, ...], ...]
    counts: Counts
    before: Counts | None


@dataclass(frozen=True)
class Year:
    """The calendar of one place.

    ``primary``: the pollutants and on how many days each was primary, most first; ``frame``: the
    daily table of the days that have passed.
    """

    place: Place
    past: ev.Span
    months: tuple[Month, ...]
    total: Counts
    before: Counts | None
    primary: tuple[tuple[str, int], ...]
    primary_days: int
    lacking: int
    frame: pl.DataFrame


def year_of(place: Place, asked: Asked) -> Year:
    """Return the calendar of a place."""
    past = ev.so_far(asked.span, network().now(), network().zone)
    frame = place.days(past, asked)
    rows = {row["date"]: row for row in frame.iter_rows(named=True)}
    now = _counts(frame, asked.show)
    old = before_of(place, past, asked)
    months = []
    for first in months_of(asked.span):
        levels = now.get(first.month, Counts().levels)
        counts = Counts(levels, max(0, _due(first, past) - sum(levels)))
        weeks = _weeks(first, rows, asked.show, past.end)
        before = old.get(first.month)
        months.append(Month(first, edition_in(first, asked), weeks, counts, before))
    primary = dict(
        frame["primary"].explode(empty_as_null=False).drop_nulls().value_counts().iter_rows()
    )
    compared = [m.before for m in months if m.before is not None]
    return Year(
        place, past, tuple(months), _total(m.counts for m in months),
        _total(compared) if compared else None,
        tuple(sorted(primary.items(), key=lambda item: -item[1])),
        frame.filter(pl.col("primary").list.len() > 0).height,
        frame.filter(pl.col("aqi").is_not_null() & (pl.col("missing").list.len() > 0)).height,
        frame,
    )  # fmt: skip


def _total(counts: Iterable[Counts]) -> Counts:
    total = Counts()
    for one in counts:
        total = total.plus(one)
    return total


def level_expr(show: str) -> pl.Expr:
    """Return the category id of each day: of the AQI, or of one pollutant's index."""
    return pl.col("category") if show == AQI else category_expr(pl.col(f"iaqi_{show}"))


def _counts(frame: pl.DataFrame, show: str) -> dict[int, tuple[int, ...]]:
    """Return the days of each category, by month."""
    counted = (
        frame.with_columns(level_expr(show).alias("_category"))
        .drop_nulls("_category")
        .group_by(pl.col("date").dt.month().alias("month"), "_category")
        .len()
    )
    found: dict[int, list[int]] = {}
    for month, category, days in counted.iter_rows():
        found.setdefault(month, [0] * len(LEVELS))[LEVELS.index(category)] = days
    return {month: tuple(levels) for month, levels in found.items()}


def edition_in(month: date, asked: Judging) -> str:
    """Return the edition that judges the days of a month: editions change with a month."""
    return edition_of(month) if asked.edition == "auto" else asked.edition


@dataclass(frozen=True)
class Pair:
    """The days of a span and the same days a year before, judged alike.

    Each day and the same day of the year before are judged by one edition: that in force on this
    year's, or the one asked for. ``before`` is None where nothing was measured then; ``whole``:
    all months of the span were.
    """

    now: Counts
    before: Counts | None
    whole: bool


def pair_of(place: Place, past: ev.Span, asked: Asked) -> Pair:
    """Return the days of a span and the same days a year before, as :func:`year_of` counts them."""
    now = _counts(place.days(past, asked), asked.show)
    before = before_of(place, past, asked)
    return Pair(
        _total(Counts(levels) for levels in now.values()),
        _total(before.values()) if before else None,
        len(before) == len(months_of(past)),
    )


def editions_of(past: ev.Span, asked: Judging) -> list[tuple[str, date]]:
    """Return the editions that judge a span, each with the first day it does."""
    found: dict[str, date] = {}
    for month in months_of(past):
        found.setdefault(edition_in(month, asked), max(month, past.start))
    return list(found.items())


def before_of(place: Place, past: ev.Span, asked: Asked) -> dict[int, Counts]:
    """Return the counts of the same days a year before, each month by this year's edition."""
    before = year_before(past)
    extent = network().extent()
    if extent is None or extent[0] > before.end:
        return {}
    found: dict[int, Counts] = {}
    by_edition: dict[str, dict[int, tuple[int, ...]]] = {}
    for month in months_of(past):
        used = edition_in(month, asked)
        if used not in by_edition:
            by_edition[used] = _counts(place.days(before, asked, used), asked.show)
        levels = by_edition[used].get(month.month)
        if levels is not None:
            old = month.replace(year=month.year - 1)
            due = _due(old, before)
            found[month.month] = Counts(levels, max(0, due - sum(levels)))
    return found


def _due(month: date, span: ev.Span) -> int:
    """Return how many days of a month lie in a span."""
    after = (month + timedelta(days=31)).replace(day=1)
    last = min(span.end, after - timedelta(days=1))
    return max(0, (last - max(month, span.start)).days + 1)


def _weeks(
    first: date, rows: Mapping[date, Mapping[str, Any]], show: str, last: date
) -> tuple[tuple[Day | None, ...], ...]:
    """Return the weeks of a month, from Monday; days after ``last`` have not passed."""
    after = (first + timedelta(days=31)).replace(day=1)
    days: list[Day | None] = [None] * first.weekday()
    for number in range((after - first).days):
        day = first + timedelta(days=number)
        days.append(day_of(rows.get(day), day, show, passed=day <= last))
    days += [None] * (-len(days) % 7)
    return tuple(tuple(days[k : k + 7]) for k in range(0, len(days), 7))


def day_of(row: Mapping[str, Any] | None, day: date, show: str, *, passed: bool = True) -> Day:
    """Return a day as the calendar shows it: of the AQI, or of one pollutant by its index."""
    if not passed:
        return Day(day, 0, "", _("{day}: not over yet").format(day=day), "open")
    if row is None:
        return Day(day, 0, "", _("{day}: no data").format(day=day), "none")
    value, index = (row["aqi"], row["aqi"]) if show == AQI else (
        row[DAILY_VALUE[show]], row[f"iaqi_{show}"]
    )  # fmt: skip
    if index is None:
        return _unknown(row, day, show)
    category = _category(row, show)
    level = CATEGORIES[category]
    if show == AQI:
        text = str(value)
        said = f"AQI {value} {level.name}"
        if row["primary"]:
            said += f", {words.names_of(row['primary'])}"
    else:
        text = words.concentration(show, value)
        said = f"{words.LABEL[show]} {text} {words.unit(show)}, IAQI {index} {level.name}"
    lacks = show == AQI and bool(row["missing"])
    if lacks:
        said += "; " + _("no valid {names}").format(names=words.names_of(row["missing"]))
    return Day(day, level.level, text, f"{day}: {said}", "known", lacks)


def _category(row: Mapping[str, Any], show: str) -> str:
    if show == AQI:
        return str(row["category"])
    index = int(row[f"iaqi_{show}"])
    return next(c.id for c in CATEGORIES.values() if c.top is None or index <= c.top)


def _unknown(row: Mapping[str, Any], day: date, show: str) -> Day:
    """Return a day without a category: nothing was measured, or too little of it."""
    counted = POLLUTANTS if show == AQI else (show,)
    if not any(row[f"n_{p}"] for p in counted):
        return Day(day, 0, "", _("{day}: no data").format(day=day), "none")
    about = _("{day}: too few valid values").format(day=day)
    return Day(day, 0, words.NONE, about, "few")


@dataclass(frozen=True)
class Matrix:
    """Stations down, days of one month across."""

    days: tuple[date, ...]
    rows: tuple[tuple[str, str, str, tuple[Day, ...]], ...]  # station, name, kind, days
    stations: int
    pages: int


def matrix_of(
    stations: Sequence[tuple[str, str, str]], asked: Asked, page: int, size: int
) -> Matrix:
    """Return one page of the days of many stations; ``asked.span`` is the month."""
    past = ev.so_far(asked.span, network().now(), network().zone)
    pages = max(1, -(-len(stations) // size))
    here = stations[(min(page, pages) - 1) * size : min(page, pages) * size]
    table = (
        network()
        .days(
            past.start,
            past.end,
            edition=asked.edition,
            calibre=asked.given_calibre,
            dust=asked.dust,
        )
        .filter(pl.col("station").is_in([s for s, _name, _kind in here]))
    )
    found = {(r["station"], r["date"]): r for r in table.iter_rows(named=True)}
    days = tuple(past.start + timedelta(days=k) for k in range(past.days))
    rows = tuple(
        (s, name, kind, tuple(day_of(found.get((s, d)), d, asked.show) for d in days))
        for s, name, kind in here
    )
    return Matrix(days, rows, len(stations), pages)
