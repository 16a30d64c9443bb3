"""A change outside the database: the event first, then the change, which carries its number.

The store and the register are no part of the database's transaction. So the event is written
before; the change carries its number; and when the change does not come about, a second event says
so. A process that dies between the two leaves an event without a change, which ``reconcile`` finds.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from filelock import FileLock, Timeout

from lantian.errors import DomainError
from lantian.home.layout import RUN
from lantian.i18n import gettext as _
from lantian.web.air.events import NOT_LANDED
from lantian.web.audit.actors import Actor
from lantian.web.audit.chain import Thing, record
from lantian.web.audit.registry import sentence

_LOCKS = "landing"
TOKEN = "landing"  # noqa: S105 - key of the event's data that names the lock of who is at work


@dataclass
class Landing:
    """A change on its way.

    Parameters
    ----------
    event
        Number of its event.
    """

    event: int
    unchanged: bool = False

    def nothing(self) -> None:
        """Say that there was nothing to change."""
        self.unchanged = True


@contextmanager
def landing(
    action: str, thing: Thing, data: Mapping[str, Any], *, actor: Actor
) -> Iterator[Landing]:
    """Write the event, let the change be made with its number, and log when it was not made."""
    token = secrets.token_hex(8)
    path = _lock_path(token)
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path, thread_local=False):
        event = record(action, thing, {**data, TOKEN: token}, actor=actor)
        held = Landing(event.pk)
        try:
            yield held
        except Exception as error:
            reason = error.message if isinstance(error, DomainError) else type(error).__name__
            not_landed(event.pk, action, reason, actor)
            raise
        if held.unchanged:
            not_landed(event.pk, action, _("There was nothing to change."), actor)
    path.unlink(missing_ok=True)


def not_landed(event: int, action: str, reason: str, actor: Actor | str) -> None:
    """Log that nothing came of an event."""
    thing = ("audit.event", str(event), sentence(action))
    record(NOT_LANDED, thing, {"event": event, "reason": reason}, actor=actor)


def at_work(token: object) -> bool:
    """Say whether the process that wrote an event is still making its change."""
    if not isinstance(token, str):
        return False
    path = _lock_path(token)
    if not path.exists():
        return False
    try:
        with FileLock(path, timeout=0):
            pass
    except Timeout:
        return True
    path.unlink(missing_ok=True)
    return False


def _lock_path(token: str) -> Path:
    home: Path = settings.HOME.path
    return home / RUN / _LOCKS / f"{Path(token).name}.lock"
