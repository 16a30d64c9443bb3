"""Who acts, and who they are to a case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.web.accounts.access import in_force
from lantian.web.accounts.models import Appointment, User
from lantian.web.audit.actors import Actor
from lantian.web.cases.models import Case, CaseEvent, Signature
from lantian.web.cases.table import Standing, Unit
from lantian.web.duties.responsibility import Responsibility
from lantian.web.places.models import Territory


@dataclass(frozen=True)
class Doer:
    """A person acting in one of their posts.

    Parameters
    ----------
    via
        Where the request came from, for the log; None: by the name alone.
    """

    user: User
    post: Appointment
    via: Actor | None = None

    @property
    def actor(self) -> Actor:
        """Return who the log says it was."""
        return self.via or Actor(name=self.user.name, id=self.user.pk)

    @property
    def root(self) -> int:
        """Return the post itself, or the one it stands in for."""
        return self.post.deputy_for_id or self.post.pk


def posts_of(doer: Doer, day: date) -> list[Appointment]:
    """Return the posts somebody holds on a day, the one they act in among them.

    Raises
    ------
    DomainError
        ``cases.post_not_held``.
    """
    rows = Appointment.objects.filter(user=doer.user, user__is_active=True)
    posts = list(in_force(rows, day))
    if doer.post.pk not in {p.pk for p in posts}:
        raise DomainError(
            "cases.post_not_held",
            _("{name} does not hold this post any more. Look at your posts and try again.").format(
                name=doer.user.name
            ),
        )
    return posts


def within(territory: Territory | None, place: Territory) -> bool:
    """Say whether a place lies in a territory (None: the whole network)."""
    if territory is None:
        return True
    above: Territory | None = place
    while above is not None:
        if above.pk == territory.pk:
            return True
        above = above.parent
    return False


def responsibility(case: Case) -> Responsibility | None:
    """Return who answers for a case; None: it is not dispatched."""
    record = case.responsibility
    return None if record is None else Responsibility.from_record(record)


def standing(case: Case, doer: Doer, posts: Iterable[Appointment]) -> Standing:
    """Return who somebody is to a case.

    Parameters
    ----------
    posts
        All the person holds, as of :func:`posts_of`.
    """
    found = responsibility(case)
    lead = None if found is None else found.lead.organisation
    parties = set() if found is None else {p.organisation for p in found.parties()}
    if case.source is not None and case.source.organisation_id is not None:
        parties.add(case.source.organisation_id)
    deeds = [] if found is None else _deeds(case)
    units = {p.organisation_id for p in posts if p.organisation_id is not None}
    own = doer.post.organisation_id
    unit: Unit = "outside"
    if own is not None and own in parties:
        unit = "lead" if own == lead else "supporting"
    return Standing(
        role=doer.post.role,
        unit=unit,
        apart=not units & (parties | {e.organisation_id for e in deeds if e.action == "finish"}),
        in_place=within(doer.post.territory, case.territory),
        did=frozenset(_did(case, doer, found, deeds)),
    )


def signatures(case: Case) -> list[Signature]:
    """Return the signatures that count: those of this round, while it is to be closed."""
    if case.state != "closing":
        return []
    return list(Signature.objects.filter(case=case, round=case.round))


def _deeds(case: Case) -> list[CaseEvent]:
    kept = ("action", "actor_id", "root_post", "organisation_id")
    rows = CaseEvent.objects.filter(case=case, action__in=("finish", "pass")).order_by("number")
    return list(rows.only(*kept))


def _did(case: Case, doer: Doer, found: Responsibility | None, deeds: list[CaseEvent]) -> list[str]:
    def same(event: CaseEvent) -> bool:
        return event.actor_id == doer.user.pk or event.root_post == doer.root

    did = []
    if case.dispatched_by_id == doer.user.pk:
        did.append("dispatched")
    if any(same(e) for e in deeds if e.action == "finish"):
        did.append("rectified")
    passed = [e for e in deeds if e.action == "pass"]
    if passed and same(passed[-1]):
        did.append("reinspected")
    if any(s.user_id == doer.user.pk or s.post == doer.root for s in signatures(case)):
        did.append("signed")
    if found is not None:
        holders = [h for p in found.parties() for h in p.holders]
        holders += [h for h in (found.leader, found.grid) if h is not None]
        if any(h.user == doer.user.pk or h.post in (doer.post.pk, doer.root) for h in holders):
            did.append("scored")
    return did
