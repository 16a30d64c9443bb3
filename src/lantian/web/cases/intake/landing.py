"""Taking in what came from outside: once only, by whoever brings it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from django.db import IntegrityError, transaction
from django.http import HttpRequest

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.web.accounts.access import in_force
from lantian.web.accounts.models import Appointment
from lantian.web.accounts.roles import ROLES
from lantian.web.audit.actors import of_request
from lantian.web.cases.actions import Report, take_in
from lantian.web.cases.doers import Doer, within
from lantian.web.cases.models import Case, Incoming
from lantian.web.cases.rules import Rules
from lantian.web.cases.table import TABLE
from lantian.web.core import clock
from lantian.web.places.models import Territory

Kind = Literal["excursion", "hotline", "fire", "public"]


@dataclass(frozen=True)
class Origin:
    """What a case is made of: see :class:`lantian.web.cases.models.Incoming`.

    Parameters
    ----------
    key
        Tells it from all others of its kind.
    also
        Further keys that are part of it, e.g. the other detections of a fire.
    """

    kind: Kind
    key: str
    data: Mapping[str, Any] = field(default_factory=dict)
    also: Sequence[str] = ()
    sender: str = ""


def land(
    report: Report, doer: Doer | str, rules: Rules, *, now: datetime, origin: Origin | None = None
) -> Case:
    """Take a problem in and keep what it came from; a second case of the same is refused.

    Raises
    ------
    DomainError
        ``cases.came_already``, and all of :func:`lantian.web.cases.actions.take_in`.
    """
    if origin is None:
        return take_in(report, doer, rules, now=now)
    keys = list(dict.fromkeys((origin.key, *origin.also)))
    _refuse_known(origin.kind, keys)
    try:
        with transaction.atomic():
            case = take_in(report, doer, rules, now=now)
            Incoming.objects.bulk_create(
                Incoming(
                    case=case, kind=origin.kind, key=key, at=now, sender=origin.sender,
                    data=dict(origin.data) if key == origin.key else {},
                )
                for key in keys
            )  # fmt: skip
    except IntegrityError:  # somebody took it in meanwhile; any other fault is as it was
        _refuse_known(origin.kind, keys)
        raise
    return case


def known(kind: Kind, keys: Iterable[str]) -> dict[str, Case]:
    """Return the cases made of these keys, by key; one query for each 500."""
    wanted = list(keys)
    found: dict[str, Case] = {}
    for start in range(0, len(wanted), 500):
        rows = Incoming.objects.filter(kind=kind, key__in=wanted[start : start + 500])
        found |= {row.key: row.case for row in rows.select_related("case")}
    return found


def doers_of(request: HttpRequest) -> list[Doer]:
    """Return the posts of a person in which a problem may be taken in; none: they may not."""
    roles = frozenset().union(*(who.roles for who in TABLE.actions["take_in"].who))
    posts = in_force(Appointment.objects.filter(user=request.user.pk), clock.today())
    order = {role: n for n, role in enumerate(ROLES)}
    mine = [p for p in posts.select_related("territory", "organisation") if p.role in roles]
    mine.sort(key=lambda p: (order[p.role], p.pk))
    return [Doer(request.user, post, of_request(request)) for post in mine]  # type: ignore[arg-type]


def doer_for(request: HttpRequest, territory: Territory | None) -> Doer:
    """Return the post in which a person takes in what lies in a territory.

    Raises
    ------
    DomainError
        ``cases.not_your_role``: they hold none that may.
    """
    mine = doers_of(request)
    if not mine:
        raise DomainError("cases.not_your_role", _("None of your posts takes in cases."))
    if territory is None:
        return mine[0]
    return next((d for d in mine if within(d.post.territory, territory)), mine[0])


def _refuse_known(kind: Kind, keys: Sequence[str]) -> None:
    there = known(kind, keys)
    if there:
        code = next(iter(there.values())).code
        raise DomainError(
            "cases.came_already",
            _("This was taken in already, as case {case}.").format(case=code),
            {"case": code},
        )
