"""Who is told what was done to a case: units it was given to, deciders, those mentioned."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.utils import timezone

from lantian.web.accounts.access import in_force
from lantian.web.accounts.models import Appointment, User
from lantian.web.cases.doers import responsibility
from lantian.web.cases.models import Case, CaseEvent, Comment
from lantian.web.cases.table import TABLE
from lantian.web.duties.responsibility import Party, Responsibility
from lantian.web.notifications.actions import tell
from lantian.web.places.models import Territory

if TYPE_CHECKING:
    from lantian.web.cases.actions.acting import Job

# What the lead unit is told of, with the kind of the notice.
_LEAD_TOLD: Mapping[str, str] = {
    "withdraw": "cases.withdrawn",
    "uphold": "cases.upheld",
    "grant_extension": "cases.extension_granted",
    "refuse_extension": "cases.extension_refused",
    "fail": "cases.failed",
    "refuse_close": "cases.closing_refused",
    "relapse": "cases.relapsed",
}
# What somebody has to decide: with what action, and the kind of the notice.
_TO_DECIDE: Mapping[str, tuple[str, str]] = {
    "return": ("uphold", "cases.to_arbitrate"),
    "ask_extension": ("grant_extension", "cases.extension_asked"),
}


@dataclass(frozen=True)
class _Post:
    user: int
    role: str
    territory: int | None
    organisation: int | None


class Directory:
    """Who holds the posts of a role on a day, by place; read once, asked for many cases."""

    def __init__(self, day: date, roles: Collection[str]) -> None:
        posts = in_force(Appointment.objects.filter(role__in=roles, user__is_active=True), day)
        fields = ("user_id", "role", "territory_id", "organisation_id")
        self._posts = [_Post(*row) for row in posts.values_list(*fields)]
        self._above = dict(Territory.objects.values_list("pk", "parent_id"))

    def holders(self, roles: Collection[str], case: Case, *, apart: bool) -> set[int]:
        """Return the people with a post of one of ``roles`` for the place of a case.

        Parameters
        ----------
        apart
            Leave out the posts of units that take part in it.
        """
        places: set[int] = set()
        here: int | None = case.territory_id
        while here is not None and here not in places:
            places.add(here)
            here = self._above.get(here)
        found = responsibility(case) if apart else None
        units = {p.organisation for p in found.parties()} if found is not None else set()
        return {
            p.user
            for p in self._posts
            if p.role in roles
            and (p.territory is None or p.territory in places)
            and (p.organisation is None or p.organisation not in units)
        }


def after(job: Job, event: CaseEvent) -> None:
    """Tell those whom an action concerns, in its transaction and before it is logged."""
    action, case, by = job.move.action.code, job.case, job.doer.user
    about = {"case": case.code, "title": case.title, "by": by.name, "reason": event.reason}
    key = f"{case.code}/{event.number}"

    def say(kind: str, people: Iterable[int], **more: str) -> None:
        tell(kind, people, key=key, now=job.now, case=case, data=about | more, but=by)

    found = responsibility(case)
    if action in ("dispatch", "reassign") and found is not None:
        lead = _users([found.lead])
        say("cases.given", lead, unit=found.lead.name)
        say("cases.takes_part", _others(found) - lead, unit=found.lead.name)
    elif action in _LEAD_TOLD:
        if action == "withdraw":  # the case has no responsibility any more
            found = Responsibility.from_record(job.data["responsibility"])
        if found is not None:
            say(_LEAD_TOLD[action], _users([found.lead]))
    elif action in _TO_DECIDE:
        deciding, kind = _TO_DECIDE[action]
        roles = _deciders(deciding, case)
        say(kind, Directory(timezone.localdate(event.at), roles).holders(roles, case, apart=True))
    elif action == "finish" and found is not None and found.grid is not None:
        say("cases.to_reinspect", [found.grid.user])


def mentioned(comment: Comment, people: Iterable[User]) -> None:
    """Tell those mentioned in a comment; in its transaction."""
    case, by = comment.case, comment.author
    tell(
        "cases.mentioned", people, key=f"{case.code}/c{comment.pk}", now=comment.at, case=case,
        data={"by": by.name, "text": comment.text}, but=by,
    )  # fmt: skip


def _deciders(action: str, case: Case) -> list[str]:
    """Return the roles that may decide as often as the case has been through it."""
    entries = TABLE.actions[action].who
    fitting = [w for w in entries if all(getattr(case, c) <= most for c, most in w.most.items())]
    # the nearest one first: who is there for all cases need not be told of what another decides
    return sorted(fitting[0].roles)


def _users(parties: Iterable[Party]) -> set[int]:
    return {h.user for p in parties for h in p.holders}


def _others(found: Responsibility) -> set[int]:
    named = {h.user for h in (found.grid, found.leader) if h is not None}
    return named | _users(found.parties()[1:])
