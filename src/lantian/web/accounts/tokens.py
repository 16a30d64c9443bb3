"""Secrets with which programs read the air in a person's name."""

from __future__ import annotations

import secrets
from datetime import timedelta
from hashlib import sha256

from django.db.models import Q, QuerySet
from django.utils import timezone

from lantian.web.accounts.access import access_of
from lantian.web.accounts.models import Token, User
from lantian.web.core.clock import today

PREFIX = "lt_"
START = 8  # characters that are kept, so that a person recognises the token
_BYTES = 32
# Written down at most this often, so that a busy program does not write at every request.
_NOTED = timedelta(minutes=5)


def fresh() -> str:
    """Return a new secret; 256 random bits, so that its plain hash can be kept."""
    return PREFIX + secrets.token_urlsafe(_BYTES)


def digest(secret: str) -> str:
    """Return what is kept of a secret."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def live(user: User) -> QuerySet[Token]:
    """Return the tokens of a person that were neither revoked nor have run out."""
    return Token.objects.filter(user=user, revoked_at=None, expires_at__gt=timezone.now())


def end(user: User) -> int:
    """Let no token of a person work any more and return how many that were."""
    return live(user).update(revoked_at=timezone.now())


def person_of(secret: str) -> User | None:
    """Return whose token this is; None: nobody's any more.

    A token works until it expires or is revoked, and as long as its person is active and holds a
    post that may use the API.
    """
    if not secret.startswith(PREFIX):
        return None
    now = timezone.now()
    token = (
        Token.objects.select_related("user")
        .filter(digest=digest(secret), revoked_at=None, expires_at__gt=now, user__is_active=True)
        .first()
    )
    if token is None or "api" not in access_of(token.user, today()):
        return None
    late = Q(used_at=None) | Q(used_at__lt=now - _NOTED)
    if token.used_at is None or token.used_at < now - _NOTED:
        Token.objects.filter(late, pk=token.pk).update(used_at=now)
    return token.user
