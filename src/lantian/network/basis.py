"""What every answer about a network stands on besides measurements: settings, dust, register."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from lantian.home import dust, settings_file
from lantian.home.layout import SIMULATED, Home
from lantian.standards import Settings


@dataclass(frozen=True)
class Basis:
    """What is in force at one moment.

    Parameters
    ----------
    name
        Of the network.
    settings
        The choices of evaluation.
    dust
        The sand-dust decisions in force as ``evaluation.deduct_dust`` takes them; None: there are
        none.
    register
        The station register; None: never saved.
    simulated
        Whether the home or any station is simulated.
    token
        Changes whenever one of these does.
    """

    name: str
    settings: Settings
    dust: pl.DataFrame | None
    register: pl.DataFrame | None
    simulated: bool
    token: str


class BasisReader:
    """Reads the basis again only when a file it stands on was written.

    Parameters
    ----------
    home
        Whose basis it is.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._files = (home.path / settings_file.FILE, home.path / dust.FILE)
        self._mutex = threading.Lock()
        self._seen: tuple[object, ...] = ()
        self._basis: Basis | None = None

    def read(self) -> Basis:
        """Return what is in force now.

        Raises
        ------
        DomainError
            A file of the home cannot be read.
        """
        seen = (*map(_written, self._files), self._home.store.stations_mark())
        with self._mutex:
            if self._basis is None or seen != self._seen:
                self._basis = self._fresh(seen)
                self._seen = seen
            return self._basis

    def _fresh(self, seen: tuple[object, ...]) -> Basis:
        home = Home.open(self._home.path)
        register = self._home.store.stations()
        return Basis(
            home.name,
            home.evaluation(),
            dust.events(dust.load(home.path)),
            register,
            home.settings.simulated or _marked(register),
            hashlib.sha256(repr(seen).encode()).hexdigest()[:12],
        )


def _written(path: Path) -> tuple[int, int, int] | None:
    """Return what tells one state of a file from another; None if there is no file."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_mtime_ns, status.st_ino, status.st_size


def _marked(register: pl.DataFrame | None) -> bool:
    if register is None or "operator" not in register.columns:
        return False
    return bool(register["operator"].str.contains(SIMULATED, literal=True).any())
