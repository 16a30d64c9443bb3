"""The newest rows of a store, kept in memory: only what changed is read again."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

import lantian.evaluation as ev
from lantian.evaluation.periods import span
from lantian.network.window import BACKFILLED, SLIDING, Window, measured_days
from lantian.observations.batches import Ledger
from lantian.observations.layout import ROW_KEY, CalibreChoice, months_between
from lantian.observations.reading import Selection
from lantian.observations.schema import POLLUTANTS
from lantian.observations.store import Store
from lantian.observations.stored import stored_rows

_TICK = timedelta(microseconds=1)
_ROW = ("station", "parameter", "time", "value", "grade", "flag", "recorded")
# Beyond this many rows that came or went, what they touch is not looked for: all is read again.
_LARGE = 300_000
# So much more is held than was asked for: two who look at hours near each other share it.
_AHEAD = timedelta(hours=3)
# Windows of so many lengths and calibres are held.
_HELD = 4


def latest_hour(store: Store, now: datetime, calibre: CalibreChoice | None) -> datetime | None:
    """Return the newest hour label, not after ``now``, with a value of a pollutant that counts."""
    counts = pl.col("value").is_not_null() & (pl.col("grade") != "invalid")
    for month in reversed(store.months("1h", calibre)):
        whole = span(month)
        start = ev.local_days(whole.start, whole.end, store.zone).start
        end = min(_last_label(store, month), now)
        while start is not None and start < end:
            after = max(start, end - timedelta(days=1))
            wanted = Selection(None, POLLUTANTS, after, end, "1h", calibre)
            newest: datetime | None = (
                store.scan(wanted).filter(counts).select(pl.col("time").max()).collect().item()
            )
            if newest is not None:
                return newest
            end = after
    return None


@dataclass(frozen=True)
class _Held:
    """Rows labelled in ``(after, until]`` after so many events of the ledger."""

    after: datetime
    until: datetime
    events: int
    rows: pl.DataFrame


class NewestRows:
    """The rows of the newest hours; safe for many threads.

    Parameters
    ----------
    store
        Where they are read from.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._held: dict[tuple[int, CalibreChoice | None], _Held] = {}
        self._mutex = threading.Lock()

    def window(
        self, until: datetime, hours: int, calibre: CalibreChoice | None, days: pl.DataFrame
    ) -> Window:
        """Return what the newest hours are made from.

        Parameters
        ----------
        days
            Daily table of the days before, by which a station is due what it measured.
        """
        start = until - timedelta(hours=hours)
        with self._mutex:
            rows = self._rows((hours, calibre), start - SLIDING, until)
        return Window(rows, measured_days(days), start, until, self._filled(rows))

    # -- inside

    def _rows(
        self, key: tuple[int, CalibreChoice | None], after: datetime, until: datetime
    ) -> pl.DataFrame:
        # Taken first: a batch that lands while the rows are read is looked at the next time.
        ledger = self._store.table.snapshot().ledger
        calibre = key[1]
        held = self._held.pop(key, None)
        end = until
        if held is not None and held.until - until <= _AHEAD:
            end = max(held.until, until)  # who looks back an hour does not make others read again
        rows = None if held is None else self._renewed(held, ledger, calibre, after, end)
        if held is None or rows is None:
            start, end = after - _AHEAD, until
            rows = self._read(Selection(None, None, start, end, "1h", calibre))
        else:
            start = max(held.after, after - _AHEAD)
            rows = rows.filter(pl.col("time") > start)
        self._held[key] = _Held(start, end, ledger.length, rows)
        for old in list(self._held)[:-_HELD]:
            del self._held[old]
        return rows.filter(pl.col("time").is_between(after, until, closed="right"))

    def _renewed(
        self,
        held: _Held,
        ledger: Ledger,
        calibre: CalibreChoice | None,
        after: datetime,
        until: datetime,
    ) -> pl.DataFrame | None:
        """Return what is held with what changed since; None if it is better read anew."""
        if not held.after <= after < held.until <= until:
            return None
        wanted = Selection(None, None, held.after, held.until, "1h", calibre)
        changes = [
            change
            for month in months_between(held.after, held.until, "1h", self._store.zone)
            for one in self._store.calibres("1h", calibre)
            for change in ledger.changes("1h", one, month, ledger.time_of(held.events))
            if change.last > held.after and change.first <= held.until
        ]
        rows = held.rows
        if changes:
            numbers = sorted({change.batch for change in changes})
            batches = [ledger.batches[number] for number in numbers]
            if sum(b.rows_new + b.rows_changed for b in batches) > _LARGE:
                return None
            rows = self._replaced(rows, held, wanted, numbers)
        parts = [rows]
        if until > held.until:
            parts.append(self._read(Selection(None, None, held.until, until, "1h", calibre)))
        return pl.concat(parts)

    def _replaced(
        self, rows: pl.DataFrame, held: _Held, wanted: Selection, numbers: Sequence[int]
    ) -> pl.DataFrame:
        """Read again the stations and hours that some batches touch."""
        touched = self._touched(wanted, (held.after, held.until), numbers)
        stations = touched["station"].unique().to_list()
        if not stations:
            return rows
        first: datetime = touched["time"].min()  # type: ignore[assignment]
        last: datetime = touched["time"].max()  # type: ignore[assignment]
        inside = pl.col("station").is_in(stations) & pl.col("time").is_between(first, last)
        fresh = Selection(stations, None, first - _TICK, last, "1h", wanted.calibre)
        return pl.concat([rows.filter(~inside), self._read(fresh)])

    def _touched(
        self, wanted: Selection, bounds: tuple[datetime, datetime], numbers: Sequence[int]
    ) -> pl.DataFrame:
        snapshot = self._store.table.snapshot()
        reach = wanted.reach()
        theirs = pl.col("batch").is_between(numbers[0], numbers[-1])
        theirs &= pl.col("batch").is_in(list(numbers))
        layers = [
            layer.filter(theirs, *wanted.filters()).select("station", "time")
            for month in months_between(*bounds, "1h", self._store.zone)
            for calibre in self._store.calibres("1h", wanted.calibre)
            for stored in (
                stored_rows(
                    self._store.table, snapshot, "1h", calibre, month, undone=True, reach=reach
                ),
            )
            for layer in (stored.base, stored.revisions)
            if layer is not None
        ]
        if not layers:
            return pl.DataFrame(schema={"station": pl.String()})
        return pl.concat(layers).unique().collect()

    def _read(self, wanted: Selection) -> pl.DataFrame:
        """Return the rows as they count now, ``recorded`` being when each was first stored."""
        rows = self._store.scan(wanted).select(_ROW).collect()
        conditions, reach = wanted.filters(), wanted.reach()
        firsts = []
        for month in self._store.months_of(wanted):
            base, later = self._store.layers(month, calibre=wanted.calibre, reach=reach)
            if later is None:
                continue
            revised = later.filter(*conditions).select(*ROW_KEY, "recorded")
            firsts.append(revised)
            if base is not None:
                before = base.filter(*conditions).select(*ROW_KEY, "recorded")
                firsts.append(before.join(revised, on=list(ROW_KEY), how="semi"))
        if not firsts:
            return rows
        first = pl.concat(firsts).group_by(ROW_KEY).agg(pl.col("recorded").min()).collect()
        return rows.update(first, on=list(ROW_KEY), how="left").select(_ROW)

    def _filled(self, rows: pl.DataFrame) -> list[datetime]:
        """Return when batches were stored that filled in hours a day old or older."""
        stored = set(rows["recorded"].unique())
        if not stored:
            return []
        found = []
        for batch in reversed(self._store.table.snapshot().ledger.batches.values()):
            if batch.landed_at < min(stored):
                break
            old = batch.first_time is not None and batch.landed_at - batch.first_time >= BACKFILLED
            if old and batch.landed_at in stored:
                found.append(batch.landed_at)
        return found


def _last_label(store: Store, month: str) -> datetime:
    """Return a label that no stored row of a month is after."""
    files = [
        file
        for where, found in store.table.snapshot().files.items()
        if where.period == "1h" and where.month == month
        for file in found
    ]
    whole = span(month)
    _start, end = ev.day_bounds(whole.start, whole.end, store.zone)
    return max((end if file.last is None else file.last for file in files), default=end)
