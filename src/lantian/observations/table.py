"""The Delta table of measurements: what it holds at a version, and one atomic commit."""

from __future__ import annotations

import json
import threading
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import polars as pl
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError, DeltaError
from deltalake.transaction import (
    AddAction,
    CommitProperties,
    PostCommitHookProperties,
    RemoveAction,
    Transaction,
)

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.observations import layout, space
from lantian.observations.batches import Event, Ledger
from lantian.observations.files import settle, write_parquet
from lantian.observations.journal import COMMIT_KEY, Journal, log_file
from lantian.observations.layout import Partition

# Delta's own guard against two writers that both believe they bring batch n.
_APP = "lantian-batches"
# Opening reads the log since the last checkpoint.
_CHECKPOINT_EVERY = 50
_CONFIGURATION = {
    # The log is the history of imports: never cleaned by itself.
    "delta.enableExpiredLogCleanup": "false",
    "delta.logRetentionDuration": "interval 36500 days",
}


@dataclass(frozen=True, slots=True)
class DataFile:
    """One Parquet file of the table: path relative to the table, bytes, rows."""

    path: str
    size: int
    rows: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the table holds at one version. Never changes, so many threads may read from it."""

    version: int
    files: Mapping[Partition, Sequence[DataFile]]
    ledger: Ledger


class MeasurementTable:
    """The Delta table in a store and its ledger.

    Parameters
    ----------
    store
        Folder of the store.
    """

    def __init__(self, store: Path) -> None:
        self.folder = layout.table_folder(store)
        try:
            self._delta = DeltaTable(_address(self.folder))
        except DeltaError as error:
            raise DomainError(
                "store.damaged",
                _(
                    "The measurements in {path} cannot be opened ({detail}). "
                    "Restore them from a backup."
                ).format(path=self.folder, detail=error),
                {"path": str(self.folder)},
            ) from error
        self._journal = Journal(
            store / layout.LEDGER_FILE, self.folder, str(self._delta.metadata().id)
        )
        self._events = self._journal.load(self._delta.version())
        self._mutex = threading.RLock()
        self._known = Snapshot(
            self._delta.version(),
            self._files(),
            Ledger().extended(event for _v, event in self._events),
        )

    @staticmethod
    def create(store: Path) -> None:
        """Make an empty table in the folder of a store."""
        DeltaTable.create(
            _address(layout.table_folder(store)),
            layout.delta_schema(),
            partition_by=list(layout.PARTITIONS),
            configuration=_CONFIGURATION,
        )

    def snapshot(self) -> Snapshot:
        """Return the latest version; costs one look at the file system when nothing changed."""
        with self._mutex:
            if log_file(self.folder, self._known.version + 1).exists():
                self._delta.update_incremental()
                version = self._delta.version()
                fresh = self._journal.since(self._known.version, version)
                self._events += fresh
                ledger = self._known.ledger.extended(event for _v, event in fresh)
                self._known = Snapshot(version, self._files(), ledger)
            return self._known

    def paths(self, files: Sequence[DataFile]) -> list[Path]:
        """Return where the files are."""
        return [self.folder / file.path for file in files]

    def tidy(self) -> None:
        """Bring the ledger's copy and the checkpoint up to date; under the writer lock.

        Done before a write rather than after it, so that failing here can never make a batch that
        landed look as if it had not.
        """
        with self._mutex, space.told(self.folder):
            self.snapshot()
            self._journal.catch_up(self._events)
            if self._known.version - self._checkpointed() >= _CHECKPOINT_EVERY:
                self._delta.create_checkpoint()

    def commit(
        self, actions: Sequence[AddAction | RemoveAction], event: Event, batch: int | None = None
    ) -> Snapshot:
        """Make ``actions`` and ``event`` part of the table in one step; under the writer lock.

        Raises
        ------
        DomainError
            ``store.disk_full``, or ``store.conflict``: a writer that ignored the lock was faster.
        """
        with self._mutex:
            before = self.snapshot().version
            try:
                with space.told(self.folder):
                    self._delta.create_write_transaction(
                        list(actions),
                        "append",
                        layout.delta_schema(),
                        list(layout.PARTITIONS),
                        commit_properties=CommitProperties(
                            custom_metadata={COMMIT_KEY: dict(event)},
                            max_commit_retries=0,
                            app_transactions=[Transaction(_APP, batch)] if batch else None,
                        ),
                        post_commithook_properties=PostCommitHookProperties(
                            create_checkpoint=False, cleanup_expired_logs=False
                        ),
                    )
            except CommitFailedError as error:
                raise DomainError(
                    "store.conflict",
                    _(
                        "Another program changed the store at the same moment. Nothing was "
                        "stored. Try again."
                    ),
                    {"version": before, "detail": str(error)},
                ) from error
            settle(log_file(self.folder, before + 1))
            settle(log_file(self.folder, before + 1).parent)
            return self.snapshot()

    def _files(self) -> dict[Partition, tuple[DataFile, ...]]:
        found: dict[Partition, list[DataFile]] = defaultdict(list)
        actions = pl.DataFrame(self._delta.get_add_actions(flatten=True))
        columns = ["path", "size_bytes", "num_records", *(f"partition.{p}" for p in _PARTS)]
        for path, size, rows, *where in sorted(actions.select(columns).iter_rows()):
            found[Partition(*where)].append(DataFile(path, size, rows))
        return {where: tuple(files) for where, files in found.items()}

    def _checkpointed(self) -> int:
        try:
            pointer = (self.folder / "_delta_log" / "_last_checkpoint").read_bytes()
        except FileNotFoundError:
            return 0
        return int(json.loads(pointer)["version"])


_PARTS = layout.PARTITIONS


class Staging:
    """Files written but not yet part of the table; thrown away unless committed.

    Parameters
    ----------
    table
        Where they will belong.
    """

    def __init__(self, table: MeasurementTable) -> None:
        self._folder = table.folder
        self._written: list[Path] = []
        self.actions: list[AddAction] = []

    def write(self, where: Partition, frame: pl.DataFrame, *, data_change: bool = True) -> Path:
        """Write rows (`layout.FILE_SCHEMA`, sorted by key) of one partition.

        Raises
        ------
        DomainError
            ``store.disk_full``.
        """
        name = f"{where.folder}/part-{uuid.uuid4().hex}.parquet"
        path = self._folder / name
        self._written.append(path)
        with space.told(self._folder):
            path.parent.mkdir(parents=True, exist_ok=True)
            rows = frame.select(list(layout.FILE_SCHEMA))
            write_parquet(rows, path, row_group_size=layout.ROW_GROUP)
        status = path.stat()
        self.actions.append(
            AddAction(
                name,
                status.st_size,
                where._asdict(),
                int(status.st_mtime * 1000),
                data_change,
                json.dumps(_statistics(frame)),
            )
        )
        return path

    def settle(self) -> None:
        """Make sure the names of the files, too, survive a power cut."""
        for folder in {path.parent for path in self._written}:
            settle(folder)

    def discard(self) -> None:
        """Delete what was written."""
        for path in self._written:
            path.unlink(missing_ok=True)


def remove(file: DataFile, where: Partition, at: datetime) -> RemoveAction:
    """Return the action that takes a file out of the table, its rows being kept in another."""
    return RemoveAction(
        file.path,
        data_change=False,
        deletion_timestamp=int(at.timestamp() * 1000),
        size=file.size,
        partition_values=where._asdict(),
    )


def _statistics(frame: pl.DataFrame) -> dict[str, Any]:
    """Return Delta's statistics of a file, by which readers of any make skip it."""
    least, most = {}, {}
    for name in ("station", "time"):
        least[name], most[name] = (_plain(frame[name].min()), _plain(frame[name].max()))
    return {
        "numRecords": frame.height,
        "minValues": least,
        "maxValues": most,
        "nullCount": dict.fromkeys(("station", "time"), 0),
    }


def _address(folder: Path) -> str:
    """Return the folder as the Delta library wants it.

    Raises
    ------
    DomainError
        ``store.bad_path``: the library takes ``%`` and two hexadecimal digits in the name of a
        folder for one encoded character and would look elsewhere.
    """
    path = str(folder.absolute())
    if unquote(path) != path:
        raise DomainError(
            "store.bad_path",
            _("A store cannot be kept at {path}: rename the folder so that it has no “%”.").format(
                path=path
            ),
            {"path": path},
        )
    return path


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return value
