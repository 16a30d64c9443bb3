"""Signing in and out, and what the log keeps of attempts."""

from __future__ import annotations

from django.contrib.auth import login, logout
from django.db import transaction
from django.http import HttpRequest
from django_otp.models import Device

from lantian.web.accounts import sessions
from lantian.web.accounts.actions.rules import is_self, need
from lantian.web.accounts.models import SignIn, User
from lantian.web.audit.actors import Actor, of_request
from lantian.web.audit.chain import record

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
        Whose account it was tried for. What was typed for somebody who does not exist is not kept:
        it may be a password in the wrong field, and the log forgets nothing.
    """
    by = of_request(request)
    with transaction.atomic():
        record("accounts.sign_in_failed", user, {"known": user is not None}, actor=by)
        if locked:
            record("accounts.locked_out", user, actor=by)


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
