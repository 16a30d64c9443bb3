"""The second factor: turned on with a code, turned off, reset; recovery codes."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest
from django_otp import login as verified
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.web.accounts import factors
from lantian.web.accounts.actions.rules import need
from lantian.web.accounts.models import User
from lantian.web.audit.actors import Actor, of_request
from lantian.web.audit.chain import record


def confirm_factor(request: HttpRequest, user: User, key: str, code: str) -> list[str]:
    """Turn the second factor on once a code shows that the app knows the secret.

    Parameters
    ----------
    key
        The secret that was shown [hexadecimal].

    Returns
    -------
    list of str
        Recovery codes, to be shown once.

    Raises
    ------
    InvalidArgumentError
        ``accounts.wrong_code``, ``accounts.factor_on_already``.
    """
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # two pages at once make one device
        if factors.device_of(user) is not None:
            raise InvalidArgumentError(
                "accounts.factor_on_already", _("The second factor is turned on already.")
            )
        used = factors.matching_step(key, code)
        if used is None:
            raise InvalidArgumentError(
                "accounts.wrong_code",
                _("The code does not fit. Check that the clock of the phone is right."),
            )
        # the code that confirmed it must not open a session as well
        device = TOTPDevice.objects.create(user=user, key=key, confirmed=True, last_t=used)
        made = factors.make_recovery_codes(user)
        verified(request, device)
        record("accounts.factor_on", user, actor=of_request(request, user))
    return made


def turn_factor_off(request: HttpRequest, user: User, password: str) -> None:
    """Turn the own second factor off.

    Raises
    ------
    InvalidArgumentError
        ``accounts.wrong_password``.
    """
    _need_password(user, password)
    with transaction.atomic():
        forget_factor(user)
        record("accounts.factor_off", user, request=request)


def make_recovery_codes(request: HttpRequest, user: User, password: str) -> list[str]:
    """Return new recovery codes; the old ones stop working.

    Raises
    ------
    InvalidArgumentError
        ``accounts.wrong_password``.
    """
    _need_password(user, password)
    with transaction.atomic():
        made = factors.make_recovery_codes(user)
        record("accounts.recovery_made", user, request=request)
    return made


def reset_factor(by: Actor, user: User) -> None:
    """Take the second factor of somebody who has lost theirs away; they set up a new one."""
    need(by)
    with transaction.atomic():
        forget_factor(user)
        record("accounts.factor_reset", user, actor=by)


def _need_password(user: User, password: str) -> None:
    if not user.check_password(password):
        message = _("The current password is not right.")
        raise InvalidArgumentError("accounts.wrong_password", message)


def forget_factor(user: User) -> None:
    """Take the app and the recovery codes of a person away."""
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()
