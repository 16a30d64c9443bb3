"""All posts of somebody who leaves, to somebody else, in one go."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from django.db import transaction

from lantian.errors import DomainError, InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.web.accounts.access import lasts
from lantian.web.accounts.actions.people import facts_of_post
from lantian.web.accounts.actions.posts import end_deputy, end_post, give_post
from lantian.web.accounts.actions.rules import need
from lantian.web.accounts.models import Appointment, User
from lantian.web.audit.actors import Actor
from lantian.web.audit.chain import record

What = Literal["moves", "ends", "returns"]


@dataclass(frozen=True)
class Move:
    """What becomes of one post of the person who leaves.

    Parameters
    ----------
    what
        ``moves``: it ends and the successor gets it; ``ends``: it only ends, since the successor
        holds it already; ``returns``: it is a deputy's, and goes back to whose it is.
    first
        The successor's first day; None where it does not move.
    """

    post: Appointment
    what: What
    first: date | None


def planned(leaver: User, successor: User, last_day: date) -> list[Move]:
    """Return what handing over after ``last_day`` would do.

    Posts that end by then anyway are not concerned.

    Raises
    ------
    InvalidArgumentError
        ``accounts.bad_successor``: the same person, or one who cannot sign in.
    """
    if successor.pk == leaver.pk or not successor.is_active:
        message = _("Choose somebody else who is active as the successor.")
        raise InvalidArgumentError("accounts.bad_successor", message)
    named = ("user", "territory", "organisation", "deputy_for__user")
    after = last_day + timedelta(days=1)
    rows = Appointment.objects.filter(lasts(after), user=leaver).select_related(*named)
    held = Appointment.objects.filter(lasts(after), user=successor, deputy_for=None)
    theirs = list(held)
    moves = []
    for post in rows.order_by("role", "valid_from", "pk"):
        first = max(after, post.valid_from)
        if post.deputy_for is not None:
            moves.append(Move(post, "returns", None))
        elif any(_same(post, other, first) for other in theirs):
            moves.append(Move(post, "ends", None))
        else:
            moves.append(Move(post, "moves", first))
    return moves


def fingerprint(moves: Sequence[Move]) -> str:
    """Return a text that changes whenever something else would be done."""
    told = [(m.post.pk, m.what, str(m.first), str(m.post.valid_to)) for m in moves]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:24]


def hand_over(
    by: Actor, leaver: User, successor: User, *, last_day: date, today: date, expected: str
) -> list[Move]:
    """End all posts of a person after a day and give them to another, to the end they had.

    Parameters
    ----------
    last_day
        The leaver's last one; the day before ``today`` for at once.
    expected
        Fingerprint of what the person who decides was shown.

    Raises
    ------
    InvalidArgumentError
        ``accounts.bad_successor``, ``accounts.reversed_days``, ``accounts.nothing_to_move``.
    DomainError
        ``store.not_as_shown``, ``accounts.last_administrator``.
    """
    need(by)
    at_once = last_day == today - timedelta(days=1)
    if last_day < today and not at_once:
        message = _("The last day is past; to hand over at once leave it empty.")
        raise InvalidArgumentError("accounts.reversed_days", message)
    with transaction.atomic():
        list(Appointment.objects.select_for_update().filter(user__in=[leaver, successor]))
        moves = planned(leaver, successor, last_day)
        if not moves:
            message = _("{name} holds no post after that day.").format(name=leaver.name)
            raise InvalidArgumentError("accounts.nothing_to_move", message)
        if fingerprint(moves) != expected:
            raise DomainError(
                "store.not_as_shown",
                _("The posts have changed since this was shown. Nothing was changed; look again."),
            )
        told = [{"what": m.what, **facts_of_post(m.post)} for m in moves]
        for move in moves:  # given first, so that there is an administrator at every moment
            if move.first is not None:
                _give(by, successor, move.post, move.first)
        for move in moves:
            _end(by, move.post, last_day, at_once=at_once)
        data = {"to": successor.name, "last_day": last_day.isoformat(), "posts": told}
        record("accounts.posts_handed_over", leaver, data, actor=by)
    return moves


def _give(by: Actor, successor: User, post: Appointment, first: date) -> None:
    give_post(
        by, successor, post.role, post.territory, valid_from=first, valid_to=post.valid_to,
        organisation=post.organisation, sector=post.sector,
    )  # fmt: skip


def _end(by: Actor, post: Appointment, last_day: date, *, at_once: bool) -> None:
    if at_once or last_day < post.valid_from:  # one that would begin later never does
        if post.deputy_for is None:
            end_post(by, post)
        else:
            end_deputy(by, post)
    else:
        end_post(by, post, last_day)


def _same(post: Appointment, other: Appointment, first: date) -> bool:
    """Say whether ``other`` is the same post, held on a day on which ``post`` would be."""
    alike = (other.role, other.territory_id, other.organisation_id, other.sector) == (
        post.role, post.territory_id, post.organisation_id, post.sector,
    )  # fmt: skip
    overlaps = (other.valid_to is None or other.valid_to >= first) and (
        post.valid_to is None or other.valid_from <= post.valid_to
    )
    return alike and overlaps
