"""Passwords: changed by their owner, set with a one-time code or through an e-mail."""

from __future__ import annotations

from axes.utils import reset as forget_failures
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone, translation

from lantian.errors import DomainError, InvalidArgumentError
from lantian.i18n import active
from lantian.i18n import gettext as _
from lantian.web.accounts import codes, sessions, tokens
from lantian.web.accounts.actions.rules import need
from lantian.web.accounts.models import OneTimeCode, User
from lantian.web.audit.actors import Actor, of_request
from lantian.web.audit.chain import record
from lantian.web.core.language import DJANGO


def check_password_rules(password: str, user: User) -> None:
    """Make sure that a password is good enough.

    Raises
    ------
    InvalidArgumentError
        ``accounts.weak_password``, with everything that is wrong with it.
    """
    try:
        with translation.override(DJANGO[active()]):
            validate_password(password, user)
    except ValidationError as error:
        raise InvalidArgumentError(
            "accounts.weak_password",
            ("" if active() == "zh" else " ").join(_weakness(one) for one in error.error_list),
        ) from error


def _weakness(error: ValidationError) -> str:
    """Return what is wrong with a password; Django's own sentences are not all translated."""
    known = {
        "password_too_short": _("The password is too short: it needs at least {n} characters."),
        "password_too_similar": _("The password is too much like the name, telephone or e-mail."),
        "password_too_common": _("The password is one that many people use."),
        "password_entirely_numeric": _("The password is nothing but digits."),
    }
    text = known.get(error.code or "")
    if text is None:
        return " ".join(error.messages)
    return text.format(n=(error.params or {}).get("min_length"))


def change_password(request: HttpRequest, user: User, current: str, new: str) -> None:
    """Change the own password; all other sessions of the person end.

    Raises
    ------
    InvalidArgumentError
        ``accounts.wrong_password``, ``accounts.same_password``, ``accounts.weak_password``.
    """
    if not user.check_password(current):
        message = _("The current password is not right.")
        raise InvalidArgumentError("accounts.wrong_password", message)
    if current == new:
        message = _("The new password is the old one.")
        raise InvalidArgumentError("accounts.same_password", message)
    check_password_rules(new, user)
    old_key = request.session.session_key
    with transaction.atomic():
        _set(user, new)
        update_session_auth_hash(request, user)  # gives the session a new key
        sessions.moved(old_key, request)
        ended = sessions.end(user, keep=request.session.session_key)
        record(
            "accounts.password_changed", user, {"sessions": ended}, actor=of_request(request, user)
        )


def issue_code(by: Actor, user: User) -> str:
    """Return a new code with which a person sets a password; earlier ones stop working.

    Raises
    ------
    InvalidArgumentError
        ``accounts.inactive``.
    """
    need(by)
    if not user.is_active:
        raise InvalidArgumentError(
            "accounts.inactive", _("{name} is deactivated.").format(name=user.name)
        )
    code, now = codes.fresh(), timezone.now()
    with transaction.atomic():
        OneTimeCode.objects.filter(user=user, used_at=None).delete()
        OneTimeCode.objects.create(
            user=user, digest=codes.digest(code), made_at=now, expires_at=now + codes.LASTS
        )
        forget_failures(username=user.name)  # who is locked out must be able to use it
        record("accounts.code_issued", user, actor=by)
    return code


def redeem_code(request: HttpRequest, user: User, code: str, new: str) -> None:
    """Set a password with a code, which is used up by it; all sessions and tokens end.

    Raises
    ------
    InvalidArgumentError
        ``accounts.weak_password``; the code can still be used.
    DomainError
        ``accounts.code_used``: it was used or ran out meanwhile.
    """
    check_password_rules(new, user)
    with transaction.atomic():
        row = codes.valid(user, code)
        now = timezone.now()
        open_ = OneTimeCode.objects.filter(pk=0 if row is None else row.pk, used_at=None)
        if not open_.update(used_at=now):
            raise DomainError(
                "accounts.code_used", _("This code was used already. Ask for a new one.")
            )
        ended = replace_password(user, new)
        record("accounts.password_set", user, ended, actor=of_request(request, user))


def reset_by_mail(request: HttpRequest, user: User, token: str, new: str) -> None:
    """Set a password after the link of an e-mail was followed; all sessions and tokens end.

    Parameters
    ----------
    token
        Of the link; it is looked at again here, where nobody else can use it meanwhile.

    Raises
    ------
    InvalidArgumentError
        ``accounts.weak_password``; the link can still be used.
    DomainError
        ``accounts.link_used``: it was used or ran out meanwhile.
    """
    check_password_rules(new, user)
    with transaction.atomic():
        now = User.objects.select_for_update().get(pk=user.pk)
        if not default_token_generator.check_token(now, token):
            raise DomainError("accounts.link_used", _("This link was used already."))
        ended = replace_password(now, new)
        forget_failures(username=now.name)
        record("accounts.password_reset", now, ended, actor=of_request(request, now))


def replace_password(user: User, new: str, *, must_change: bool = False) -> dict[str, int]:
    """Set a password instead of one that was lost: whoever had the old one is out altogether.

    Parameters
    ----------
    must_change
        Somebody else chose it: the person chooses another one at the next sign-in.

    Returns
    -------
    dict
        How many sessions and tokens ended, for the log.
    """
    _set(user, new, must_change=must_change)
    return {"sessions": sessions.end(user), "tokens": tokens.end(user)}


def _set(user: User, new: str, *, must_change: bool = False) -> None:
    """Set a password; a one-time code that was not used works no more."""
    user.set_password(new)
    user.must_change_password = must_change
    user.save(update_fields=["password", "must_change_password"])
    OneTimeCode.objects.filter(user=user, used_at=None).delete()
