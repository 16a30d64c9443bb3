"""Which cases a person sees: those of their posts' territories, sectors and units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest

from lantian.i18n import gettext as _
from lantian.web.accounts.access import in_force
from lantian.web.accounts.models import Appointment
from lantian.web.accounts.roles import ROLES
from lantian.web.cases.models import Case, CaseEvent, CaseParty
from lantian.web.cases.models.case import ASSIGNED
from lantian.web.core.clock import today
from lantian.web.places.queries import descendants

SEES = "cases.see"
# Their post sees the whole network's air, but of the cases only those of its sector and unit.
OF_A_SECTOR = frozenset({"department_officer"})
_LONGEST = 14  # characters of a case's code


@dataclass(frozen=True)
class Reach:
    """What one person sees of the cases.

    Parameters
    ----------
    condition
        Of the cases; None: all.
    key
        The same for all who see the same.
    """

    condition: Q | None
    key: str

    def cases(self) -> QuerySet[Case]:
        """Return the cases the person sees."""
        rows = Case.objects.select_related("territory", "source", "lead")
        return rows if self.condition is None else rows.filter(self.condition)

    def case(self, code: str) -> Case:
        """Return one case by its code, e.g. ``2026-0042``.

        Raises
        ------
        Http404
            There is none, or the person does not see it.
        """
        year, _dash, number = code.partition("-")
        found = None
        if year.isdecimal() and number.isdecimal() and len(code) <= _LONGEST:
            found = self.cases().filter(year=int(year), number=int(number)).first()
        if found is None:
            raise Http404(_("There is no case {code}, or it is not yours.").format(code=code))
        return found


def reach(request: HttpRequest) -> Reach:
    """Return what the person who sends ``request`` sees; found once in a request."""
    found: Reach | None = getattr(request, "lantian_cases", None)
    if found is None:
        posts = in_force(Appointment.objects.filter(user_id=request.user.pk or 0), today())
        found = reach_of(list(posts.select_related("territory")))
        request.lantian_cases = found  # type: ignore[attr-defined]
    return found


def reach_of(posts: Sequence[Appointment]) -> Reach:
    """Return what somebody sees who holds ``posts``.

    A post of the network sees all; one of a territory what lies in it and below; a department its
    sector; each also what its unit takes part in and what the person took in. An enterprise sees
    what its unit takes part in, once it is dispatched.
    """
    parts: list[tuple[Q, str]] = []
    for post in posts:
        role = ROLES[post.role]
        if SEES not in role.may:
            continue
        if role.reach == "none":
            if post.organisation_id is not None:
                condition = _party(post.organisation_id) & Q(state__in=ASSIGNED)
                parts.append((condition, f"e{post.organisation_id}"))
            continue
        local = role.reach == "territory" and post.territory is not None
        if not local and post.role not in OF_A_SECTOR:
            return Reach(None, "*")
        if local and post.territory is not None:
            ids = sorted(t.pk for t in descendants([post.territory]))
            parts.append((Q(territory_id__in=ids), f"t{ids}"))
        elif post.sector:
            parts.append((Q(sector=post.sector), f"s{post.sector}"))
        if post.organisation_id is not None:
            parts.append((_party(post.organisation_id), f"o{post.organisation_id}"))
        own = CaseEvent.objects.filter(actor=post.user_id, action="take_in").values("case")
        parts.append((Q(pk__in=own), f"u{post.user_id}"))
    if not parts:
        return Reach(Q(pk__in=()), "")
    whole = parts[0][0]
    for condition, _key in parts[1:]:
        whole |= condition
    return Reach(whole, "|".join(sorted({key for _condition, key in parts})))


def _party(organisation: int) -> Q:
    return Q(pk__in=CaseParty.objects.filter(organisation=organisation).values("case"))
