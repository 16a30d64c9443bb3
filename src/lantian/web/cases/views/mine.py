"""My work today, and the rungs of the ladder that wait for a signature."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.web.accounts.access import access, in_force, needs
from lantian.web.accounts.models import Appointment
from lantian.web.air.notices import done
from lantian.web.audit.actors import of_request
from lantian.web.cases import climbing, owed, work
from lantian.web.cases.doers import Doer
from lantian.web.cases.models import Climb
from lantian.web.cases.reach import reach
from lantian.web.cases.standing_rules import rules
from lantian.web.core import clock
from lantian.web.core.errors import status_of
from lantian.web.core.formats import with_query
from lantian.web.notifications.queries import notices
from lantian.web.notifications.registry import sentence
from lantian.web.taskforces import queries as taskforces

_MENTIONS = 5  # shown; the rest are on the page of notices


@needs("cases.see")
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Show what waits for somebody, by what is to be done, the most urgent first."""
    return _mine(request)


def _mine(request: HttpRequest, error: DomainError | None = None) -> HttpResponse:
    only = request.GET.get("what", "")
    only = only if only in work.DEEDS else ""
    page = _number(request.GET.get("page")) if only else 1
    found = work.work_of(request, only=only, page=page)
    pages = max([1, *(-(-g.total // work.SHOWN) for g in found.groups)]) if only else 1

    def link(number: int) -> str:
        return with_query(request.path, {"what": only, "page": number if number > 1 else None})

    mentions = notices(request.user.pk or 0, unread=True).filter(kind="cases.mentioned")
    forces = [] if only else taskforces.mine(request.user.pk or 0, clock.today())
    return render(request, "cases/mine.html.j2", {
        "forces": forces if "taskforces.see" in access(request) else [],
        "work": found, "only": only, "page": page, "pages": pages, "link": link, "error": error,
        "what": lambda code: with_query(request.path, {"what": code}), "most": work.SHOWN,
        "rungs": [] if only else [_rung(c) for c in found.rungs],
        "mentions": [] if only else [(n, sentence(n.kind, n.data)) for n in mentions[:_MENTIONS]],
    }, status=status_of(error) if error else 200)  # fmt: skip


def _rung(climb: Climb) -> tuple[Climb, str, str]:
    titles = {r.code: r.title for r in climbing.of_home().rungs}
    lead = climb.case.lead
    return climb, titles.get(climb.rung, climb.rung), "" if lead is None else lead.name


@needs("cases.act")
@require_POST
def rung_sign(request: HttpRequest, climb: int) -> HttpResponse:
    """Issue a rung of the ladder with the signature of who is signed in."""
    row = Climb.objects.select_related("case").filter(pk=climb).first()
    if row is None:
        raise Http404
    reach(request).case(row.case.code)  # of a case one does not see, not even its number is told
    try:
        ladder = climbing.of_home()
        doer = _doer(request, row, ladder.rung(row.rung).signed_by)
        made = climbing.sign(row, doer, rules(), ladder, now=clock.now())
    except DomainError as error:
        return _mine(request, error)
    done(request, _("“{rung}” of case {case} is issued. Told: {names}.").format(
        rung=ladder.rung(made.rung).title, case=made.case.code,
        names=_(", ").join(made.told) or _("nobody"),
    ))  # fmt: skip
    return redirect("cases:mine")


def _doer(request: HttpRequest, climb: Climb, role: str) -> Doer:
    """Return who signs, in the post of the role whose territory holds the case."""
    found = in_force(Appointment.objects.filter(user_id=request.user.pk or 0), clock.today())
    posts = list(found.select_related("territory").order_by("pk"))
    if not posts:
        raise Http404
    who = owed.person(request.user.pk or 0, posts)

    def fits(post: Appointment) -> tuple[bool, bool]:
        places = who.places.get(post.pk)
        return post.role == role, places is None or climb.case.territory_id in places

    post = max(posts, key=fits)
    return Doer(request.user, post, of_request(request))  # type: ignore[arg-type]


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 7 and int(text) else 1


urls = [
    path("cases/mine/", mine, name="mine"),
    path("cases/rungs/<int:climb>/sign/", rung_sign, name="rung-sign"),
]
