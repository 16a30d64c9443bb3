"""The station register kept in the store: every saved state stays readable."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.observations import space
from lantian.observations.files import settle, temporary_beside, write_parquet

_KEY = "lantian"


@dataclass(frozen=True, slots=True)
class RegisterVersion:
    """One saved state of the register: its number from 1, who saved it, when (UTC), stations.

    ``event`` is the number of the entry of the audit log that was written before; None: none was.
    """

    version: int
    actor: str
    saved_at: datetime
    stations: int
    event: int | None = None


class RegisterFiles:
    """Numbered Parquet files, one for each state; the highest number is the register in force.

    A state appears by renaming a whole file into place and is never changed afterwards. Who saved
    it and when is in the file itself.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def latest(self) -> int:
        """Return the number of the register in force; 0 if none was ever saved."""
        return max(self._numbers(), default=0)

    def mark(self) -> tuple[int, int]:
        """Return what changes whenever the register does: its number and when it was written [ns].

        The number alone does not: a state that was withdrawn gives its number to the next.
        """
        while number := self.latest():
            try:
                return number, self._path(number).stat().st_mtime_ns
            except FileNotFoundError:  # withdrawn this very moment: look again
                continue
        return 0, 0

    def read(self, version: int) -> pl.DataFrame:
        """Return one state.

        Raises
        ------
        DomainError
            ``store.no_such_register``.
        """
        path = self._path(version)
        if not path.is_file():
            raise self._absent(version)
        return pl.read_parquet(path, glob=False, hive_partitioning=False)

    def versions(self) -> list[RegisterVersion]:
        """Return all states, oldest first."""
        found = []
        for number in sorted(self._numbers()):
            about = json.loads(pl.read_parquet_metadata(self._path(number))[_KEY])
            saved_at = datetime.fromisoformat(about["saved_at"])
            found.append(
                RegisterVersion(
                    number, about["actor"], saved_at, about["stations"], about.get("event")
                )
            )
        return found

    def save(self, frame: pl.DataFrame, actor: str, now: datetime, event: int | None = None) -> int:
        """Save a new state and return its number; under the writer lock.

        The same register saved again is no new state.
        """
        current = self.latest()
        if current and self.read(current).equals(frame):
            return current
        path = self._path(current + 1)
        about = {"actor": actor, "saved_at": now.isoformat(), "stations": frame.height}
        if event is not None:
            about["event"] = event
        temporary = temporary_beside(path)
        try:
            with space.told(self._folder.parent):
                self._folder.mkdir(exist_ok=True)
                write_parquet(frame, temporary, metadata={_KEY: json.dumps(about)})
                temporary.replace(path)
                settle(self._folder)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        return current + 1

    def withdraw(self, version: int) -> None:
        """Remove the latest state, which nothing relies on yet; under the writer lock.

        It takes no room, so that it can be done on a full disk.
        """
        if version != self.latest():
            raise self._absent(version)
        self._path(version).unlink()
        settle(self._folder)

    def _numbers(self) -> list[int]:
        if not self._folder.is_dir():
            return []
        return [int(p.stem) for p in self._folder.glob("*.parquet") if p.stem.isdigit()]

    @staticmethod
    def _absent(version: int) -> DomainError:
        return DomainError(
            "store.no_such_register",
            _("The station register has no version {version}.").format(version=version),
            {"version": version},
        )

    def _path(self, version: int) -> Path:
        return self._folder / f"{version:06d}.parquet"
