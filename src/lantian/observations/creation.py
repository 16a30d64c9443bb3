"""Making a store, and what it says of itself."""

from __future__ import annotations

import json
import shutil
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.observations import layout, space
from lantian.observations.files import settle, write_atomically
from lantian.observations.table import MeasurementTable


def create(target: Path, zone: str, now: datetime) -> None:
    """Make an empty store at ``target``, wholly or not at all; see `Store.create`."""
    layout.check_zone(zone)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise DomainError(
            "store.exists",
            _("There is already something at {path}. Choose an empty folder.").format(path=target),
            {"path": str(target)},
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    # Made aside and renamed, so that a killed `create` leaves no half store.
    draft = target.with_name(f".{target.name}-{uuid.uuid4().hex}")
    about = {
        "format": layout.FORMAT,
        "zone": zone,
        "created": layout.aware(now).isoformat(),
    }
    try:
        with space.told(target.parent):
            draft.mkdir()
            MeasurementTable.create(draft)
            write_atomically(draft / layout.SETTINGS_FILE, json.dumps(about).encode())
            draft.replace(target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    settle(target.parent)


def settings(path: Path) -> dict[str, Any]:
    """Return what a store says of itself.

    Raises
    ------
    DomainError
        ``store.not_found``, ``store.damaged`` or ``store.too_new``.
    """
    try:
        found = _settings((path / layout.SETTINGS_FILE).read_bytes())
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DomainError(
            "store.not_found",
            _("There is no store of measurements at {path}. Make one first.").format(path=path),
            {"path": str(path)},
        ) from error
    except ValueError as error:
        raise DomainError(
            "store.damaged",
            _("{file} cannot be read. Restore the store from a backup.").format(
                file=path / layout.SETTINGS_FILE
            ),
            {"path": str(path)},
        ) from error
    if found["format"] > layout.FORMAT:
        raise DomainError(
            "store.too_new",
            _("The store at {path} was made by a later version of Lantian. Update Lantian.").format(
                path=path
            ),
            {"path": str(path), "format": found["format"]},
        )
    return found


def _settings(data: bytes) -> dict[str, Any]:
    """Return the settings in ``data``; raise ValueError when they are none."""
    found = json.loads(data)
    if not isinstance(found, dict) or not isinstance(found.get("format"), int):
        raise ValueError("no format")
    # the later version that wrote a higher format may say the rest in another way
    if found["format"] <= layout.FORMAT and not isinstance(found.get("zone"), str):
        raise ValueError("no zone")
    return found
