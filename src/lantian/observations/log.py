"""One commit of the Delta log, read without the library: the event it carries and its files."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.observations.batches import Event
from lantian.observations.layout import Layer, Partition
from lantian.observations.schema import Calibre

COMMIT_KEY = "lantian"
# What a commit may hold that says nothing of which files the table has.
_PLAIN = frozenset({"commitInfo", "txn"})


@dataclass(frozen=True, slots=True)
class Reach:
    """Which rows are looked for, so that files without any need not be opened.

    Parameters
    ----------
    after, until
        Labels after the first up to and including the second [UTC]; None: no bound.
    stations
        None: all.
    """

    after: datetime | None = None
    until: datetime | None = None
    stations: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class DataFile:
    """One Parquet file of the table.

    Parameters
    ----------
    path
        Relative to the table.
    size, rows
        Bytes and rows.
    first, last
        The earliest and the latest label in it [UTC]; None where that was not written down.
    stations
        The first and the last station in it, in the order of their names; None: not known.
    """

    path: str
    size: int
    rows: int
    first: datetime | None = None
    last: datetime | None = None
    stations: tuple[str, str] | None = None

    def may_hold(self, reach: Reach) -> bool:
        """Say whether the file may hold a row within ``reach``."""
        if reach.after is not None and self.last is not None and self.last <= reach.after:
            return False
        if reach.until is not None and self.first is not None and self.first > reach.until:
            return False
        if reach.stations is None or self.stations is None:
            return True
        least, most = self.stations
        return any(least <= station <= most for station in reach.stations)


@dataclass(frozen=True, slots=True)
class Commit:
    """What one commit did.

    Parameters
    ----------
    event
        The event it carries; None if it is not one of ours.
    added
        The files it brought and where they belong.
    removed
        The paths it took out.
    plain
        False if it did something else besides, which only the library understands.
    """

    event: Event | None
    added: tuple[tuple[Partition, DataFile], ...]
    removed: frozenset[str]
    plain: bool


def log_file(table: Path, version: int) -> Path:
    """Return the log file of one version of a Delta table."""
    return table / "_delta_log" / f"{version:020d}.json"


def read_commit(table: Path, version: int) -> Commit:
    """Return what the commit of ``version`` did.

    Raises
    ------
    DomainError
        ``store.history_lost``: the log file is gone or cannot be read.
    """
    path = log_file(table, version)
    try:
        with path.open(encoding="utf-8") as lines:
            actions = [json.loads(line) for line in lines if line.strip()]
        return _commit(actions)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DomainError(
            "store.history_lost",
            _(
                "The log file {file} of the store is missing or damaged, so that the import "
                "history is not complete. Restore the store from a backup."
            ).format(file=path),
            {"file": str(path), "version": version},
        ) from error


def _commit(actions: list[dict[str, Any]]) -> Commit:
    event: Event | None = None
    added: list[tuple[Partition, DataFile]] = []
    removed: set[str] = set()
    plain = True
    for action in actions:
        if "add" in action:
            added.append(_added(action["add"]))
        elif "remove" in action:
            removed.add(unquote(action["remove"]["path"]))
        elif "commitInfo" in action:
            event = action["commitInfo"].get(COMMIT_KEY)
        else:
            plain = plain and _PLAIN.issuperset(action)
    return Commit(event, tuple(added), frozenset(removed), plain)


def _added(add: Mapping[str, Any]) -> tuple[Partition, DataFile]:
    where = add["partitionValues"]
    statistics = json.loads(add["stats"])
    least, most = statistics.get("minValues", {}), statistics.get("maxValues", {})
    file = DataFile(
        unquote(add["path"]),
        add["size"],
        statistics["numRecords"],
        _time(least.get("time")),
        _time(most.get("time")),
        (least["station"], most["station"]) if "station" in least else None,
    )
    layer = cast(Layer, where["layer"])
    return Partition(where["period"], cast(Calibre, where["calibre"]), where["month"], layer), file


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
