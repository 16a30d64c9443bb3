"""The daily table of a store, kept: judged once, and again only where something changed.

Each local month is kept for itself, in memory and on disk. Whoever reads it makes sure that it has
taken in every batch: only the station-days a small change touched are judged again, a month that a
large one touched is judged whole. What is kept equals :func:`lantian.evaluation.daily_from_store`.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

import polars as pl

from lantian.evaluation import kept_days, kept_files
from lantian.evaluation._columns import DAILY_VALUE
from lantian.evaluation.daily import daily
from lantian.evaluation.hourly import grid
from lantian.evaluation.judge import WITH_DUST, judge
from lantian.evaluation.kept_days import How
from lantian.evaluation.kept_files import Origin
from lantian.evaluation.kept_rules import code, editions_differ, rules_of
from lantian.evaluation.partitions import day_bounds, in_months, local_days, stacked
from lantian.evaluation.periods import span as span_of
from lantian.observations.batches import Change, Ledger
from lantian.observations.extent import extent
from lantian.observations.layout import CalibreChoice
from lantian.observations.schema import Calibre
from lantian.observations.store import Store
from lantian.standards import EDITIONS, POLLUTANTS, Settings
from lantian.standards import edition as known_edition

FOLDER = Path("daily")
# Rows of one month beyond which finding out what they touch costs more than judging it whole.
_LARGE = 500_000
_BUDGET = 768 * 2**20  # bytes of months held in memory
_DUSTY = ("pm25", "pm10")
# What the statistics of a period do not need, and what the AQI alone does not.
_JUDGED = (*(f"iaqi_{p}" for p in POLLUTANTS), "category", "primary", "missing")
_VALUES = (*DAILY_VALUE.values(), "o3_1h_max", *(p + WITH_DUST for p in _DUSTY))
_COUNTS = tuple(f"{what}_{p}" for what in ("n", "valid") for p in POLLUTANTS)


@dataclass(frozen=True)
class _Month:
    """A kept month and what it was made from."""

    origin: Origin
    frame: pl.DataFrame

    @cached_property
    def stations(self) -> pl.Series:
        """The stations with a value in it."""
        return self.frame["station"].unique()


class KeptDays:
    """The daily table of a store, kept under a folder; safe for many threads and processes.

    Parameters
    ----------
    store
        The measurements.
    folder
        Where derived tables are kept; it need not exist and may be deleted at any time.
    budget
        Bytes of months held in memory; the least recently used go first.
    """

    def __init__(self, store: Store, folder: Path, *, budget: int = _BUDGET) -> None:
        self._store = store
        self._folder = folder / FOLDER
        self._budget = budget
        self._held: OrderedDict[Path, _Month] = OrderedDict()
        self._mutex = threading.Lock()
        code()  # while the files are still those this process runs

    def days(
        self,
        start: date | None = None,
        end: date | None = None,
        *,
        stations: Collection[str] | None = None,
        calibre: CalibreChoice | None = None,
        edition: str = "auto",
        settings: Settings | None = None,
        dust: pl.DataFrame | None = None,
    ) -> pl.DataFrame:
        """Return what ``daily_from_store`` returns of the same days.

        Parameters
        ----------
        start, end
            Local days, both included; None: from the first, to the last.
        dust
            Sand-dust events to deduct, by time (``home.dust.events``).
        """
        how = How(
            calibre,
            edition if editions_differ() else "auto",
            settings or Settings.default(),
            dust,
        )
        extra = [kept_days.AQI_UNDER + name for name in EDITIONS]
        table = self._days(start, end, stations, how, extra)
        if how.edition == edition:
            return table
        return judge(table, edition=edition, settings=how.settings)

    def indexed(
        self,
        start: date,
        end: date,
        *,
        edition: str,
        stations: Collection[str] | None = None,
        calibre: CalibreChoice | None = None,
        settings: Settings | None = None,
        dust: pl.DataFrame | None = None,
    ) -> pl.DataFrame:
        """Return the days with their AQI under one edition: enough for the statistics of a period.

        Parameters
        ----------
        edition
            Not ``auto``. The rest as for `days`.

        Returns
        -------
        polars.DataFrame
            What `days` returns without ``iaqi_<p>, category, primary, missing``.

        Raises
        ------
        UnknownNameError
            There is no such edition.
        """
        known_edition(edition)
        if editions_differ():
            days = self.days(
                start, end, stations=stations, calibre=calibre, edition=edition,
                settings=settings, dust=dust,
            )  # fmt: skip
            return days.drop(_JUDGED)
        how = How(calibre, "auto", settings or Settings.default(), dust)
        under = kept_days.AQI_UNDER + edition
        others = [kept_days.AQI_UNDER + name for name in EDITIONS if name != edition]
        table = self._days(start, end, stations, how, [*_JUDGED, *others])
        table = table.drop(_JUDGED, strict=False)
        if under in table.columns:  # a table of no months has nothing beside its days
            table = table.with_columns(pl.col(under).alias("aqi")).drop(under)
        return table.with_columns(pl.lit(edition).alias("edition"))

    def aqi_by_edition(
        self,
        start: date,
        end: date,
        *,
        stations: Collection[str] | None = None,
        calibre: CalibreChoice | None = None,
        settings: Settings | None = None,
        dust: pl.DataFrame | None = None,
    ) -> pl.DataFrame:
        """Return the AQI of every day under every edition.

        Parameters
        ----------
        start, end, stations, calibre, settings, dust
            As for `days`.

        Returns
        -------
        polars.DataFrame
            ``station, date`` and ``aqi_<edition>`` of each edition; sorted by station and date.
        """
        chosen = settings or Settings.default()
        how = How(calibre, "auto", chosen, dust)
        table = self._days(start, end, stations, how, [*_VALUES, *_COUNTS, *_JUDGED])
        under = {name: kept_days.AQI_UNDER + name for name in EDITIONS}
        if editions_differ() or not set(under.values()) <= set(table.columns):
            judged = {
                name: self.days(
                    start, end, stations=stations, calibre=calibre, edition=name,
                    settings=chosen, dust=dust,
                )["aqi"]
                for name in EDITIONS
            }  # fmt: skip
            return table.select("station", "date").with_columns(
                aqi.alias(f"aqi_{name}") for name, aqi in judged.items()
            )
        return table.select(
            "station",
            "date",
            *(pl.col(column).alias(f"aqi_{name}") for name, column in under.items()),
        )

    def extent(
        self, *, calibre: CalibreChoice | None = None, settings: Settings | None = None
    ) -> tuple[date, date] | None:
        """Return the first and the last local day with a value; None if there is none."""
        how = How(calibre, "auto", settings or Settings.default(), None)
        months = self._store.months("1h", calibre)
        first, last = self._outermost(months, how), self._outermost(months[::-1], how)
        if first is None or last is None:
            return None
        return extent(first["date"], date)[0], extent(last["date"], date)[1]

    def stations(
        self, *, calibre: CalibreChoice | None = None, settings: Settings | None = None
    ) -> pl.Series:
        """Return the stations that ever had a value."""
        how = How(calibre, "auto", settings or Settings.default(), None)
        months = self._store.months("1h", calibre)
        found = [self._up_to_date(month, how).stations for month in months]
        return pl.concat([pl.Series("station", [], pl.String), *found]).unique().sort()

    def refresh(
        self,
        *,
        calibre: CalibreChoice | None = None,
        settings: Settings | None = None,
        dust: pl.DataFrame | None = None,
    ) -> None:
        """Bring every month up to date, so that whoever reads next need not wait."""
        how = How(calibre, "auto", settings or Settings.default(), dust)
        for month in self._store.months("1h", calibre):
            self._month(month, how)

    # -- inside

    def _days(
        self,
        start: date | None,
        end: date | None,
        stations: Collection[str] | None,
        how: How,
        without: Collection[str] = (),
    ) -> pl.DataFrame:
        """Return kept days, without the columns that are not asked for."""
        conditions = []
        if start is not None:
            conditions.append(pl.col("date") >= start)
        if end is not None:
            conditions.append(pl.col("date") <= end)
        if stations is not None:
            conditions.append(pl.col("station").is_in(list(stations)))
        selection = local_days(start, end, self._store.zone, calibre=how.calibre)
        parts = [
            self._month(month, how).drop(without, strict=False).filter(*conditions)
            for month in in_months(self._store, selection)
        ]
        return stacked(parts or [daily(grid([], revisions=True))], "date")

    def _outermost(self, months: Sequence[str], how: How) -> pl.DataFrame | None:
        frames = (self._month(month, how) for month in months)
        return next((frame for frame in frames if frame.height), None)

    def _month(self, month: str, how: How) -> pl.DataFrame:
        """Return a month up to date."""
        if how.dust is None:
            return self._fresh(month, how)
        whole = span_of(month)
        after, until = day_bounds(whole.start, whole.end, self._store.zone)
        events = kept_days.overlapping(how.dust, after, until)
        if events.is_empty():  # nothing to deduct: the values with dust are the values
            return _undusted(self._fresh(month, replace(how, dust=None)))
        return self._fresh(month, replace(how, dust=events))

    def _fresh(self, month: str, how: How) -> pl.DataFrame:
        return self._up_to_date(month, how).frame

    def _up_to_date(self, month: str, how: How) -> _Month:
        path = self._path(month, how)
        rules = rules_of(self._store.zone, how)
        with self._mutex:
            held = self._held.get(path)
            if held is not None:
                self._held.move_to_end(path)
        ledger = self._store.table.snapshot().ledger
        if held is not None and self._behind(held.origin, ledger, month, how, rules) == []:
            return held
        with kept_files.making(path):
            # Known from here on: what lands while the rows are read is looked at the next time.
            ledger = self._store.table.snapshot().ledger
            found = _newer(held, kept_files.read(path))
            changes = (
                None if found is None else self._behind(found.origin, ledger, month, how, rules)
            )
            if found is None or changes != []:
                frame = self._made(month, how, found, changes)
                found = _Month(self._origin(ledger, rules), frame)
                kept_files.write(path, found.origin, found.frame)
        self._hold(path, found)
        return found

    def _made(
        self, month: str, how: How, old: _Month | None, changes: list[Change] | None
    ) -> pl.DataFrame:
        """Return the month as it is now, from what was kept where that is of use."""
        frame = None
        if (
            old is not None
            and changes is not None
            and kept_days.rows_of(self._store, month, changes) <= _LARGE
        ):
            calibres = self._calibres(how.calibre)
            touched = kept_days.touched_by(self._store, month, calibres, changes)
            frame = kept_days.again(self._store, month, how, old.frame, touched)
        return kept_days.whole_month(self._store, month, how) if frame is None else frame

    def _origin(self, ledger: Ledger, rules: str) -> Origin:
        return Origin(self._store.table.identity, ledger.length, _iso(ledger, ledger.length), rules)

    def _behind(
        self, origin: Origin, ledger: Ledger, month: str, how: How, rules: str
    ) -> list[Change] | None:
        """Return what a month made from ``origin`` has not taken in; None if it is of no use."""
        here = (self._store.table.identity, _iso(ledger, origin.events), rules)
        if (origin.table, origin.at, origin.rules) != here:
            return None
        return [
            change
            for calibre in self._calibres(how.calibre)
            for change in ledger.changes("1h", calibre, month, ledger.time_of(origin.events))
        ]

    def _calibres(self, choice: CalibreChoice | None) -> tuple[Calibre, ...]:
        return self._store.calibres("1h", choice)

    def _path(self, month: str, how: How) -> Path:
        calibre = "-".join(self._calibres(how.calibre)) or "none"
        folder = self._folder / (calibre if how.edition == "auto" else f"{calibre}-{how.edition}")
        return kept_files.file_of(folder, month, dust=how.dust is not None)

    def _hold(self, path: Path, month: _Month) -> None:
        with self._mutex:
            self._held[path] = month
            self._held.move_to_end(path)
            weight = sum(m.frame.estimated_size() for m in self._held.values())
            while weight > self._budget and len(self._held) > 1:
                _path, gone = self._held.popitem(last=False)
                weight -= gone.frame.estimated_size()


def _newer(held: _Month | None, read: tuple[Origin, pl.DataFrame] | None) -> _Month | None:
    """Return the month that has taken in more; another process may have been faster."""
    if read is None or (held is not None and held.origin.events >= read[0].events):
        return held
    return _Month(*read)


def _iso(ledger: Ledger, events: int) -> str:
    """Return when the last of the first ``events`` events was; empty for none."""
    at = ledger.time_of(events)
    return "" if at is None else at.isoformat()


def _undusted(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a daily table of days without sand-dust as the deduction leaves it."""
    names = list(frame.columns)
    place = names.index("o3_1h_max") + 1
    names[place:place] = [p + WITH_DUST for p in _DUSTY]
    return frame.with_columns(pl.col(p).alias(p + WITH_DUST) for p in _DUSTY).select(names)
