"""Tokens for programs."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.web.accounts import tokens
from lantian.web.accounts.actions.rules import is_self, need
from lantian.web.accounts.models import Token, User
from lantian.web.audit.actors import Actor
from lantian.web.audit.chain import record

NAME_LENGTH = 80
LONGEST = 366  # days


def make_token(by: Actor, user: User, name: str, days: int) -> tuple[Token, str]:
    """Make a token for the own programs.

    Parameters
    ----------
    name
        What it is for.
    days
        How long it works, 1 to 366.

    Returns
    -------
    token, secret
        The secret is not kept: show it once.

    Raises
    ------
    PermissionDenied
        The person's posts do not include the API.
    InvalidArgumentError
        ``accounts.bad_token_name``, ``accounts.bad_token_days``.
    """
    need(by, "api")
    if not is_self(by, user):
        need(by)
    given = " ".join(name.split())
    if not given or len(given) > NAME_LENGTH:
        raise InvalidArgumentError(
            "accounts.bad_token_name",
            _("Say in 1 to {n} characters what the token is for.").format(n=NAME_LENGTH),
        )
    if not 1 <= days <= LONGEST:
        raise InvalidArgumentError(
            "accounts.bad_token_days", _("A token works 1 to {n} days.").format(n=LONGEST)
        )
    secret, now = tokens.fresh(), timezone.now()
    with transaction.atomic():
        made = Token.objects.create(
            user=user, name=given, start=secret[: tokens.START], digest=tokens.digest(secret),
            made_at=now, expires_at=now + timedelta(days=days),
        )  # fmt: skip
        record("accounts.token_made", user, {"name": given, "days": days}, actor=by)
    return made, secret


def revoke_token(by: Actor, token: Token) -> None:
    """Let a token work no more; its owner may, and an administrator."""
    if not is_self(by, token.user):
        need(by)
    with transaction.atomic():
        open_ = Token.objects.filter(pk=token.pk, revoked_at=None)
        if open_.update(revoked_at=timezone.now()):
            record("accounts.token_revoked", token.user, {"name": token.name}, actor=by)
