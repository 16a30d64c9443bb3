"""Who can be mentioned in a comment: those who see the case."""

from __future__ import annotations

from datetime import date
from itertools import groupby

from lantian.web.accounts.access import in_force
from lantian.web.accounts.models import Appointment, User
from lantian.web.accounts.roles import ROLES
from lantian.web.cases.models import Case, CaseEvent, CaseParty
from lantian.web.cases.models.case import ASSIGNED
from lantian.web.cases.reach import OF_A_SECTOR, SEES
from lantian.web.places.models import Territory


def seers(case: Case, today: date, but: User | None = None) -> list[tuple[User, str]]:
    """Return the people who see a case today, each with their role in words, by name.

    The same rule as :func:`~lantian.web.cases.reach.reach_of`, asked the other way round: of one
    case, for all people at once.
    """
    rows = in_force(Appointment.objects.filter(user__is_active=True), today)
    units = set(CaseParty.objects.filter(case=case).values_list("organisation", flat=True))
    took = CaseEvent.objects.filter(case=case, action="take_in").values_list("actor", flat=True)
    taker = next(iter(took), None)
    above: set[int] = set()
    here: Territory | None = case.territory
    while here is not None:
        above.add(here.pk)
        here = here.parent
    posts = rows.select_related("user").order_by("user__name", "user_id", "pk")
    found = []
    for user, held in groupby(posts, key=lambda p: p.user):
        seeing = [p for p in held if _sees(p, case, above, units, taker)]
        if seeing and (but is None or user.pk != but.pk):
            found.append((user, ROLES[seeing[0].role].title))
    return found


def _sees(
    post: Appointment, case: Case, above: set[int], units: set[int], taker: int | None
) -> bool:
    role = ROLES[post.role]
    if SEES not in role.may:
        return False
    party = post.organisation_id in units
    if role.reach == "none":
        return party and case.state in ASSIGNED
    local = role.reach == "territory" and post.territory_id is not None
    if not local and post.role not in OF_A_SECTOR:
        return True
    if party or post.user_id == taker:
        return True
    return post.territory_id in above if local else bool(post.sector) and post.sector == case.sector
