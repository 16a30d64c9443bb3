"""The ledger on disk: read from the Delta log, which is the truth, and kept beside it.

Every commit carries its event (a batch, an undo) in its own commit information, so data and ledger
cannot disagree: they are the same file. ``batches.jsonl`` only saves reading thousands of log
files again, and keeps the history should the log ever be cleaned. It lags behind the log by design
and is brought up to it by the next writer; readers take the rest from the log.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lantian.observations.batches import Event
from lantian.observations.files import settle, write_atomically
from lantian.observations.log import log_file, read_commit


class Journal:
    """The copy of the events in ``batches.jsonl``.

    Parameters
    ----------
    path
        The file; it need not exist.
    table
        Folder of the Delta table.
    table_id
        Identity of the Delta table; a journal of another table is not believed.
    """

    def __init__(self, path: Path, table: Path, table_id: str) -> None:
        self._path = path
        self._table = table
        self._id = table_id
        # What this process last wrote need not be read again as long as nobody else writes.
        self._written: tuple[int, int, int] | None = None
        self._count: int | None = None

    def load(self, version: int) -> list[tuple[int, Event]]:
        """Return the events of the table up to ``version``, from the copy and then the log."""
        known, _length = self._copied()
        if known and not self._agrees(known[-1], version):
            known = []
        after = known[-1][0] if known else 0
        return [*known, *self.since(after, version)]

    def since(self, after: int, version: int) -> list[tuple[int, Event]]:
        """Return the events of the versions after ``after`` up to ``version``, from the log."""
        found = ((v, read_commit(self._table, v).event) for v in range(after + 1, version + 1))
        return [(v, event) for v, event in found if event is not None]

    def catch_up(self, events: Sequence[tuple[int, Event]]) -> None:
        """Write the events the copy lacks; only the holder of the writer lock may.

        Parameters
        ----------
        events
            All events of the table, in order; a later call gives those of the earlier and more.
        """
        if self._state() == self._written and self._count == len(events):
            return
        if self._state() != self._written:
            self._count = self._agreeing(events)
        if self._count is None:
            lines = [self._line({"table": self._id}), *map(self._event_line, events)]
            write_atomically(self._path, b"".join(lines))
        elif self._count < len(events):
            with self._path.open("ab") as file:
                file.write(b"".join(map(self._event_line, events[self._count :])))
                file.flush()
                os.fsync(file.fileno())
            settle(self._path.parent)
        self._count = len(events)
        self._written = self._state()

    def _agreeing(self, events: Sequence[tuple[int, Event]]) -> int | None:
        """Return how many of the events the copy holds; None if it must be written anew.

        A line cut short by a killed writer is cut off.
        """
        known, length = self._copied()
        if length == 0 or known != list(events[: len(known)]):
            return None
        if self._path.stat().st_size > length:
            with self._path.open("r+b") as file:
                file.truncate(length)
        return len(known)

    def _state(self) -> tuple[int, int, int] | None:
        """Return what tells one state of the copy from another; None if there is none."""
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return None
        return status.st_ino, status.st_size, status.st_mtime_ns

    def _copied(self) -> tuple[list[tuple[int, Event]], int]:
        """Return the events of the whole lines, and how many bytes those take."""
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return [], 0
        events: list[tuple[int, Event]] = []
        length = 0
        for line in data.splitlines(keepends=True):
            record = _parsed(line)
            if record is None:
                break
            if length == 0:
                if record.get("table") != self._id:
                    return [], 0
            else:
                events.append((record["version"], record["event"]))
            length += len(line)
        return events, length

    def _agrees(self, last: tuple[int, Event], version: int) -> bool:
        """Say whether the copy belongs to this log and not to one put back from a backup."""
        number, event = last
        if number > version:
            return False
        if not log_file(self._table, number).exists():
            return True
        return read_commit(self._table, number).event == event

    def _event_line(self, item: tuple[int, Event]) -> bytes:
        version, event = item
        return self._line({"version": version, "event": event})

    @staticmethod
    def _line(record: Event) -> bytes:
        return json.dumps(record, ensure_ascii=False).encode() + b"\n"


def _parsed(line: bytes) -> dict[str, Any] | None:
    if not line.endswith(b"\n"):
        return None
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None
