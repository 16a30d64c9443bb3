"""The mappings of tables that people corrected: kept in the home, used for the next file."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from lantian.home.layout import RULES
from lantian.observations.readers.mapping import load, save
from lantian.observations.readers.table_mapping import Mapping

_FOLDER = "mappings"


def known() -> Sequence[Mapping]:
    """Return every mapping kept, the one kept last first.

    Raises
    ------
    BadInputError
        A file of them cannot be read.
    """
    paths = sorted(_folder().glob("*.toml"), key=lambda p: (-p.stat().st_mtime_ns, p.name))
    return [load(path) for path in paths]


def keep(mapping: Mapping) -> Path:
    """Keep a mapping in place of the one for a table with the same columns."""
    columns = sorted({*mapping.headers(), *mapping.ignored})
    name = hashlib.sha256("\n".join(columns).encode()).hexdigest()[:16]
    _folder().mkdir(parents=True, exist_ok=True)
    path = _folder() / f"{name}.toml"
    save(mapping, path)
    return path


def _folder() -> Path:
    home: Path = settings.HOME.path
    return home / RULES / _FOLDER
