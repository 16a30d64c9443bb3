"""Signing in and out, and what the log keeps of attempts."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address, ip_network

from django.contrib.auth import login, logout
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django_otp.models import Device

from lantian.web.accounts import sessions
from lantian.web.accounts.actions.rules import is_self, need
from lantian.web.accounts.models import SignIn, Stranger, User
from lantian.web.audit.actors import Actor, of_request
from lantian.web.audit.chain import record

_STRANGERS_LOGGED = timedelta(hours=1)
BACKEND = "lantian.web.accounts.backend.NameOrPhoneBackend"


def sign_in(request: HttpRequest, user: User, device: Device | None = None) -> None:
    """Begin a session, with a key nobody could know before.

    Parameters
    ----------
    device
        What confirmed the second factor; None: it was not asked for.
    """
    user.otp_device = device  # type: ignore[attr-defined]  # django-otp looks there
    with transaction.atomic():
        login(request, user, backend=BACKEND)
        if request.session.session_key is None:
            request.session.save()
        sessions.began(request, user)
        factor = None if device is None else device.model_label()
        record("accounts.signed_in", user, {"factor": factor}, actor=of_request(request, user))


def sign_out(request: HttpRequest) -> None:
    """End the session of a request."""
    user, key = request.user, request.session.session_key
    with transaction.atomic():
        if user.is_authenticated:
            record("accounts.signed_out", user, request=request)
        SignIn.objects.filter(session_key=key).delete()
        logout(request)


def failed(request: HttpRequest, user: User | None, *, locked: bool) -> None:
    """Note a failed attempt, and that it led to a lock.

    Parameters
    ----------
    user
        Whose account it was tried for; None: nobody's. Of those only the number is noted: what was
        typed may be a password in the wrong field, and the log forgets nothing.
    """
    by = of_request(request)
    if user is None:
        _stranger_failed(by)
        return
    with transaction.atomic():
        record("accounts.sign_in_failed", user, actor=by)
        if locked:
            record("accounts.locked_out", user, actor=by)


def _stranger_failed(by: Actor) -> None:
    """Count a failure under a name nobody has, and log the count once in an hour.

    New names cost nothing and are not locked; an event for each would let anybody who reaches the
    server fill a log from which nothing is ever removed.
    """
    now = timezone.now()
    with transaction.atomic():
        row, _made = Stranger.objects.select_for_update().get_or_create(
            address=network_of(by.address), defaults={"logged_at": now - _STRANGERS_LOGGED}
        )
        failures = row.failures + 1
        due = now - row.logged_at >= _STRANGERS_LOGGED
        row.logged_at, row.failures = (now, 0) if due else (row.logged_at, failures)
        row.save(update_fields=["logged_at", "failures"])
        if due:
            record("accounts.strangers_failed", None, {"failures": failures}, actor=by)


def network_of(address: str) -> str:
    """Return what one visitor has: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((found, 64), strict=False)) if found.version == 6 else str(found)


def log_strangers() -> None:
    """Log what was counted since, of addresses that tried no more, and forget them."""
    late = timezone.now() - _STRANGERS_LOGGED
    with transaction.atomic():
        rows = list(Stranger.objects.select_for_update().filter(logged_at__lte=late))
        Stranger.objects.filter(pk__in=[row.pk for row in rows]).delete()
        for row in rows:
            if row.failures:
                by = Actor("", address=row.address, may=None)
                record("accounts.strangers_failed", None, {"failures": row.failures}, actor=by)


def code_failed(request: HttpRequest, user: User) -> None:
    """Note a wrong one-time password."""
    record("accounts.code_failed", user, request=request)


def end_sessions(by: Actor, user: User, *, only: int | None = None, keep: str | None = None) -> int:
    """Sign a person out of one session, or of all but ``keep``; return how many ended."""
    if not is_self(by, user):
        need(by)
    with transaction.atomic():
        ended = sessions.end(user, only=only, keep=keep)
        record("accounts.sessions_ended", user, {"sessions": ended}, actor=by)
    return ended
