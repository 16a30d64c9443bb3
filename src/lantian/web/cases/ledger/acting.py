"""The posts of a person, and by which of them something is done to a case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from django.http import HttpRequest

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.web.accounts.access import in_force
from lantian.web.accounts.models import Appointment, User
from lantian.web.audit.actors import Actor, of_request
from lantian.web.cases import refusals
from lantian.web.cases.actions import Doer
from lantian.web.cases.actions.acting import situation
from lantian.web.cases.doers import responsibility, standing
from lantian.web.cases.models import Case
from lantian.web.cases.table import TABLE, Refusal, judge
from lantian.web.core.clock import today


@dataclass(frozen=True)
class Acting:
    """Somebody who acts on several cases, with all posts they hold."""

    user: User
    posts: Sequence[Appointment]
    via: Actor | None = None

    @classmethod
    def of(cls, request: HttpRequest) -> Acting:
        """Return who sends a request."""
        return cls.on(cast(User, request.user), today(), of_request(request))

    @classmethod
    def on(cls, user: User, day: date, via: Actor | None = None) -> Acting:
        """Return somebody with the posts of a day."""
        rows = in_force(Appointment.objects.filter(user=user), day)
        return cls(user, list(rows.select_related("territory", "organisation")), via)

    def doer(self, action: str, case: Case, given: frozenset[str]) -> Doer:
        """Return the person in the first post that may do something to a case.

        Raises
        ------
        DomainError
            None may: the refusal of a post whose role could, else of the first.
        """
        refused: list[Refusal] = []
        where = situation(case)
        for post in self.posts:
            doer = Doer(self.user, post, self.via)
            found = judge(TABLE, action, where, standing(case, doer, self.posts), given)
            if not isinstance(found, Refusal):
                return doer
            refused.append(found)
        if not refused:
            raise DomainError("cases.no_post", _("You hold no post today."))
        told = next((r for r in refused if r.code != "cases.not_your_role"), refused[0])
        lead = responsibility(case)
        raise refusals.error(told, case.code, "" if lead is None else lead.lead.name)
