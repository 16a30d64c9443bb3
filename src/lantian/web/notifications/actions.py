"""Telling people, and their reading it: the only code that writes notices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Value
from django.db.models.functions import Greatest

from lantian.web.accounts.models import User
from lantian.web.notifications import registry
from lantian.web.notifications.models import Notice


@dataclass(frozen=True)
class Telling:
    """One thing that some people are to know.

    Parameters
    ----------
    kind
        As declared.
    people
        Ids of those to be told.
    key
        With kind and person: told once.
    case
        Id of the case it is about.
    data
        What fills the sentence, in JSON.
    """

    kind: str
    people: frozenset[int]
    key: str
    case: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


def tell(
    kind: str, people: Iterable[User | int], *, key: str, now: datetime,
    case: Any = None, data: Mapping[str, Any] | None = None, but: User | None = None,  # noqa: ANN401
) -> None:  # fmt: skip
    """Tell people something once, in the transaction of what it speaks of: it lands with that.

    Parameters
    ----------
    people
        Persons or their ids; who is not active is left out.
    case
        The case the notice leads to.
    data
        What fills the sentence of the kind, in JSON; a value may be a mapping of ``zh`` and ``en``.
    but
        Who did it, and need not be told.

    Raises
    ------
    ImproperlyConfigured
        The kind was not declared.
    KeyError
        The data lack something the sentence names.
    """
    ids = {p if isinstance(p, int) else p.pk for p in people}
    if but is not None:
        ids.discard(but.pk)
    about = None if case is None else case.pk
    tell_all([Telling(kind, frozenset(ids), key, about, data or {})], now=now)


def tell_all(tellings: Iterable[Telling], *, now: datetime) -> None:
    """Tell many things at once; see :func:`tell`."""
    wanted = [t for t in tellings if t.people]
    for telling in wanted:
        if not registry.known(telling.kind):
            message = f"The notice {telling.kind!r} is not declared in any notices.py."
            raise ImproperlyConfigured(message)
        registry.sentence(telling.kind, telling.data)
    if not wanted:
        return
    everybody = frozenset().union(*(t.people for t in wanted))
    active = set(User.objects.filter(pk__in=everybody, is_active=True).values_list("pk", flat=True))
    rows = [
        Notice(user_id=user, kind=t.kind, key=t.key, case_id=t.case, data=dict(t.data), at=now)
        for t in wanted
        for user in sorted(t.people & active)
    ]
    Notice.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)


def read(user: User, notice: int, *, now: datetime) -> Notice | None:
    """Note that somebody has read a notice of theirs; None: they have no such notice."""
    found = Notice.objects.filter(user=user, pk=notice).select_related("case").first()
    if found is not None and found.read_at is None:
        found.read_at = max(now, found.at)
        found.save(update_fields=["read_at"])
    return found


def read_all(user: User, kinds: Iterable[str] | None, *, now: datetime) -> int:
    """Note that somebody has read all their notices, or those of some kinds; return how many."""
    rows = Notice.objects.filter(user=user, read_at=None)
    if kinds is not None:
        rows = rows.filter(kind__in=list(kinds))
    return rows.update(read_at=Greatest("at", Value(now)))
