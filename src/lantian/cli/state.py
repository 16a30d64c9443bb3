"""What the common options said, and the home they name."""
# ruff: noqa: PLC0415 - heavy modules are imported when a command needs them

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lantian.home.layout import Home

ACTOR_VARIABLE = "LANTIAN_ACTOR"
DEBUG_VARIABLE = "LANTIAN_DEBUG"


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class State:
    """The common options of one run of the command line.

    Parameters
    ----------
    home
        ``--home``; None: see :meth:`path`.
    now
        The clock; relative periods and histories read it.
    """

    home: Path | None = None
    lang: str | None = None
    quiet: bool = False
    debug: bool = False
    now: Callable[[], datetime] = field(default=_now)

    def path(self) -> Path:
        """Return the folder of the home: ``--home``, ``$LANTIAN_HOME``, else the user's own."""
        from lantian.home.layout import locate

        return locate(self.home, os.environ)

    def open_home(self) -> Home:
        """Open the home.

        Raises
        ------
        DomainError
            ``home.not_initialised`` and the other errors of ``Home.open``.
        """
        from lantian.home.layout import Home

        return Home.open(self.path())

    def actor(self, given: str | None = None) -> str:
        """Return who does it: ``given``, ``$LANTIAN_ACTOR``, else the user of the machine."""
        named = given or os.environ.get(ACTOR_VARIABLE)
        if named:
            return named
        try:
            return getpass.getuser()
        except (KeyError, OSError):  # a container may run as a user without a name
            return "unknown"
