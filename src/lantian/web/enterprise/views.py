"""The page on which an enterprise officer's day starts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lantian.web.accounts.access import in_force, needs
from lantian.web.accounts.models import Appointment
from lantian.web.cases import counting
from lantian.web.cases.reach import reach
from lantian.web.core import clock
from lantian.web.documents import queries as documents
from lantian.web.enterprise import queries
from lantian.web.sources.reach import reach as sources_of

_DOCUMENTS, _SOURCES = 20, 50  # shown; the rest are in the register


@needs("field.self")
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the orders, documents and sources of the enterprise of who is signed in."""
    now = counting.to_the_minute(clock.now())
    posts = in_force(Appointment.objects.filter(user_id=request.user.pk or 0), now.date())
    held = list(posts.select_related("territory", "organisation"))
    units = {p.organisation.name for p in held if p.organisation is not None}
    orders = queries.orders(request.user.pk or 0, held, reach(request), now)
    return render(request, "enterprise/home.html.j2", {
        "units": sorted(units), "orders": orders, "most": queries.MOST,
        "late": sum(o.row.colour == "red" for o in orders),
        "documents": list(documents.seen(request).order_by("-issued_at")[:_DOCUMENTS]),
        "sources": list(sources_of(request).sources().order_by("number")[:_SOURCES]),
    })  # fmt: skip
