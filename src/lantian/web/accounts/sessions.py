"""The sessions of a person: which there are, and how they end."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable

from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone

from lantian.web.accounts.models import SignIn, User
from lantian.web.core.proxy import client_address

_SEEN = "lantian_seen"
# A session lives for some hours after it was last used; that is noted at most this often [s].
_NOTED = 300
_BROWSERS = (
    ("WeChat", r"MicroMessenger"), ("DingTalk", r"DingTalk"), ("Edge", r"Edg(?:e|A|iOS)?/"),
    ("Firefox", r"Firefox/|FxiOS/"), ("Chrome", r"Chrome/|CriOS/"), ("Safari", r"Safari/"),
)  # fmt: skip
_SYSTEMS = (
    ("HarmonyOS", r"HarmonyOS|OpenHarmony"), ("Android", r"Android"), ("iOS", r"iPhone|iPad"),
    ("Windows", r"Windows"), ("macOS", r"Mac OS X"), ("Linux", r"Linux"),
)  # fmt: skip


def began(request: HttpRequest, user: User) -> None:
    """Note that a person has just signed in with this request."""
    now = timezone.now()
    request.session[_SEEN] = int(time.time())
    SignIn.objects.create(
        user=user,
        session_key=request.session.session_key or "",
        device=device_of(request.headers.get("User-Agent", "")),
        address=client_address(request)[:64],
        begun_at=now,
        seen_at=now,
    )


def touch(request: HttpRequest) -> None:
    """Note that a session is in use, which also puts off its end."""
    seen = request.session.get(_SEEN)
    if seen is None or time.time() - seen < _NOTED:
        return
    request.session[_SEEN] = int(time.time())
    SignIn.objects.filter(session_key=request.session.session_key).update(
        seen_at=timezone.now(), address=client_address(request)[:64]
    )


def moved(old_key: str | None, request: HttpRequest) -> None:
    """Follow a session that was given another key."""
    SignIn.objects.filter(session_key=old_key).update(session_key=request.session.session_key)


def of(user: User) -> list[SignIn]:
    """Return the sessions of a person that are alive, the last seen first."""
    alive = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    return list(SignIn.objects.filter(user=user, session_key__in=alive))


def end(user: User, *, only: int | None = None, keep: str | None = None) -> int:
    """End sessions of a person at once and return how many.

    Parameters
    ----------
    only
        Id of the one to end; None: all.
    keep
        Key of the session that goes on.
    """
    rows = SignIn.objects.filter(user=user).exclude(session_key=keep)
    if only is not None:
        rows = rows.filter(pk=only)
    keys = list(rows.values_list("session_key", flat=True))
    return _end(keys)


def _end(keys: Iterable[str]) -> int:
    ended, _models = Session.objects.filter(session_key__in=list(keys)).delete()
    SignIn.objects.filter(session_key__in=list(keys)).delete()
    return ended


def clear() -> None:
    """Forget sessions that have run out."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    SignIn.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()


def device_of(agent: str) -> str:
    """Return browser and system of a ``User-Agent``, as far as a person would recognise them."""
    found = [
        next((name for name, mark in table if re.search(mark, agent)), None)
        for table in (_BROWSERS, _SYSTEMS)
    ]
    return " · ".join(f for f in found if f)
