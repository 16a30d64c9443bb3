"""What ever landed in the store and what was undone: the ledger of batches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

import polars as pl

from lantian.observations.schema import TIME, Calibre

Kind = Literal["import", "correction", "exclusion", "restore"]
State = Literal["landed", "undone", "unchanged"]
Event = Mapping[str, Any]

_TICK = timedelta(microseconds=1)


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

    def event(self) -> dict[str, Any]:
        """Return what is written into the commit that brings the batch."""
        record = asdict(self)
        for name in ("undone_at", "undone_by", "undo_reason"):
            del record[name]
        for name in ("first_time", "last_time", "landed_at"):
            record[name] = record[name] and record[name].isoformat()
        return {"event": "batch", **record}


def undo_event(batches: Sequence[int], actor: str, reason: str, at: datetime) -> dict[str, Any]:
    """Return what is written into the commit that undoes ``batches``."""
    return {
        "event": "undo",
        "batches": list(batches),
        "actor": actor,
        "reason": reason,
        "at": at.isoformat(),
    }


def _batch_from(event: Event) -> Batch:
    record = {name: value for name, value in event.items() if name != "event"}
    for name in ("first_time", "last_time", "landed_at"):
        record[name] = datetime.fromisoformat(record[name]) if record[name] else None
    record["files"] = tuple(ImportedFile(**f) for f in record["files"])
    record["parts"] = tuple(Part(**p) for p in record["parts"])
    record["based_on"] = tuple(record["based_on"])
    return Batch(**record)


class Ledger:
    """All batches up to one version of the table; never changed, only extended into a new one."""

    def __init__(self) -> None:
        self.batches: dict[int, Batch] = {}
        self._touching: dict[tuple[str, Calibre, str], list[int]] = {}
        self._last: datetime | None = None

    def extended(self, events: Iterable[Event]) -> Ledger:
        """Return the ledger after ``events``."""
        after = Ledger()
        after.batches = dict(self.batches)
        after._touching = {where: list(ids) for where, ids in self._touching.items()}
        after._last = self._last
        for event in events:
            after._take(event)
        return after

    def _take(self, event: Event) -> None:
        if event["event"] == "batch":
            batch = _batch_from(event)
            self.batches[batch.id] = batch
            for part in batch.parts:
                where = (part.period, batch.calibre, part.month)
                self._touching.setdefault(where, []).append(batch.id)
            self._last = batch.landed_at
        elif event["event"] == "undo":
            at = datetime.fromisoformat(event["at"])
            for number in event["batches"]:
                self.batches[number] = replace(
                    self.batches[number],
                    undone_at=at,
                    undone_by=event["actor"],
                    undo_reason=event["reason"],
                )
            self._last = at

    def next_id(self) -> int:
        """Return the number of the batch to come."""
        return max(self.batches, default=0) + 1

    def next_time(self, now: datetime) -> datetime:
        """Return when the next event happens: ``now``, or just after the last event.

        A clock set back must not make a later batch look earlier than one it replaces.
        """
        return now if self._last is None else max(now, self._last + _TICK)

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

    def frame(self) -> pl.DataFrame:
        """Return one row per batch, oldest first."""
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
                }
                for b in self.batches.values()
            ],
            schema=BATCH_SCHEMA,
        )


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
}
