"""Which documents may be issued about a case now, by whom, and what they go by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.web.accounts.roles import ROLES
from lantian.web.cases.doers import Doer, responsibility, within
from lantian.web.cases.models import Case, CaseEvent, CaseParty, Climb
from lantian.web.cases.models.case import ASSIGNED
from lantian.web.documents.kinds import Kind, kinds

ISSUE = "documents.issue"
UNIT_ROLES = frozenset({"town_officer", "department_officer", "enterprise_officer"})


@dataclass(frozen=True)
class Basis:
    """What a document goes by: the last event of its kind, or the last rung that was issued."""

    event: CaseEvent | None = None
    climb: Climb | None = None


@dataclass(frozen=True)
class Bases:
    """What has happened to a case that documents go by."""

    case: Case
    events: Sequence[CaseEvent]
    climbs: Sequence[Climb]

    def of(self, kind: Kind) -> Basis | None:
        """Return what a document of a kind would go by; None: nothing, so it is not issued."""
        if self.case.state not in ASSIGNED:
            return None
        if "close" in kind.actions and self.case.state != "closed":
            return None  # reopened since
        events = [e for e in self.events if e.action in kind.actions]
        climbs = [c for c in self.climbs if c.rung in kind.rungs]
        if events:
            return Basis(event=events[-1])
        return Basis(climb=climbs[-1]) if climbs else None


def bases(case: Case) -> Bases:
    """Return what has happened to a case that documents go by; two queries."""
    actions = sorted({a for k in kinds().values() for a in k.actions})
    events = CaseEvent.objects.filter(case=case, action__in=actions).select_related("organisation")
    climbs = Climb.objects.filter(case=case, taken_at__isnull=False).select_related("step")
    return Bases(case, list(events.order_by("number")), list(climbs.order_by("taken_at", "pk")))


def may(kind: Kind, basis: Basis, case: Case, doer: Doer) -> bool:
    """Say whether somebody, in one of their posts, issues a document of a kind about a case."""
    role = doer.post.role
    if kind.by == "unit":
        return role in UNIT_ROLES and _takes_part(case, doer.post.organisation_id)
    if ISSUE in ROLES[role].may and within(doer.post.territory, case.territory):
        return True
    found = basis.event
    return kind.by == "reinspector" and found is not None and found.actor_id == doer.user.pk


def chosen(kind: Kind, basis: Basis, case: Case, held: Sequence[Doer]) -> Doer | None:
    """Return the first post of a person in which they may issue it; None: in none."""
    return next((d for d in held if may(kind, basis, case, d)), None)


def refused(kind: Kind, case: Case) -> DomainError:
    """Return why somebody does not issue a document."""
    who = {
        "office": _("It is issued by dispatchers and leaders in whose territory the case lies."),
        "unit": _("It is written by an officer of a unit that takes part in the case."),
        "reinspector": _("It is issued by who re-inspected, by dispatchers and by leaders."),
    }[kind.by]
    return DomainError(
        "documents.not_yours",
        _("You do not issue “{kind}” of case {case}. {who}").format(
            kind=kind.short, case=case.code, who=who
        ),
    )


def not_yet(kind: Kind, case: Case) -> DomainError:
    """Return why there is nothing yet that a document would go by."""
    when = {
        "assignment_order": _("It goes out once the case is dispatched."),
        "supervision_order": _("It goes out once a supervision was signed under My work."),
        "rectification_reply": _("It is written once the case is dispatched."),
        "reinspection_record": _("It is made once the case was re-inspected."),
        "close_out_form": _("It is made once the case is closed."),
        "notice_of_talk": _("It goes out once a formal talk was signed under My work."),
    }[kind.code]
    return DomainError(
        "documents.not_yet",
        _("“{kind}” of case {case} is not issued now. {when}").format(
            kind=kind.short, case=case.code, when=when
        ),
    )


def _takes_part(case: Case, organisation: int | None) -> bool:
    if organisation is None or responsibility(case) is None:
        return False
    return CaseParty.objects.filter(case=case, organisation=organisation).exists()
