"""Whether photographs are sent as they are: the table ``[evidence]`` of ``settings.toml``."""

from __future__ import annotations

import tomllib
from pathlib import Path

from lantian.errors import DomainError
from lantian.home import settings_file
from lantian.i18n import gettext as _

TABLE = "evidence"
WAYS = ("keep", "resize")


def original(home: Path) -> str:
    """Return ``keep`` (photographs are sent as they are) or ``resize`` (made small before).

    Raises
    ------
    DomainError
        ``evidence.bad_setting``.
    """
    path = home / settings_file.FILE
    table = tomllib.loads(path.read_text(encoding="utf-8")).get(TABLE, {})
    way = table.get("original", WAYS[0]) if isinstance(table, dict) else None
    if way not in WAYS or set(table) - {"original"}:
        raise DomainError(
            "evidence.bad_setting",
            _(
                "[evidence] of settings.toml has one setting, original, and it is “keep” or "
                "“resize”. Correct it."
            ),
            {"path": str(path)},
        )
    return str(way)
