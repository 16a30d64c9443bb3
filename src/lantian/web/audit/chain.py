"""Appending to the log: one writer at a time, each event carrying the hash of the one before."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

from django.core.exceptions import ImproperlyConfigured
from django.db import connection, models, transaction
from django.http import HttpRequest
from django.utils import timezone

from lantian.web.accounts.models import User
from lantian.web.audit import registry
from lantian.web.audit.actors import Actor, of_request
from lantian.web.audit.hashing import FIELDS, GENESIS, canonical, digest
from lantian.web.audit.models import Event

Thing: TypeAlias = models.Model | tuple[str, str, str] | None
_LOCK = 0x6C616E7469616E  # "lantian": the advisory lock of PostgreSQL for the end of the chain


def record(
    action: str,
    obj: Thing = None,
    data: Mapping[str, Any] | None = None,
    *,
    request: HttpRequest | None = None,
    actor: Actor | User | str | None = None,
) -> Event:
    """Append an event; in the transaction of the change it speaks of, and as its last statement.

    The end of the chain is locked until the transaction is over: what still has to change rows
    after it could wait for somebody who waits for the chain.

    Parameters
    ----------
    action
        Dotted name that was declared (:mod:`lantian.web.audit.registry`).
    obj
        What was acted upon: a row, or (type, id, label) of something that is none, such as
        ``("station", "3501", "丙镇站")``.
    data
        What changed, e.g. ``{"before": {...}, "after": {...}}``; JSON without NaN. No secrets.
    request
        Its sender is the actor, unless ``actor`` is given.
    actor
        A person, the name of a part of the system, or a whole :class:`Actor`.

    Returns
    -------
    Event
        As written; its number can travel with the change.
    """
    if not registry.known(action):
        message = f"The event {action!r} is not declared in any events.py."
        raise ImproperlyConfigured(message)
    who = _actor(request, actor)
    kind, key, label = _thing(obj)
    with transaction.atomic():
        _lock()
        number, before, last = _head()
        values = {
            "id": number + 1,
            "at": max(timezone.now().astimezone(UTC), last),
            "actor_id": who.id,
            "actor_name": _clean(who.name, 80),
            "action": action,
            "object_type": kind,
            "object_id": _clean(key, 128),
            "object_label": _clean(label, 200),
            "data": canonical(data or {}),
            "address": who.address,
            "request": who.request,
            "previous": before,
        }
        event = Event(**values, hash=digest([values[f] for f in FIELDS]))
        models.Model.save(event, force_insert=True)
    return event


def head() -> tuple[int, str, datetime] | None:
    """Return number, hash and time of the last event; None: there is none yet."""
    row = Event.objects.order_by("-id").values_list("id", "hash", "at").first()
    return None if row is None else (row[0], row[1], row[2])


def _head() -> tuple[int, str, datetime]:
    return head() or (0, GENESIS, datetime.min.replace(tzinfo=UTC))


def _lock() -> None:
    """Wait until nobody else appends; a transaction on SQLite is the only writer already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _actor(request: HttpRequest | None, actor: Actor | User | str | None) -> Actor:
    if isinstance(actor, Actor):
        return actor
    if request is not None:
        return of_request(request, actor if isinstance(actor, User) else None)
    if isinstance(actor, User):
        return Actor(name=actor.name, id=actor.pk)
    if isinstance(actor, str):
        return Actor(name=actor, may=None)
    message = "An event needs a request or an actor."
    raise TypeError(message)


def _thing(obj: Thing) -> tuple[str, str, str]:
    if obj is None:
        return "", "", ""
    if isinstance(obj, models.Model):
        return obj._meta.label_lower, str(obj.pk), str(obj)
    return obj


def _clean(text: str, most: int) -> str:
    """Return text without control characters (no database must refuse or change it), cut."""
    kept = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cs"))
    return kept[:most]
