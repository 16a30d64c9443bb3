"""What can be wrong with a file that could be read: its dates, and columns that are exchanged."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from lantian.errors import Problem
from lantian.i18n import gettext as _
from lantian.observations import published
from lantian.observations.import_files import Loaded
from lantian.observations.quality_thresholds import Thresholds
from lantian.observations.readers.text import LINE

SWAPPED = "import.swapped_columns"
# Problems that say "this looks wrong": the caller may accept them, having looked.
ACCEPTABLE = frozenset({SWAPPED})


@dataclass(frozen=True)
class Checks:
    """What the checks of one import are made by.

    Parameters
    ----------
    now
        The moment of the import; later values are future ones.
    zone
        Zone of the times in messages and of local days.
    accept
        Codes of problems the caller has looked at: remarks instead.
    """

    now: datetime
    zone: str
    thresholds: Thresholds
    accept: Collection[str] = ()

    def __call__(self, one: Loaded) -> None:
        """Check one file; bad rows leave its frame."""
        if one.frame.is_empty():
            return
        self._dates(one)
        self._swapped(one)

    def _dates(self, one: Loaded) -> None:
        general = self.thresholds.general
        latest = self.now + timedelta(hours=general("import", "future_tolerance"))
        year = int(general("import", "earliest_year"))
        earliest = datetime(year, 1, 1, tzinfo=ZoneInfo(self.zone)).astimezone(UTC)
        time = one.frame["time"]
        first, last = time.min(), time.max()
        if isinstance(last, datetime) and last > latest:
            text = _("{time} lies in the future (it is {now}); correct the date.")
            self._reject_times(one, time > latest, "import.future", text)
        if isinstance(first, datetime) and first < earliest:
            text = _("{time} is before {year}; correct the date.").replace("{year}", str(year))
            self._reject_times(one, one.frame["time"] < earliest, "import.too_old", text)

    def _reject_times(self, one: Loaded, bad: pl.Series, code: str, text: str) -> None:
        now = self.now.astimezone(ZoneInfo(self.zone)).strftime("%Y-%m-%d %H:%M")
        keys = ["station", "time"] if one.lines is None else [LINE]
        rows = one.places().filter(bad).unique(keys, keep="first", maintain_order=True)
        local = rows["time"].dt.convert_time_zone(self.zone).dt.strftime("%F %H:%M")
        places = [
            Problem(one.name, text.format(time=t, now=now), code, line, "time", t)
            for t, line in zip(local, rows[LINE], strict=True)
        ]
        one.reject(bad, places)

    def _swapped(self, one: Loaded) -> None:
        """Tell exchanged columns by the AQI of the file, without one by PM2.5 above PM10."""
        if one.frame.is_empty():
            return
        aqi = one.reading.published if one.reading is not None else None
        if aqi is not None:
            one.published = published.check(one.frame, aqi, zone=self.zone)
            one.notes.append(one.published.message())
            if not one.published.good and one.published.swap is not None:
                self._doubt(one, one.published.message(), one.published.swap.first)
            if one.published.n:
                return
        self._by_particles(one)

    def _by_particles(self, one: Loaded) -> None:
        general = self.thresholds.general
        wide = [
            one.frame.filter(
                pl.col("parameter") == p, pl.col("grade") != "invalid", pl.col("value") > 0
            ).select("station", "period", "time", pl.col("value").alias(p))
            for p in ("pm25", "pm10")
        ]
        both = wide[0].join(wide[1], on=["station", "period", "time"])
        if both.height < general("import", "swapped_minimum"):
            return
        share = (both["pm25"] > both["pm10"]).sum() / both.height
        text = _("PM2.5 is above PM10 in {share} of {n} hours").format(
            share=f"{share:.0%}", n=f"{both.height:,}"
        )
        if share > general("import", "swapped_share"):
            message = _("{finding}: the columns PM2.5 and PM10 look swapped; check the file.")
            self._doubt(one, message.format(finding=text), "pm25")
        elif share > general("import", "swapped_warning"):
            one.notes.append(
                _("{finding}: look whether the columns may be swapped.").format(finding=text)
            )

    def _doubt(self, one: Loaded, message: str, column: str) -> None:
        if SWAPPED in self.accept:
            one.notes.append(message)
        else:
            one.object(Problem(one.name, message, SWAPPED, column=column))
