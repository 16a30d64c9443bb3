"""The county as it reports: each hour some minutes after its end, some much later, some never."""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.observations import imports
from lantian.observations.export import export
from lantian.observations.extent import extent
from lantian.observations.files import write_atomically
from lantian.observations.quality_thresholds import Thresholds
from lantian.observations.schema import KEY, LONG, TIME
from lantian.observations.stations import write_register
from lantian.observations.store import Store
from lantian.progress import Progress, silent
from lantian.twin.clock import HOUR, beginning, hours_before
from lantian.twin.county import County
from lantian.twin.noise import Stream, generator
from lantian.twin.plan import section, stations

ACTOR = "simulation"
# The last day and a little of a longer gap is lived through in rounds, so that what came late
# shows as late; what is older is taken in at once.
_RECENT = timedelta(hours=26)
_ROUND = timedelta(minutes=30)


def longest_delay() -> timedelta:
    """Return how long after its end an hour may still arrive."""
    return timedelta(minutes=section("live")["late"][1])


def arrivals(seed: int, zone: str, first: int, stop: int) -> pl.DataFrame:
    """Return when the hours ``first`` … ``stop - 1`` of each station arrive.

    Returns
    -------
    polars.DataFrame
        ``station``, ``time`` (label, the end of the hour) and ``arrives``, both UTC. Whatever is
        asked, the same hour of the same seed arrives at the same moment.
    """
    rule, ids = section("live"), [s.id for s in stations()]
    usual, late, step = rule["usual"], rule["late"], rule["round"]
    days = range(first // 24, (stop - 1) // 24 + 1)
    drawn = [generator(seed, Stream.ARRIVALS, day).random((24, len(ids), 2)) for day in days]
    chance = np.concatenate(drawn)[first - 24 * days.start : stop - 24 * days.start]
    is_late = chance[:, :, 0] < rule["late_share"]
    low = np.where(is_late, late[0], usual[0])
    high = np.where(is_late, late[1], usual[1])
    minutes = low + step * np.floor(chance[:, :, 1] * ((high - low) // step + 1))
    labels = [beginning(zone) + (hour + 1) * HOUR for hour in range(first, stop)]
    return pl.DataFrame(
        {
            "station": pl.Series(ids).gather(np.tile(np.arange(len(ids)), stop - first)),
            "time": pl.Series(labels, dtype=TIME).gather(
                np.repeat(np.arange(stop - first), len(ids))
            ),
            "minutes": minutes.astype(np.int64).ravel(),
        }
    ).select(
        "station",
        "time",
        (pl.col("time") + pl.duration(minutes="minutes")).cast(TIME).alias("arrives"),
    )


def arriving(
    county: County, since: datetime, until: datetime, *, progress: Progress = silent
) -> pl.DataFrame:
    """Return what arrives after ``since`` up to ``until``.

    Returns
    -------
    polars.DataFrame
        The long columns; nothing labelled before the county's ``start``.
    """
    begin = max(since - longest_delay() - HOUR, county.start)
    first, stop = hours_before(begin, county.zone), hours_before(until, county.zone)
    if stop <= first:
        return pl.DataFrame(schema=LONG)
    when = arrivals(county.seed, county.zone, first, stop).filter(
        pl.col("arrives") > since, pl.col("arrives") <= until
    )
    hours = county.hours(begin, until, progress=progress)
    return hours.join(when, on=["station", "time"], how="semi", maintain_order="left")


class Feed:
    """Puts what arrives into a store, the way the files of a real network go in.

    Whatever moment it is killed at, the next one goes on without a gap and without taking anything
    twice: what was stored is looked up, and the note only says from where to look.

    Parameters
    ----------
    county
        Whose hours they are; also those after its ``end``.
    store
        Where they go.
    note
        File that says up to which moment everything was taken in.
    thresholds
        Of quality control.
    """

    def __init__(self, county: County, store: Store, note: Path, thresholds: Thresholds) -> None:
        self.county = county
        self._store = store
        self._note = note
        self._thresholds = thresholds
        self._reached: datetime | None = None

    @property
    def reached(self) -> datetime | None:
        """The simulated moment up to which everything was taken in; None: nothing was."""
        if self._reached is None:
            landed = self._store.batches().filter(state="landed", kind="import")
            newest = landed["last_time"].max()
            if isinstance(newest, datetime):
                # without a note it is looked again at what may have come late
                self._reached = self._noted() or newest - longest_delay()
        return self._reached

    def due(self, now: datetime) -> bool:
        """Say whether a round of transmission has passed since the last one."""
        reached = self.reached
        return reached is None or now - reached >= timedelta(minutes=section("live")["round"])

    def advance(
        self,
        now: datetime,
        *,
        stop: Callable[[], bool] = lambda: False,
        progress: Progress = silent,
    ) -> int:
        """Take in everything that arrived up to ``now``; return how many values were new.

        Parameters
        ----------
        stop
            Asked between two rounds; yes leaves the rest for the next time.

        Raises
        ------
        DomainError
            ``store.locked``, ``store.disk_full``.
        """
        since = self.reached or self.county.start
        new = 0
        if now - since > _RECENT:
            edge = (
                beginning(self.county.zone) + hours_before(now - _RECENT, self.county.zone) * HOUR
            )
            new += self._take(since, edge, progress)
            since = edge
        rounds = _rounds(since, now)
        for number, until in enumerate(rounds):
            if stop():
                return new
            progress(_("Living through the last day"), number, len(rounds))
            new += self._take(since, until, silent)
            since = until
        progress(_("Living through the last day"), len(rounds), len(rounds))
        return new

    def _noted(self) -> datetime | None:
        try:
            return datetime.fromisoformat(json.loads(self._note.read_bytes())["reached"])
        except (OSError, ValueError, KeyError, TypeError):
            return None  # of an earlier version, or deleted with the other notes

    def _take(self, since: datetime, until: datetime, progress: Progress) -> int:
        rows = self._missing(arriving(self.county, since, until, progress=progress))
        new = 0
        if not rows.is_empty():
            with tempfile.TemporaryDirectory(prefix="lantian-") as name:
                new = self._import(rows, Path(name), until, progress)
        self._note.parent.mkdir(exist_ok=True)
        write_atomically(self._note, json.dumps({"reached": until.isoformat()}).encode())
        self._reached = until
        return new

    def _missing(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Leave out what is stored: it may have been corrected, and judged with later hours."""
        if rows.is_empty() or self._store.batches().is_empty():
            return rows
        first, last = extent(rows["time"], datetime)
        stored = self._store.read(start=first - HOUR, end=last, calibre="realtime")
        return rows.join(stored, on=list(KEY), how="anti", maintain_order="left")

    def _import(self, rows: pl.DataFrame, folder: Path, at: datetime, progress: Progress) -> int:
        if self._store.stations() is None:
            write_register(self.county.register, folder / "stations.csv")
        if rows.height > 100_000:  # as many files as a year of a real network would have
            for (station,), part in rows.partition_by("station", as_dict=True).items():
                export(part, folder / f"simulated-{station}.parquet")
        else:
            export(rows, folder / f"simulated-{at:%Y%m%d-%H%M}.parquet")
        report = imports.run(
            [folder],
            self._store,
            calibre="realtime",
            actor=ACTOR,
            datum="WGS84",
            clock=lambda: at,
            progress=progress,
            thresholds=self._thresholds,
        )
        return report.new or 0


def _rounds(since: datetime, now: datetime) -> list[datetime]:
    """Return the full half hours between two moments, and the later one."""
    zero = datetime.fromtimestamp(0, UTC)
    whole = zero + (since - zero) // _ROUND * _ROUND
    between = []
    while (whole := whole + _ROUND) < now:
        between.append(whole)
    return [*between, now]


def run(
    feed: Feed,
    clock: Callable[[], datetime],
    stop: threading.Event,
    say: Callable[[str], None],
    *,
    pause: float = 1.0,
) -> None:
    """Feed a store as the clock passes, until ``stop`` is set.

    Parameters
    ----------
    say
        Takes what goes wrong; it is tried again.
    pause
        Between two looks at the clock [s].
    """
    while not stop.is_set():
        now = clock()
        try:
            if feed.due(now):
                feed.advance(now, stop=stop.is_set)
        except DomainError as error:  # somebody else is writing, or the disk is full
            say(error.message)
        stop.wait(pause)
