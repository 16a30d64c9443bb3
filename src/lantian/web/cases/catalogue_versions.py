"""The versions of the catalogue that a home knows, and the seal on those that were used.

They lie in ``rules/catalogues/`` of the home, one file each, beside the one shipped. When the first
case is opened under a version, its text is copied there and its digest noted in ``sealed.json``:
from then on it is what it was, whatever a later release ships or a person writes. A version that a
later release ships comes into force by itself only where the office wrote none of its own before.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from filelock import FileLock

from lantian.errors import BadInputError, DomainError
from lantian.home.layout import RULES, RUN
from lantian.i18n import gettext as _
from lantian.observations.files import write_atomically
from lantian.web.cases.catalogue import Catalogue
from lantian.web.cases.catalogue_reading import SHIPPED, read, shipped

FOLDER = Path(RULES) / "catalogues"
SEALS = "sealed.json"
_COPY = "shipped-"  # how the copy of a shipped version is called; no other file may


def versions(home: Path) -> tuple[Catalogue, ...]:
    """Return all versions of a home: the one shipped, then its own by the day they begin.

    A file with errors is left out until it is mended, so that a new version half written stops
    nobody; `errors` and the doctor tell them.

    Raises
    ------
    DomainError
        ``cases.catalogue_changed``: a sealed version was changed or is gone;
        ``cases.catalogue_twice``: two files have one version.
    """
    folder = home / FOLDER
    found: dict[str, Catalogue] = {}
    seals = _seals(folder)
    for path in sorted(folder.glob("*.toml")):
        catalogue = _read(path, *_stamp(path))
        if isinstance(catalogue, BadInputError):
            continue
        if catalogue.version in found:
            raise _twice(catalogue, found[catalogue.version])
        found[catalogue.version] = catalogue
    for version, digest in seals.items():
        if version not in found or found[version].digest != digest:
            raise _changed(version, folder)
    mine = found.get(shipped().version)
    if mine is not None and mine.version not in seals and mine.digest != shipped().digest:
        raise _twice(mine, shipped())
    own = sorted(found.values(), key=lambda c: (c.valid_from, c.version))
    if mine is not None or _has_its_own(own):
        return tuple(own)
    return (shipped(), *own)


def errors(home: Path) -> list[BadInputError]:
    """Return what is wrong with files of a home that are not used for it."""
    found = [_read(path, *_stamp(path)) for path in sorted((home / FOLDER).glob("*.toml"))]
    return [error for error in found if isinstance(error, BadInputError)]


def sealed(home: Path) -> frozenset[str]:
    """Return the versions under which cases were opened: they never change again.

    Raises
    ------
    DomainError
        ``cases.seals_unreadable``.
    """
    return frozenset(_seals(home / FOLDER))


def seal(home: Path, version: str) -> None:
    """Note that cases are opened under a version; it never changes again.

    Raises
    ------
    DomainError
        As `versions`.
    """
    folder = home / FOLDER
    if version in _seals(folder):
        return
    folder.mkdir(parents=True, exist_ok=True)
    run = home / RUN
    run.mkdir(exist_ok=True)
    with FileLock(run / "catalogues.lock"):
        seals = _seals(folder)
        found = {c.version: c for c in versions(home)}
        if version in seals:
            return
        catalogue = found[version]
        if catalogue is shipped():
            write_atomically(folder / f"{_COPY}{version}.toml", SHIPPED.read_bytes())
        seals[version] = catalogue.digest
        text = json.dumps(seals, indent=1, sort_keys=True) + "\n"
        write_atomically(folder / SEALS, text.encode())


def _has_its_own(own: list[Catalogue]) -> bool:
    """Say whether an office wrote a version that is in force when the one shipped begins."""
    return any(not c.origin.startswith(_COPY) and c.valid_from <= shipped().valid_from for c in own)


def _stamp(path: Path) -> tuple[int, int]:
    about = path.stat()
    return about.st_mtime_ns, about.st_size


@lru_cache(maxsize=64)
def _read(path: Path, _mtime: int, _size: int) -> Catalogue | BadInputError:
    try:
        return read(path)
    except BadInputError as error:
        return error


def _seals(folder: Path) -> dict[str, str]:
    path = folder / SEALS
    try:
        kept = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise _unreadable(path, str(error)) from error
    if not isinstance(kept, dict) or not all(isinstance(v, str) for v in kept.values()):
        raise _unreadable(path, _("it must be a table"))
    return kept


def _unreadable(path: Path, reason: str) -> DomainError:
    return DomainError(
        "cases.seals_unreadable",
        _("{file} cannot be read: {reason}. Put it back from a backup.").format(
            file=path, reason=reason
        ),
        {"file": str(path)},
    )


def _twice(one: Catalogue, other: Catalogue) -> DomainError:
    return DomainError(
        "cases.catalogue_twice",
        _(
            "{one} and {other} both call themselves version {version} of the catalogue. Give the "
            "newer one another version."
        ).format(one=one.origin, other=other.origin, version=one.version),
        {"version": one.version},
    )


def _changed(version: str, folder: Path) -> DomainError:
    return DomainError(
        "cases.catalogue_changed",
        _(
            "Version {version} of the catalogue, under which cases were opened, was changed or "
            "removed in {folder}. Put it back from a backup and write the change as a new version."
        ).format(version=version, folder=folder),
        {"version": version},
    )
