"""Who acts in the story: people whose posts allow it, so that every separation of duties holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lantian.web.accounts.access import in_force
from lantian.web.accounts.models import Appointment
from lantian.web.cases.actions.acting import day_of
from lantian.web.cases.demo.planning import Plan
from lantian.web.cases.doers import Doer, responsibility, within
from lantian.web.cases.models import Case
from lantian.web.duties.models import Organisation
from lantian.web.places.models import Territory

_OFFICERS = ("town_officer", "department_officer")
_OF_AN_OFFICE = "office"


@dataclass
class People:
    """The posts of the county on the day the story ends.

    Parameters
    ----------
    posts
        With person, unit and territory.
    units
        Organisations by id.
    towns
        Territories by name.
    """

    posts: Sequence[Appointment]
    units: Mapping[int, Organisation]
    towns: Mapping[str, Territory]

    @classmethod
    def on(cls, now: datetime) -> People:
        """Return those who hold a post at a moment."""
        rows = in_force(Appointment.objects.filter(user__is_active=True), day_of(now))
        posts = rows.select_related("user", "organisation", "territory").order_by("pk")
        units = {o.pk: o for o in Organisation.objects.all()}
        return cls(list(posts), units, {t.name: t for t in Territory.objects.all()})

    def dispatcher(self, plan: Plan) -> Doer:
        """Return who has the desk that day."""
        return self._one(plan, [p for p in self.posts if p.role == "dispatcher"])

    def leader(self, plan: Plan) -> Doer:
        """Return a leader of the office itself, who is not in charge of a unit of the case."""
        return self._one(
            plan,
            [
                p for p in self.posts
                if p.role == "leader" and p.organisation is not None
                and p.organisation.kind == _OF_AN_OFFICE and p.organisation.parent_id is not None
            ],
        )  # fmt: skip

    def on_site(self, plan: Plan, case: Case) -> Doer:
        """Return who looks first: a grid member of the place."""
        grid = [p for p in self.posts if p.role == "grid_member"]
        return self._one(plan, [p for p in grid if within(p.territory, case.territory)])

    def inspector(self, plan: Plan) -> Doer:
        """Return somebody of the inspection, a unit that takes part in no case."""
        return self._one(plan, [p for p in self.posts if p.role == "inspector"])

    def officer(self, case: Case) -> Doer:
        """Return who acts for the unit that answers for a case."""
        found = responsibility(case)
        lead = None if found is None else found.lead.organisation
        own = [p for p in self.posts if p.organisation_id == lead and p.role in _OFFICERS]
        fit = [p for p in own if within(p.territory, case.territory)]
        return Doer(fit[0].user, fit[0])

    def enterprise(self, case: Case) -> Doer | None:
        """Return who acts for the enterprise a case is about; None: it has nobody."""
        found = responsibility(case)
        if found is None or found.subject is None:
            return None
        unit = found.subject.organisation
        own = [
            p for p in self.posts if p.organisation_id == unit and p.role == "enterprise_officer"
        ]
        return Doer(own[0].user, own[0]) if own else None

    def another_unit(self, case: Case) -> Organisation:
        """Return a unit besides the one that answers: it takes part, and somebody acts for it."""
        found = responsibility(case)
        parties = [] if found is None else [p.organisation for p in found.parties()]
        lead = None if found is None else found.lead.organisation
        acting = {p.organisation_id for p in self.posts if p.role == "department_officer"} - {lead}
        others = [pk for pk in parties if pk in acting]
        others += sorted(pk for pk in acting if pk is not None)
        return self.units[others[0]]

    def of(self, user: int | None, role: str) -> Doer:
        """Return somebody in a role they hold."""
        post = next(p for p in self.posts if p.user_id == user and p.role == role)
        return Doer(post.user, post)

    def _one(self, plan: Plan, posts: Sequence[Appointment]) -> Doer:
        post = posts[plan.number % len(posts)]
        return Doer(post.user, post)
