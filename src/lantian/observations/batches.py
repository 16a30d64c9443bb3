"""What ever landed in the store and what was undone: the ledger of batches."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

import polars as pl

from lantian.observations.schema import TIME, Calibre

Kind = Literal["import", "correction", "exclusion", "restore"]
State = Literal["landed", "undone", "unchanged"]
Event = Mapping[str, Any]
Where = tuple[str, Calibre, str]  # averaging period, calibre, local month

_TICK = timedelta(microseconds=1)
_AUDIT = "audit_event"


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """A file measurements came from: its name (no folder), SHA-256, bytes and rows."""

    name: str
    sha256: str = ""
    bytes: int = 0
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """What one batch put into one local month of one averaging period."""

    period: str
    month: str
    new: int
    changed: int


@dataclass(frozen=True, slots=True)
class Batch:
    """One change of the store: an import, a correction, an exclusion or a restoration.

    Parameters
    ----------
    id
        Counts up from 1; 0 when nothing new was found, so that nothing landed.
    rows_read, rows_new, rows_changed, rows_same
        Rows offered; first values; values that differ from the one visible before; rows that were
        there already.
    rows_held
        Imported rows that differ from the last import but stand under a correction or an
        exclusion in force: the decision of a person is not overridden by a file, so they did not
        land. Undo or restore the decision and import again to take them.
    parts
        The months touched.
    based_on
        Batches whose values a correction, exclusion or restoration speaks of.
    landed_at, undone_at
        UTC.
    event, undo_event
        Number of the entry of the audit log that was written before the batch landed, and before
        it was undone; None where there is no such log.
    """

    id: int
    kind: Kind
    calibre: Calibre
    actor: str
    reason: str | None
    files: Sequence[ImportedFile]
    rows_read: int
    rows_new: int
    rows_changed: int
    rows_same: int
    rows_held: int
    first_time: datetime | None
    last_time: datetime | None
    parts: Sequence[Part]
    based_on: Sequence[int]
    landed_at: datetime
    undone_at: datetime | None = None
    undone_by: str | None = None
    undo_reason: str | None = None
    event: int | None = None
    undo_event: int | None = None

    @property
    def state(self) -> State:
        """Return ``landed``, ``undone``, or ``unchanged`` when nothing had to land."""
        if self.id == 0:
            return "unchanged"
        return "landed" if self.undone_at is None else "undone"

    def live(self, as_of: datetime | None) -> bool:
        """Say whether the batch counted at ``as_of`` (now if None)."""
        if as_of is None:
            return self.undone_at is None
        return self.landed_at <= as_of and (self.undone_at is None or self.undone_at > as_of)

    def record(self) -> dict[str, Any]:
        """Return what is written into the commit that brings the batch."""
        record = asdict(self)
        for name in ("undone_at", "undone_by", "undo_reason", "undo_event"):
            del record[name]
        # "event" says of a line of the ledger what it is; without an audit log there is no number
        number = record.pop("event")
        if number is not None:
            record[_AUDIT] = number
        for name in ("first_time", "last_time", "landed_at"):
            record[name] = record[name] and record[name].isoformat()
        return {"event": "batch", **record}


def undo_record(
    batches: Sequence[int], actor: str, reason: str, at: datetime, event: int | None = None
) -> dict[str, Any]:
    """Return what is written into the commit that undoes ``batches``."""
    record = {
        "event": "undo",
        "batches": list(batches),
        "actor": actor,
        "reason": reason,
        "at": at.isoformat(),
    }
    return record if event is None else {**record, _AUDIT: event}


def _batch_from(event: Event) -> Batch:
    record = {name: value for name, value in event.items() if name not in ("event", _AUDIT)}
    record["event"] = event.get(_AUDIT)
    for name in ("first_time", "last_time", "landed_at"):
        record[name] = datetime.fromisoformat(record[name]) if record[name] else None
    record["files"] = tuple(ImportedFile(**f) for f in record["files"])
    record["parts"] = tuple(Part(**p) for p in record["parts"])
    record["based_on"] = tuple(record["based_on"])
    return Batch(**record)


class Change(NamedTuple):
    """That a batch came or went in one month: when, which, and the labels it reaches over."""

    at: datetime
    batch: int
    first: datetime
    last: datetime


class Ledger:
    """All batches up to one version of the table; never changed, only extended into a new one."""

    def __init__(self) -> None:
        self.batches: dict[int, Batch] = {}
        self._touching: dict[Where, list[int]] = {}
        self._changes: dict[Where, list[Change]] = {}
        self._times: list[datetime] = []
        self._own: set[Where] = set()

    def extended(self, events: Iterable[Event]) -> Ledger:
        """Return the ledger after ``events``."""
        after = Ledger()
        after.batches = dict(self.batches)
        # The lists are shared until one of them grows: a ledger of many batches grows quickly.
        after._touching = dict(self._touching)
        after._changes = dict(self._changes)
        after._times = list(self._times)
        for event in events:
            after._take(event)
        return after

    def _take(self, event: Event) -> None:
        if event["event"] == "batch":
            batch = _batch_from(event)
            self.batches[batch.id] = batch
            for where in _places(batch):
                self._owned(where)
                self._touching[where].append(batch.id)
            self._changed(batch, batch.landed_at)
            self._times.append(batch.landed_at)
        elif event["event"] == "undo":
            at = datetime.fromisoformat(event["at"])
            for number in event["batches"]:
                self.batches[number] = replace(
                    self.batches[number],
                    undone_at=at,
                    undone_by=event["actor"],
                    undo_reason=event["reason"],
                    undo_event=event.get(_AUDIT),
                )
                self._changed(self.batches[number], at)
            self._times.append(at)

    def _changed(self, batch: Batch, at: datetime) -> None:
        if batch.first_time is None or batch.last_time is None:
            return
        change = Change(at, batch.id, batch.first_time, batch.last_time)
        for where in _places(batch):
            self._owned(where)
            self._changes[where].append(change)

    def _owned(self, where: Where) -> None:
        """Make sure that the lists of ``where`` are not those of an earlier ledger."""
        if where not in self._own:
            self._own.add(where)
            self._touching[where] = list(self._touching.get(where, ()))
            self._changes[where] = list(self._changes.get(where, ()))

    @property
    def length(self) -> int:
        """Return how many events there were."""
        return len(self._times)

    def time_of(self, number: int) -> datetime | None:
        """Return when event ``number``, counted from 1, happened; None if there was none yet."""
        return self._times[number - 1] if 0 < number <= len(self._times) else None

    def changes(
        self, period: str, calibre: Calibre, month: str, after: datetime | None = None
    ) -> list[Change]:
        """Return what came or went in a month after a time, oldest first; None: ever."""
        known = self._changes.get((period, calibre, month), [])
        if after is None:
            return list(known)
        return known[bisect_right(known, after, key=lambda change: change.at) :]

    def last_change(
        self,
        months: Collection[str] | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> datetime | None:
        """Return when a value labelled after ``start`` up to ``end`` may last have changed.

        Parameters
        ----------
        months
            The local months those labels lie in; None: all.

        Returns
        -------
        datetime or None
            None if there never was one.
        """
        if months is None and start is None and end is None:
            return self._times[-1] if self._times else None
        found = (
            _last(changes, start, end)
            for (_period, _calibre, month), changes in self._changes.items()
            if months is None or month in months
        )
        return max((at for at in found if at is not None), default=None)

    def next_id(self) -> int:
        """Return the number of the batch to come."""
        return max(self.batches, default=0) + 1

    def next_time(self, now: datetime) -> datetime:
        """Return when the next event happens: ``now``, or just after the last event.

        A clock set back must not make a later batch look earlier than one it replaces.
        """
        return now if not self._times else max(now, self._times[-1] + _TICK)

    def hidden(
        self, period: str, calibre: Calibre, month: str, as_of: datetime | None
    ) -> list[int]:
        """Return the batches whose rows in this month do not count at ``as_of``."""
        ids = self._touching.get((period, calibre, month), ())
        return [i for i in ids if not self.batches[i].live(as_of)]

    def months(self, period: str, calibre: Calibre, as_of: datetime | None = None) -> list[str]:
        """Return the months that hold a visible row, in order."""
        return sorted(
            month
            for (p, c, month), ids in self._touching.items()
            if p == period and c == calibre and any(self.batches[i].live(as_of) for i in ids)
        )

    def periods(self) -> list[str]:
        """Return the averaging periods that hold a visible row."""
        live = (where[0] for where, ids in self._touching.items() if self._any_live(ids))
        return sorted(set(live))

    def _any_live(self, ids: Iterable[int]) -> bool:
        return any(self.batches[i].undone_at is None for i in ids)

    def dependents(self, number: int) -> list[int]:
        """Return the batches in force that speak of values of ``number``, also indirectly."""
        found = {number}
        for batch in self.batches.values():  # in order of number, so one pass is enough
            if batch.undone_at is None and found.intersection(batch.based_on):
                found.add(batch.id)
        return sorted(found - {number})

    def of_kinds(self, *kinds: Kind) -> list[int]:
        """Return the batches of these kinds."""
        return [b.id for b in self.batches.values() if b.kind in kinds]

    def frame(self, numbers: Collection[int] | None = None) -> pl.DataFrame:
        """Return one row per batch, oldest first; of those with ``numbers``, by default of all."""
        wanted = self.batches if numbers is None else self.batches.keys() & set(numbers)
        return pl.DataFrame(
            [
                {
                    "batch": b.id,
                    "kind": b.kind,
                    "state": b.state,
                    "calibre": b.calibre,
                    "actor": b.actor,
                    "reason": b.reason,
                    "files": [f.name for f in b.files],
                    "sha256": [f.sha256 for f in b.files],
                    **{n: getattr(b, n) for n in _COUNTS},
                    "first_time": b.first_time,
                    "last_time": b.last_time,
                    "landed_at": b.landed_at,
                    "undone_at": b.undone_at,
                    "undone_by": b.undone_by,
                    "undo_reason": b.undo_reason,
                    "event": b.event,
                    "undo_event": b.undo_event,
                }
                for b in (self.batches[n] for n in sorted(wanted))
            ],
            schema=BATCH_SCHEMA,
        )


def _places(batch: Batch) -> list[Where]:
    return [(part.period, batch.calibre, part.month) for part in batch.parts]


def _last(
    changes: Sequence[Change], start: datetime | None, end: datetime | None
) -> datetime | None:
    """Return when the newest of ``changes`` that reaches into a span happened."""
    for change in reversed(changes):
        if (start is None or change.last > start) and (end is None or change.first <= end):
            return change.at
    return None


_COUNTS = ("rows_read", "rows_new", "rows_changed", "rows_same", "rows_held")
BATCH_SCHEMA: dict[str, pl.DataType] = {
    "batch": pl.Int64(),
    "kind": pl.String(),
    "state": pl.String(),
    "calibre": pl.String(),
    "actor": pl.String(),
    "reason": pl.String(),
    "files": pl.List(pl.String()),
    "sha256": pl.List(pl.String()),
    **dict.fromkeys(_COUNTS, pl.Int64()),
    "first_time": TIME,
    "last_time": TIME,
    "landed_at": TIME,
    "undone_at": TIME,
    "undone_by": pl.String(),
    "undo_reason": pl.String(),
    "event": pl.Int64(),
    "undo_event": pl.Int64(),
}
