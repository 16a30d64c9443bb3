"""Signing in by name or phone number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from lantian.web.accounts import codes
from lantian.web.accounts.models import User


class NameOrPhoneBackend(BaseBackend):
    """Checks a password against the person of a name or a phone number."""

    def authenticate(  # type: ignore[override]  # Django calls those it fits
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None
    ) -> User | None:
        """Return the person, or None; as slow for an unknown name as for a wrong password."""
        del request
        if not username or password is None:
            return None
        user = find(username)
        if user is None:
            User().set_password(password)
            return None
        return user if user.check_password(password) and user.is_active else None

    def get_user(self, user_id: int) -> User | None:
        """Return the person of a session; None once they may no longer sign in."""
        return User.objects.filter(pk=user_id, is_active=True).first()


class OneTimeCodeBackend(BaseBackend):
    """Checks a code an administrator has handed out; for setting a password, not for signing in."""

    def authenticate(  # type: ignore[override]  # as above
        self,
        request: HttpRequest | None,
        username: str | None = None,
        secret_code: str | None = None,
    ) -> User | None:
        """Return the person, or None; the code stays unused until the password is set."""
        del request
        if not username or not secret_code:
            return None
        user = find(username)
        right = codes.valid(user, secret_code) is not None
        return user if right and user is not None and user.is_active else None


def find(username: str) -> User | None:
    """Return the person of a name or phone number; None: there is none."""
    try:
        return User.objects.get_by_natural_key(username)
    except User.DoesNotExist:
        return None


def throttled_name(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str:
    """Return under which name failures are counted, however the person wrote theirs.

    Called by django-axes: a phone number with and without blanks, and the name of its owner, are
    one account.
    """
    given = (credentials or {}).get("username") or request.POST.get("username", "")
    user = find(given) if "\x00" not in given else None
    return (user.name if user is not None else " ".join(given.split()))[:255]
