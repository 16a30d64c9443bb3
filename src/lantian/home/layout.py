"""The folder that holds all state of one installation, ``LANTIAN_HOME``.

::

    settings.toml      name, zone, choices of evaluation; its presence makes the folder a home
    store/             measurements and the station register
    rules/             what the office sets otherwise than shipped: thresholds, working days, …
    derived/           tables made from the measurements, to have them at once; may be deleted
    backups/           where `lantian backup` puts archives unless told otherwise
    web.sqlite3        people and what they decided, unless a PostgreSQL server keeps them
    secret_key         signs sessions; never part of a backup
    evidence/          photographs and documents of cases, each named by its SHA-256; never changed
    uploads/           files sent by people and not yet taken in; never part of a backup
    run/               locks and notes of running processes; may be deleted when none runs
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from lantian.errors import DomainError, InvalidArgumentError, reason_of
from lantian.home import settings_file
from lantian.home.settings_file import SCHEMA, HomeSettings, Scalar
from lantian.i18n import gettext as _
from lantian.observations.layout import Clock, check_zone, utc_now
from lantian.observations.quality_thresholds import Thresholds, load_thresholds
from lantian.observations.store import Store
from lantian.standards import Settings
from lantian.workdays import Calendar
from lantian.workdays import load as load_workdays

# How the operator of a simulated station is marked in the register.
SIMULATED = "simulated"

VARIABLE = "LANTIAN_HOME"
STORE = "store"
RULES = "rules"
BACKUPS = "backups"
DERIVED = "derived"
RUN = "run"
UPLOADS = "uploads"
EVIDENCE = "evidence"
SECRET = "secret_key"  # noqa: S105 - the name of a file
DEFAULT_ZONE = "Asia/Shanghai"
_QUALITY = "quality.toml"
WORKDAYS = "workdays.toml"
# What a disk of its own may hold before anything is put on it.
_IGNORED = frozenset({"lost+found"})


def locate(given: Path | None, environ: Mapping[str, str]) -> Path:
    """Return the folder of the home: the one given, that of ``LANTIAN_HOME``, or ``~/lantian``."""
    if given is not None:
        return given
    named = environ.get(VARIABLE, "")
    return Path(named).expanduser() if named else Path.home() / "lantian"


class Home:
    """An initialised home. Make one with `init`, then `open` it."""

    def __init__(self, path: Path, settings: HomeSettings) -> None:
        self.path = path
        self.settings = settings

    @classmethod
    def init(
        cls,
        path: Path | str,
        *,
        name: str,
        zone: str = DEFAULT_ZONE,
        clock: Clock = utc_now,
        simulated: bool = False,
    ) -> Home:
        """Make a home in a folder that does not exist or is empty, and open it.

        Parameters
        ----------
        name
            Of the network.
        zone
            IANA time zone of the network, whose local days and months count.
        simulated
            Its measurements will be invented; everything that shows them says so.

        Raises
        ------
        DomainError
            ``home.already_initialised``, ``home.not_empty``, ``home.not_writable``.
        InvalidArgumentError
            ``home.no_name`` or ``store.bad_zone``.
        """
        folder = Path(path)
        if not name.strip():
            raise InvalidArgumentError(
                "home.no_name", _("The network needs a name; it stands on every report.")
            )
        check_zone(zone)
        _refuse_occupied(folder)
        settings = HomeSettings(name.strip(), zone, clock(), simulated=simulated)
        existed = folder.is_dir()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _without_half_a_store(folder)
            Store.create(folder / STORE, zone=zone, clock=clock)
            settings_file.write(folder, settings)  # last: only now the folder is a home
        except OSError as error:
            raise _not_writable(folder, error) from error
        finally:
            if not (folder / settings_file.FILE).exists():
                _withdraw(folder, existed)
        return cls(folder, settings)

    @classmethod
    def open(cls, path: Path | str) -> Home:
        """Open a home.

        Raises
        ------
        DomainError
            ``home.not_initialised``, ``home.settings_unreadable``, ``home.too_new``, or
            ``home.needs_upgrade`` when an earlier version made it.
        """
        folder = Path(path)
        settings = settings_file.read(folder)
        if settings.schema < SCHEMA:
            raise DomainError(
                "home.needs_upgrade",
                _(
                    "The home at {path} was made by an earlier version of Lantian. Run "
                    "`lantian upgrade`; it makes a backup first."
                ).format(path=folder),
                {"path": str(folder), "schema": settings.schema, "known": SCHEMA},
            )
        return cls(folder, settings)

    @property
    def name(self) -> str:
        """Name of the network."""
        return self.settings.name

    @property
    def zone(self) -> str:
        """Time zone whose days are evaluated."""
        return self.settings.zone

    @cached_property
    def store(self) -> Store:
        """The measurements; opened when first asked for.

        Raises
        ------
        DomainError
            As ``Store.open``.
        """
        return Store.open(self.path / STORE)

    @property
    def simulated(self) -> bool:
        """Whether the home, or any station of its register, is simulated."""
        if self.settings.simulated:
            return True
        register = self.store.stations()
        if register is None or "operator" not in register.columns:
            return False
        marked = register["operator"].str.contains(SIMULATED, literal=True)
        return bool(marked.fill_null(value=False).any())

    @property
    def backups(self) -> Path:
        """Folder where backups go unless told otherwise; it need not exist."""
        return self.path / BACKUPS

    def evaluation(self) -> Settings:
        """Return the choices of evaluation in force here.

        Raises
        ------
        UnknownNameError, InvalidArgumentError
            ``settings.toml`` has a choice that does not exist, or gives it an impossible value.
        """
        return Settings.of(self.settings.evaluation)

    def choose(self, name: str, value: Scalar | None) -> None:
        """Keep a choice of evaluation; ``None`` goes back to the default.

        Raises
        ------
        UnknownNameError, InvalidArgumentError
            There is no such choice, or it cannot be ``value``; nothing is changed.
        """
        chosen = {n: v for n, v in self.settings.evaluation.items() if n != name}
        if value is not None:
            chosen[name] = value
        Settings.of(chosen)
        settings = replace(self.settings, evaluation=chosen)
        settings_file.write(self.path, settings)
        self.settings = settings

    def thresholds(self) -> Thresholds:
        """Return the thresholds of quality control: shipped, changed by ``rules/quality.toml``.

        Raises
        ------
        InvalidArgumentError
            The file says something the rules do not know.
        """
        path = self.path / RULES / _QUALITY
        return load_thresholds(path if path.is_file() else None)

    def workdays(self) -> Calendar:
        """Return the working time of the office: as shipped, changed by ``rules/workdays.toml``.

        Raises
        ------
        InvalidArgumentError
            The file says something that is not understood.
        """
        return load_workdays(self.path / RULES / WORKDAYS, self.zone)


def entries(folder: Path) -> list[Path]:
    """Return what is in a folder, in order; nothing if there is no folder."""
    return sorted(p for p in folder.iterdir() if p.name not in _IGNORED) if folder.is_dir() else []


def _refuse_occupied(folder: Path) -> None:
    if (folder / settings_file.FILE).exists():
        raise DomainError(
            "home.already_initialised",
            _(
                "There is already a Lantian home at {path}. Use it, or choose another folder."
            ).format(path=folder),
            {"path": str(folder)},
        )
    if folder.exists() and (not folder.is_dir() or not _only_half_made(folder)):
        raise DomainError(
            "home.not_empty",
            _("There is something else at {path}. Choose an empty folder.").format(path=folder),
            {"path": str(folder)},
        )


def _only_half_made(folder: Path) -> bool:
    """Say whether the folder is empty or holds no more than what a killed `init` left."""
    for path in entries(folder):
        if path.name == STORE:
            try:
                store = Store.open(path)
                if not store.batches().is_empty() or store.station_versions():
                    return False
            except DomainError:
                return False
        elif not path.name.startswith((f".{STORE}-", f".{settings_file.FILE.split('.')[0]}-")):
            return False
    return True


def _without_half_a_store(folder: Path) -> None:
    for path in entries(folder):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _withdraw(folder: Path, existed: bool) -> None:
    """Leave nothing of an `init` that failed."""
    shutil.rmtree(folder / STORE, ignore_errors=True)
    if not existed:
        with suppress(OSError):  # it was never made, or somebody put something there meanwhile
            folder.rmdir()


def _not_writable(folder: Path, error: OSError) -> DomainError:
    return DomainError(
        "home.not_writable",
        _("The home cannot be made at {path}: {reason}. Choose another folder.").format(
            path=folder, reason=reason_of(error)
        ),
        {"path": str(folder)},
    )
