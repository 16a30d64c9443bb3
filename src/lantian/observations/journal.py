"""The ledger on disk: read from the Delta log, which is the truth, and kept beside it.

Every commit carries its event (a batch, an undo) in its own commit information, so data and ledger
cannot disagree: they are the same file. ``batches.jsonl`` only saves reading thousands of log
files again, and keeps the history should the log ever be cleaned. It lags behind the log by design
and is brought up to it by the next writer; readers take the rest from the log.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.observations.batches import Event
from lantian.observations.files import settle, write_atomically

COMMIT_KEY = "lantian"


def log_file(table: Path, version: int) -> Path:
    """Return the log file of one version of a Delta table."""
    return table / "_delta_log" / f"{version:020d}.json"


def event_of(table: Path, version: int) -> Event | None:
    """Return the event the commit of ``version`` carries; None if it is not one of ours.

    Raises
    ------
    DomainError
        ``store.history_lost``: the log file is gone or cannot be read.
    """
    try:
        with log_file(table, version).open(encoding="utf-8") as lines:
            for line in lines:
                action = json.loads(line)
                if "commitInfo" in action:
                    event: Event | None = action["commitInfo"].get(COMMIT_KEY)
                    return event
    except (OSError, ValueError) as error:
        raise DomainError(
            "store.history_lost",
            _(
                "The log file {file} of the store is missing or damaged, so that the import "
                "history is not complete. Restore the store from a backup."
            ).format(file=log_file(table, version)),
            {"file": str(log_file(table, version)), "version": version},
        ) from error
    return None


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

    def load(self, version: int) -> list[tuple[int, Event]]:
        """Return the events of the table up to ``version``, from the copy and then the log."""
        known, _length = self._copied()
        if known and not self._agrees(known[-1], version):
            known = []
        after = known[-1][0] if known else 0
        return [*known, *self.since(after, version)]

    def since(self, after: int, version: int) -> list[tuple[int, Event]]:
        """Return the events of the versions after ``after`` up to ``version``, from the log."""
        found = ((v, event_of(self._table, v)) for v in range(after + 1, version + 1))
        return [(v, event) for v, event in found if event is not None]

    def catch_up(self, events: Iterable[tuple[int, Event]]) -> None:
        """Write the events the copy lacks; only the holder of the writer lock may."""
        known, length = self._copied()
        wanted = list(events)
        if known != wanted[: len(known)] or length == 0:
            lines = [self._line({"table": self._id}), *map(self._event_line, wanted)]
            write_atomically(self._path, b"".join(lines))
            return
        missing = b"".join(map(self._event_line, wanted[len(known) :]))
        if missing or self._path.stat().st_size > length:
            with self._path.open("r+b") as file:
                file.truncate(length)  # a line cut short by a killed writer
                file.seek(length)
                file.write(missing)
                file.flush()
                os.fsync(file.fileno())
            settle(self._path.parent)

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
        return event_of(self._table, number) == event

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
