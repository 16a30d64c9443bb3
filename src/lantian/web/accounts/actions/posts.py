"""Giving posts, ending them, and standing in for somebody."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction

from lantian.errors import InvalidArgumentError, UnknownNameError
from lantian.i18n import gettext as _
from lantian.web.accounts import queries
from lantian.web.accounts.access import lasts
from lantian.web.accounts.actions.people import facts_of_post
from lantian.web.accounts.actions.rules import (
    MANAGE,
    is_self,
    keep_an_administrator,
    lock_administrators,
    need,
)
from lantian.web.accounts.models import Appointment, User
from lantian.web.accounts.roles import ADMINISTRATOR, ROLES
from lantian.web.audit.actors import Actor
from lantian.web.audit.chain import record
from lantian.web.core.clock import today
from lantian.web.duties.models import Organisation
from lantian.web.duties.sectors import SECTORS
from lantian.web.places.models import Territory

# How long somebody may stand in at a stretch: longer is a post of its own.
LONGEST = timedelta(days=92)


def give_post(
    by: Actor,
    user: User,
    role: str,
    territory: Territory | None = None,
    *,
    valid_from: date,
    valid_to: date | None = None,
    organisation: Organisation | None = None,
    sector: str = "",
) -> Appointment:
    """Give a person a post, both days included.

    Parameters
    ----------
    territory
        For roles whose reach is a territory; None: the whole network.
    organisation, sector
        The unit the post belongs to, and the sector it is for; None and empty: not said.

    Raises
    ------
    UnknownNameError
        ``accounts.unknown_role``, ``accounts.unknown_sector``.
    InvalidArgumentError
        ``accounts.no_territory_here``, ``accounts.reversed_days``, ``accounts.post_held``.
    """
    need(by)
    if role not in ROLES:
        message = _("There is no role “{role}”.").format(role=role)
        raise UnknownNameError("accounts.unknown_role", message)
    if territory is not None and ROLES[role].reach != "territory":
        raise InvalidArgumentError(
            "accounts.no_territory_here",
            _("The role {role} has no territory; leave it empty.").format(role=ROLES[role].title),
        )
    if sector and sector not in SECTORS:
        message = _("There is no sector “{sector}”.").format(sector=sector)
        raise UnknownNameError("accounts.unknown_sector", message)
    _in_order(valid_from, valid_to)
    made = Appointment(
        user=user, role=role, territory=territory, organisation=organisation, sector=sector,
        valid_from=valid_from, valid_to=valid_to,
    )  # fmt: skip
    with transaction.atomic():
        _not_twice(made)
        made.save()
        record("accounts.post_given", user, {"after": facts_of_post(made)}, actor=by)
    return made


def end_post(by: Actor, post: Appointment, last_day: date | None = None) -> None:
    """End a post, and with it the days of those who stand in for it.

    Parameters
    ----------
    last_day
        None: at once; the person has no right of it any more from this moment.

    Raises
    ------
    InvalidArgumentError
        ``accounts.reversed_days``: the day is past, or before the first one;
        ``accounts.ends_already``: it ends by then without this.
    DomainError
        ``accounts.last_administrator``.
    """
    need(by)
    before = facts_of_post(post)
    if last_day is not None and last_day < max(today(), post.valid_from):
        raise _reversed()
    with transaction.atomic():
        if post.role == ADMINISTRATOR:
            lock_administrators()
        ended = last_day or today() - timedelta(days=1)
        _not_prolonged(post, ended)
        _shorten_deputies(post, ended)
        user = post.user
        _end(post, ended)
        if post.role == ADMINISTRATOR and post.deputy_for_id is None:
            keep_an_administrator()
        after = None if last_day is None else {**before, "to": last_day.isoformat()}
        record("accounts.post_ended", user, {"before": before, "after": after}, actor=by)


def name_deputy(by: Actor, post: Appointment, deputy: User, first: date, last: date) -> Appointment:
    """Let somebody stand in for a post for some days: both hold it then.

    Its holder may do so, and an administrator.

    Raises
    ------
    InvalidArgumentError
        ``accounts.not_deputisable`` (a deputy's own, or an ended one), ``accounts.bad_deputy``
        (the holder, somebody inactive, or nobody :func:`~lantian.web.accounts.queries.colleagues`
        knows, unless an administrator names them), ``accounts.reversed_days``,
        ``accounts.too_long``, ``accounts.post_held``.
    """
    if not is_self(by, post.user):
        need(by)
    if post.deputy_for_id is not None:
        raise InvalidArgumentError(
            "accounts.not_deputisable",
            _("Who stands in for somebody cannot pass that on. Ask the holder of the post."),
        )
    if deputy.pk == post.user_id or not deputy.is_active:
        message = _("Choose somebody else who is active as the deputy.")
        raise InvalidArgumentError("accounts.bad_deputy", message)
    if by.may is not None and MANAGE not in by.may:
        near = queries.colleagues(post, today())
        if not near.filter(pk=deputy.pk).exists():
            raise InvalidArgumentError(
                "accounts.bad_deputy",
                _("Only an administrator can name somebody from elsewhere as the deputy."),
            )
    if first < today():
        message = _("The first day is past; a deputy begins today or later.")
        raise InvalidArgumentError("accounts.reversed_days", message)
    _in_order(first, last)
    if last - first >= LONGEST:
        raise InvalidArgumentError(
            "accounts.too_long",
            _("A deputy stands in for at most {n} days; longer is a post of its own.").format(
                n=LONGEST.days
            ),
        )
    if first < post.valid_from or (post.valid_to is not None and last > post.valid_to):
        raise InvalidArgumentError(
            "accounts.not_deputisable", _("The post is not held on all of these days.")
        )
    made = Appointment(
        user=deputy, role=post.role, territory=post.territory, organisation=post.organisation,
        sector=post.sector, valid_from=first, valid_to=last, deputy_for=post,
    )  # fmt: skip
    with transaction.atomic():
        _not_twice(made)
        made.save()
        record("accounts.deputy_named", deputy, {"after": facts_of_post(made)}, actor=by)
    return made


def end_deputy(by: Actor, stand_in: Appointment) -> None:
    """Take back at once that somebody stands in.

    The holder of the post may do so, the deputy, and an administrator.

    Raises
    ------
    InvalidArgumentError
        ``accounts.not_deputisable``: the post is not a deputy’s; ``accounts.ends_already``.
    """
    if stand_in.deputy_for is None:
        message = _("This post is not a deputy’s.")
        raise InvalidArgumentError("accounts.not_deputisable", message)
    if not (is_self(by, stand_in.deputy_for.user) or is_self(by, stand_in.user)):
        need(by)
    before, deputy = facts_of_post(stand_in), stand_in.user
    ended = today() - timedelta(days=1)
    with transaction.atomic():
        _not_prolonged(stand_in, ended)
        _end(stand_in, ended)
        record("accounts.deputy_ended", deputy, {"before": before}, actor=by)


def _not_prolonged(post: Appointment, last_day: date) -> None:
    """Refuse an end that is none: the page may be older than what ended the post."""
    post.refresh_from_db(fields=("valid_to",))
    if post.valid_to is not None and post.valid_to <= last_day:
        raise InvalidArgumentError(
            "accounts.ends_already",
            _("The post ends on {day} already. To let it go on, give it anew from then.").format(
                day=post.valid_to.isoformat()
            ),
        )


def _end(post: Appointment, last_day: date) -> None:
    """Set the last day; a post that would end before it began never was, and goes."""
    if last_day < post.valid_from:
        post.delete()
    else:
        post.valid_to = last_day
        post.save(update_fields=["valid_to"])


def _shorten_deputies(post: Appointment, last_day: date) -> None:
    Appointment.objects.filter(deputy_for=post, valid_from__gt=last_day).delete()
    late = Appointment.objects.filter(deputy_for=post).exclude(valid_to__lte=last_day)
    late.update(valid_to=last_day)
    # a post that goes altogether takes the past deputies' reference with it
    if last_day < post.valid_from:
        Appointment.objects.filter(deputy_for=post).delete()


def _in_order(first: date, last: date | None) -> None:
    if last is not None and last < first:
        raise _reversed()


def _reversed() -> InvalidArgumentError:
    return InvalidArgumentError(
        "accounts.reversed_days",
        _("The last day must not be before the first one, nor in the past."),
    )


def _not_twice(post: Appointment) -> None:
    """Refuse a post that its holder has on some of its days already."""
    same = Appointment.objects.filter(
        lasts(post.valid_from), user=post.user, role=post.role, territory=post.territory,
        organisation=post.organisation, sector=post.sector,
    )  # fmt: skip
    if post.valid_to is not None:
        same = same.filter(valid_from__lte=post.valid_to)
    if same.exists():
        raise InvalidArgumentError(
            "accounts.post_held",
            _("{name} holds this post on some of these days already.").format(name=post.user.name),
        )
