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
from lantian.observations.journal import Journal
from lantian.observations.layout import Partition
from lantian.observations.log import COMMIT_KEY, Commit, DataFile, log_file, read_commit

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

    Attributes
    ----------
    identity
        What tells this table from any other, wherever it lies.
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
        self.identity = str(self._delta.metadata().id)
        self._journal = Journal(store / layout.LEDGER_FILE, self.folder, self.identity)
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
            version, commits = self._known.version, []
            while log_file(self.folder, version + 1).exists():
                version += 1
                commits.append((version, read_commit(self.folder, version)))
            if commits:
                self._take(commits)
            return self._known

    def _take(self, commits: Sequence[tuple[int, Commit]]) -> None:
        """Bring what is known up to the last of some further commits."""
        events = [(v, c.event) for v, c in commits if c.event is not None]
        if all(commit.plain for _v, commit in commits):
            files = _changed(self._known.files, [commit for _v, commit in commits])
        else:
            self._delta.update_incremental()
            files = self._files()
        self._events += events
        ledger = self._known.ledger.extended(event for _v, event in events)
        self._known = Snapshot(commits[-1][0], files, ledger)

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
                self._library(self._known.version)
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
                    if self._library(before) != before:
                        raise CommitFailedError(f"version {before} is no longer the last one")
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

    def _library(self, version: int) -> int:
        """Bring the library to ``version`` if it is behind; return the one it knows."""
        if self._delta.version() != version:
            self._delta.update_incremental()
        return self._delta.version()

    def _files(self) -> Mapping[Partition, Sequence[DataFile]]:
        """Return the files the library knows of."""
        found: dict[Partition, list[DataFile]] = defaultdict(list)
        actions = pl.DataFrame(self._delta.get_add_actions(flatten=True))
        about = ["path", "size_bytes", "num_records"]
        if not {"min.time", "min.station"} <= set(actions.columns):  # no file yet
            return {}
        about += ["min.time", "max.time", "min.station", "max.station"]
        places = [f"partition.{p}" for p in _PARTS]
        for row in sorted(actions.select(*about, *places).iter_rows(), key=lambda row: row[0]):
            path, size, rows, first, last, least, most, *where = row
            stations = None if least is None else (least, most)
            found[Partition(*where)].append(DataFile(path, size, rows, first, last, stations))
        return {where: tuple(files) for where, files in found.items()}

    def _checkpointed(self) -> int:
        try:
            pointer = (self.folder / "_delta_log" / "_last_checkpoint").read_bytes()
        except FileNotFoundError:
            return 0
        return int(json.loads(pointer)["version"])


_PARTS = layout.PARTITIONS


def _changed(
    files: Mapping[Partition, Sequence[DataFile]], commits: Sequence[Commit]
) -> Mapping[Partition, Sequence[DataFile]]:
    """Return the files of each partition after some commits."""
    after = dict(files)
    for commit in commits:
        if commit.removed:
            after = {
                where: tuple(f for f in found if f.path not in commit.removed)
                for where, found in after.items()
            }
        for where, file in commit.added:
            after[where] = (*after.get(where, ()), file)
    return {where: found for where, found in after.items() if found}


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
