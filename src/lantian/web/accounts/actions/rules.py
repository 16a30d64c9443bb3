"""What several actions check."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.web.accounts.models import Appointment, User
from lantian.web.accounts.roles import ADMINISTRATOR
from lantian.web.audit.actors import Actor
from lantian.web.core.clock import today

MANAGE = "accounts.manage"


def need(by: Actor, capability: str = MANAGE) -> None:
    """Make sure that an actor may do something.

    Raises
    ------
    PermissionDenied
        The posts of the actor do not include it.
    """
    if by.may is not None and capability not in by.may:
        raise PermissionDenied(
            _("Your posts do not include this. An administrator can change that.")
        )


def is_self(by: Actor, user: User) -> bool:
    """Say whether somebody acts on their own account."""
    return by.id is not None and by.id == user.pk


def lock_administrators() -> None:
    """Let nobody else take an administrator away until the transaction is over."""
    rows = Appointment.objects.select_for_update().filter(role=ADMINISTRATOR).order_by("pk")
    list(rows.values_list("pk", flat=True))


def keep_an_administrator() -> None:
    """Make sure, at the end of an action, that somebody active is administrator without an end.

    Raises
    ------
    DomainError
        ``accounts.last_administrator``; it undoes the transaction it is raised in.
    """
    left = Appointment.objects.filter(
        role=ADMINISTRATOR, deputy_for=None, valid_to=None, valid_from__lte=today(),
        user__is_active=True,
    )  # fmt: skip
    if not left.exists():
        raise DomainError(
            "accounts.last_administrator",
            _(
                "Nobody would be administrator any more. Give that post to somebody else first, "
                "without a last day; a deputy does not count."
            ),
        )
