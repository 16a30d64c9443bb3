"""What time it is for a home: the machine's, or the running clock of a simulated one.

A simulated home keeps in ``simulation.json`` when its clock was set and how fast it runs:
simulated now = ``simulated_epoch`` + ``speed`` × (real now - ``real_epoch``). Every process of the
home reads the same file, and reads it again when it was written.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock

from lantian.errors import DomainError, InvalidArgumentError
from lantian.home.layout import RUN, Home
from lantian.i18n import gettext as _
from lantian.observations.files import write_atomically
from lantian.observations.layout import Clock, aware, utc_now

FILE = "simulation.json"
# Ten simulated minutes a second: faster, an hour would be over before its values are stored.
FASTEST = 600.0
_ZERO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Simulation:
    """What a simulated home is made of and how its clock runs.

    Parameters
    ----------
    seed
        Of the county.
    speed
        Simulated seconds that pass in a real one; 0: the clock stands.
    real_epoch, simulated_epoch
        A real moment and the simulated one it stands for [UTC].
    """

    seed: int
    speed: float = 1.0
    real_epoch: datetime = _ZERO
    simulated_epoch: datetime = _ZERO

    def at(self, real: datetime) -> datetime:
        """Return the simulated moment that a real one stands for."""
        return self.simulated_epoch + self.speed * (real - self.real_epoch)


def read(home: Path) -> Simulation | None:
    """Return how a home is simulated; None: it is not, or was never begun.

    Raises
    ------
    DomainError
        ``home.simulation_unreadable``.
    """
    path = home / FILE
    try:
        kept = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    try:
        return Simulation(
            seed=int(kept["seed"]),
            speed=float(kept.get("speed", 1.0)),
            real_epoch=_moment(kept.get("real_epoch")),
            simulated_epoch=_moment(kept.get("simulated_epoch")),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _unreadable(path, error) from error


def write(home: Path, simulation: Simulation) -> None:
    """Keep how a home is simulated."""
    kept = {
        "simulated": True,
        "seed": simulation.seed,
        "speed": simulation.speed,
        "real_epoch": simulation.real_epoch.isoformat(),
        "simulated_epoch": simulation.simulated_epoch.isoformat(),
    }
    write_atomically(home / FILE, (json.dumps(kept, indent=1) + "\n").encode())


def clock_of(home: Home, machine: Clock = utc_now) -> Clock:
    """Return the clock of a home.

    Parameters
    ----------
    machine
        The clock of the machine.

    Returns
    -------
    callable
        Gives the present [UTC]; of a simulated home the simulated one, which never runs backward
        in one process.
    """
    return _Running(home.path, machine) if home.settings.simulated else machine


def set_speed(home: Home, speed: float, at: datetime | None = None) -> Simulation:
    """Let the clock of a simulated home run at another speed from now on; it does not jump.

    Parameters
    ----------
    speed
        Simulated seconds in a real one, 0 … 600; 60: an hour a minute.
    at
        The real moment of the change; default: now.

    Raises
    ------
    InvalidArgumentError
        ``home.bad_speed``.
    DomainError
        ``home.not_simulated``.
    """
    if not 0.0 <= speed <= FASTEST:
        raise InvalidArgumentError(
            "home.bad_speed",
            _("The clock can run 0 to {most:g} times as fast, not {speed:g} times.").format(
                most=FASTEST, speed=speed
            ),
            {"speed": speed},
        )
    real = aware(at or utc_now())
    return _changed(
        home,
        lambda old: replace(old, speed=float(speed), real_epoch=real, simulated_epoch=old.at(real)),
    )


def resume(home: Home, reached: datetime | None, at: datetime | None = None) -> Simulation:
    """Set the clock of a simulated home that nobody served for a while.

    It goes on from where it stopped, or from the real present when that is later: a clock that
    ran fast must not run on for days that nobody watched.

    Parameters
    ----------
    reached
        The last simulated moment that was lived through; None: none yet.
    at
        The real present; default: now.

    Raises
    ------
    DomainError
        ``home.not_simulated``.
    """
    real = aware(at or utc_now())
    start = real if reached is None else max(real, aware(reached))
    return _changed(home, lambda old: replace(old, real_epoch=real, simulated_epoch=start))


def _changed(home: Home, change: Callable[[Simulation], Simulation]) -> Simulation:
    run = home.path / RUN
    run.mkdir(exist_ok=True)
    with FileLock(run / "clock.lock"):
        old = read(home.path)
        if old is None or not home.settings.simulated:
            raise DomainError(
                "home.not_simulated",
                _("The home at {path} is not simulated; its clock is that of the machine.").format(
                    path=home.path
                ),
                {"path": str(home.path)},
            )
        new = change(old)
        write(home.path, new)
        return new


class _Running:
    """A clock that runs as ``simulation.json`` says; until there is one, as the machine's."""

    def __init__(self, home: Path, machine: Clock) -> None:
        self._home = home
        self._machine = machine
        self._seen: object = ()
        self._simulation: Simulation | None = None
        self._last = _ZERO
        self._mutex = threading.Lock()

    def __call__(self) -> datetime:
        with self._mutex:
            seen = self._written()
            if seen != self._seen:
                self._simulation = read(self._home)
                self._seen = seen
            real = self._machine()
            now = real if self._simulation is None else self._simulation.at(real)
            self._last = max(self._last, now)
            return self._last

    def _written(self) -> object:
        try:
            status = (self._home / FILE).stat()
        except FileNotFoundError:
            return None
        return status.st_mtime_ns, status.st_ino


def _moment(text: str | None) -> datetime:
    return _ZERO if text is None else aware(datetime.fromisoformat(text))


def _unreadable(path: Path, error: Exception) -> DomainError:
    return DomainError(
        "home.simulation_unreadable",
        _("{path} cannot be used: {reason}. Make the demo anew in another folder.").format(
            path=path, reason=error
        ),
        {"path": str(path)},
    )
