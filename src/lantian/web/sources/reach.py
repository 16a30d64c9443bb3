"""Which sources a person sees: those of their posts' territories, sectors and organisations."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from lantian.web.accounts.access import in_force
from lantian.web.accounts.models import Appointment
from lantian.web.accounts.roles import ROLES
from lantian.web.core.clock import today
from lantian.web.places.queries import descendants
from lantian.web.sources.models import Source

_NEEDS = "sources.see"


@dataclass(frozen=True)
class Reach:
    """What one person sees of the register.

    Parameters
    ----------
    condition
        Of the sources; None: all.
    key
        The same for all who see the same.
    """

    condition: Q | None
    key: str

    def sources(self) -> QuerySet[Source]:
        """Return the sources the person sees."""
        rows = Source.objects.select_related("territory", "organisation")
        return rows if self.condition is None else rows.filter(self.condition)


def reach(request: HttpRequest) -> Reach:
    """Return what the person who sends ``request`` sees; found once in a request."""
    found: Reach | None = getattr(request, "lantian_sources", None)
    if found is None:
        posts = in_force(Appointment.objects.filter(user_id=request.user.pk or 0), today())
        found = reach_of(list(posts.select_related("territory")))
        request.lantian_sources = found  # type: ignore[attr-defined]
    return found


def reach_of(posts: list[Appointment]) -> Reach:
    """Return what somebody sees who holds ``posts``.

    A post of the network sees all; one of a territory what lies in it and below; both only their
    own sector where they have one; a post of an enterprise what belongs to its organisation.
    """
    parts: list[tuple[Q, str]] = []
    for post in posts:
        role = ROLES[post.role]
        if _NEEDS not in role.may:
            continue
        if role.reach == "none":
            if post.organisation_id is not None:
                own = Q(organisation_id=post.organisation_id)
                parts.append((own, f"o{post.organisation_id}"))
            continue
        local = role.reach == "territory" and post.territory is not None
        if not local and not post.sector:
            return Reach(None, "*")
        condition, key = Q(), ""
        if local and post.territory is not None:
            ids = sorted(t.pk for t in descendants([post.territory]))
            condition, key = Q(territory_id__in=ids), f"t{ids}"
        if post.sector:
            condition, key = condition & Q(sector=post.sector), f"{key}s{post.sector}"
        parts.append((condition, key))
    if not parts:
        return Reach(Q(pk__in=()), "")
    whole = parts[0][0]
    for condition, _key in parts[1:]:
        whole |= condition
    return Reach(whole, "|".join(sorted({key for _condition, key in parts})))
