"""The table of transitions as conditions of the database: which cases somebody may act on.

:func:`may` finds in one query what :func:`lantian.web.cases.queries.possible` says of one case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.functions import Cast, Coalesce

from lantian.web.accounts.models import Appointment
from lantian.web.cases.models import Case, CaseParty, Signature
from lantian.web.cases.queries import deeds
from lantian.web.cases.table import TABLE, Action, Who
from lantian.web.places.queries import descendants

_PENDING = {
    "extension": Q(extension_until__isnull=False),
    "look_back": Q(look_back_on__isnull=False),
}
_NOBODY = Q(pk__in=())
_ALL = Q(pk__isnull=False)  # unlike Q(), which vanishes beside another condition


@dataclass(frozen=True)
class Person:
    """Somebody with the posts they hold on a day.

    Parameters
    ----------
    places
        Territories of each post and below, by post; none of a post of the whole network.
    """

    user: int
    posts: tuple[Appointment, ...]
    places: Mapping[int, tuple[int, ...]]

    @property
    def units(self) -> frozenset[int]:
        """Return the units of all the posts."""
        return frozenset(p.organisation_id for p in self.posts if p.organisation_id is not None)

    def within(self, post: Appointment, name: str = "territory_id") -> Q:
        """Return the condition that a case lies in the territory of a post."""
        return Q(**{f"{name}__in": self.places[post.pk]}) if post.pk in self.places else _ALL


def person(user: int, posts: Sequence[Appointment]) -> Person:
    """Return somebody with their posts, which have their territories joined."""
    local = [p for p in posts if p.territory is not None]
    below = {
        t.pk: tuple(sorted(d.pk for d in descendants([t])))
        for t in {p.territory for p in local if p.territory is not None}
    }
    places = {p.pk: below[p.territory_id] for p in local if p.territory_id is not None}
    return Person(user, tuple(posts), places)


def prepared(rows: QuerySet[Case]) -> QuerySet[Case]:
    """Return ``rows`` with what the conditions of :func:`may` need."""
    signed = Signature.objects.filter(case=OuterRef("pk"), round=OuterRef("round")).order_by()
    counted = signed.values("case").annotate(n=Count("pk")).values("n")
    return rows.alias(
        record=Cast("responsibility", TextField()), signed=Coalesce(Subquery(counted), 0)
    )


def may(action: Action, who: Person) -> Q:
    """Return the condition of the cases with which somebody may do an action, in any post.

    The rows are :func:`prepared`.
    """
    found = _NOBODY
    for post in who.posts:
        for entry in action.who:
            if post.role in entry.roles:
                found |= _entry(entry, post, who)
    return Q(state__in=action.states) & _due(action) & found


def apart(units: Iterable[int]) -> Q:
    """Return the condition that none of ``units`` takes part in a case, nor ever rectified it."""
    given = sorted(units)
    if not given:
        return Q()
    rectified = deeds("pk", "finish").filter(organisation__in=given)
    return ~_party(given) & ~Q(Exists(rectified))


def unscored(who: Person, post: Appointment) -> Q:
    """Return the condition that neither the person nor the post is named as responsible."""
    named = [f'"user": {who.user},', f'"post": {post.pk},', f'"post": {_root(post)},']
    return ~(Q(record__isnull=False) & _any(Q(record__contains=text) for text in named))


def _entry(entry: Who, post: Appointment, who: Person) -> Q:
    own = post.organisation_id
    condition = who.within(post)
    if entry.unit == "lead":
        condition &= Q(lead=own) if own is not None else _NOBODY
    elif entry.unit == "party":
        condition &= _party([own]) if own is not None else _NOBODY
    elif entry.unit == "outside":
        condition &= apart(who.units)
    for count, most in entry.most.items():
        condition &= Q(**{f"{count}__lte": most})
    if entry.self == "dispatched":
        condition &= Q(dispatched_by=who.user)
    for deed in entry.barred:
        condition &= _BARRED[deed](who, post)
    return condition


def _due(action: Action) -> Q:
    condition = Q()
    if action.pending:
        condition &= _PENDING[action.pending]
    if action.not_pending:
        condition &= ~_PENDING[action.not_pending]
    if action.serious:
        condition &= Q(severity="serious")
    if action.signatures:
        condition &= ~Q(severity="serious") | Q(signed__gte=action.signatures)
    return condition


def _party(units: Sequence[int]) -> Q:
    part = Exists(CaseParty.objects.filter(case=OuterRef("pk"), organisation__in=units))
    return Q(part) | Q(source__organisation__in=units)


def _same(who: Person, post: Appointment) -> Q:
    return Q(actor=who.user) | Q(root_post=_root(post))


def _root(post: Appointment) -> int:
    return post.deputy_for_id or post.pk


def _not_rectified(who: Person, post: Appointment) -> Q:
    return ~Q(Exists(deeds("pk", "finish").filter(_same(who, post))))


def _not_reinspected(who: Person, post: Appointment) -> Q:
    passed = deeds("case", "pass").order_by("-number")
    last = deeds("pk", "pass").filter(
        _same(who, post), number=Subquery(passed.values("number")[:1])
    )
    return ~Q(Exists(last))


def _not_signed(who: Person, post: Appointment) -> Q:
    mine = Signature.objects.filter(
        Q(user=who.user) | Q(post=_root(post)), case=OuterRef("pk"), round=OuterRef("round")
    )
    return ~Q(Exists(mine))


_BARRED = {
    "rectified": _not_rectified,
    "reinspected": _not_reinspected,
    "signed": _not_signed,
    "scored": unscored,
}


def _any(conditions: Iterable[Q]) -> Q:
    found = _NOBODY
    for condition in conditions:
        found |= condition
    return found


def done(action: str) -> Q:
    """Return the condition that an action was done to a case, whoever did it."""
    return Q(Exists(deeds("pk", action)))


def states(actions: Iterable[str]) -> frozenset[str]:
    """Return the states in which one of some actions is possible."""
    return frozenset().union(*(TABLE.actions[a].states for a in actions))
