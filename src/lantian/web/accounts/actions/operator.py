"""What only somebody at the machine may do: give an administrator the way back in."""

from __future__ import annotations

from axes.utils import reset as forget_failures
from django.db import transaction

from lantian.errors import UnknownNameError
from lantian.i18n import gettext as _
from lantian.web.accounts import queries
from lantian.web.accounts.actions.factors import forget_factor
from lantian.web.accounts.actions.passwords import check_password_rules, replace_password
from lantian.web.accounts.backend import find
from lantian.web.accounts.models import User
from lantian.web.audit.actors import system
from lantian.web.audit.chain import record
from lantian.web.core.clock import today


def reset_administrator(name: str, password: str, *, must_change: bool = False) -> User:
    """Give an administrator a new password, without second factor, session, token or lock.

    Parameters
    ----------
    name
        Or phone number, as at sign-in.
    must_change
        The password is not the person’s own choice: another one is asked for at the next sign-in.

    Raises
    ------
    UnknownNameError
        ``accounts.no_such_administrator``: nobody of this name is an active administrator.
    InvalidArgumentError
        ``accounts.weak_password``.
    """
    user = find(name)
    if user is None or not queries.administrators(today()).filter(pk=user.pk).exists():
        raise UnknownNameError(
            "accounts.no_such_administrator",
            _(
                "There is no administrator “{name}”. Others get a one-time code from an "
                "administrator; `lantian administrator NAME` makes a new one."
            ).format(name=name),
            {"administrators": [u.name for u in queries.administrators(today())]},
        )
    check_password_rules(password, user)
    with transaction.atomic():
        ended = replace_password(user, password, must_change=must_change)
        forget_factor(user)
        forget_failures(username=user.name)
        record("accounts.administrator_reset", user, ended, actor=system(_("command line")))
    return user
