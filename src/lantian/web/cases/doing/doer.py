"""The posts of a person with which something can be done with a case."""

from __future__ import annotations

from django.http import HttpRequest

from lantian.web.accounts.access import in_force
from lantian.web.accounts.models import Appointment, User
from lantian.web.audit.actors import of_request
from lantian.web.cases.actions.acting import day_of, situation
from lantian.web.cases.doers import Doer, standing
from lantian.web.cases.models import Case
from lantian.web.cases.table import TABLE, due, permitted
from lantian.web.core import clock


def posts(request: HttpRequest) -> list[Doer]:
    """Return the person in each of the posts they hold today; found once in a request."""
    found: list[Doer] | None = getattr(request, "lantian_doers", None)
    if found is None:
        user = request.user
        found = []
        if isinstance(user, User):
            rows = in_force(Appointment.objects.filter(user=user), day_of(clock.now()))
            via = of_request(request)
            held = rows.select_related("territory", "organisation")
            found = [Doer(user, post, via) for post in held]
        request.lantian_doers = found  # type: ignore[attr-defined]
    return found


def doers(request: HttpRequest, case: Case) -> list[Doer]:
    """Return the posts with which the person can do something with a case as it stands."""
    held = posts(request)
    where = situation(case)
    rows = [d.post for d in held]
    able = []
    for doer in held:
        who = standing(case, doer, rows)
        if any(
            case.state in a.states and permitted(a, where, who) is None and due(a, where) is None
            for a in TABLE.actions.values()
        ):
            able.append(doer)
    return able
