"""The form by which anybody reports a problem, and how they learn what became of it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.web.accounts.access import public
from lantian.web.audit.actors import Actor
from lantian.web.cases.actions import Complainant, Evidence, Report
from lantian.web.cases.intake import photos
from lantian.web.cases.intake import public as reports
from lantian.web.cases.intake.forms import PublicForm
from lantian.web.cases.standing_rules import rules
from lantian.web.cases.views.intake_air import ground
from lantian.web.core import clock
from lantian.web.core.errors import status_of
from lantian.web.core.proxy import client_address
from lantian.web.places.models import Territory
from lantian.web.sources.locating import Gazetteer


@public
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Ask for a problem, take it in, and give the code it is followed by."""
    _open()
    now = clock.now()
    form = PublicForm(request.POST or None, catalogue=rules().in_force(now.date()), now=now)
    error: DomainError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            code = _send(request, form)
        except DomainError as problem:
            error = problem
        else:
            return _shown(request, {"code": code})
    status = status_of(error) if error else 400 if form.errors else 200
    return _shown(request, {"form": form, "error": error}, status)


@public
@never_cache
@sensitive_post_parameters()
@require_POST
def follow(request: HttpRequest) -> HttpResponse:
    """Say how the report of a code stands, in the reporter's words and nothing else."""
    _open()
    typed = request.POST.get("code", "")[:40]
    told = reports.told(typed)
    about: dict[str, object] = {"told": told, "typed": typed, "asked": True}
    return _shown(request, about, 200 if told else 404)


@public
@require_safe
def territories(request: HttpRequest) -> HttpResponse:
    """Return the boundaries for the map on which a position is chosen, as JSON."""
    del request
    _open()
    return HttpResponse(ground(), content_type="application/json")


def _shown(request: HttpRequest, about: dict[str, object], status: int = 200) -> HttpResponse:
    context = {
        "form": None, "error": None, "code": "", "told": None, "typed": "", "asked": False,
        "most": reports.PHOTOS, "map_data": reverse("cases:public-map"), **about,
    }  # fmt: skip
    if context["form"] is None and not context["code"]:
        now = clock.now()
        context["form"] = PublicForm(catalogue=rules().in_force(now.date()), now=now)
    return render(request, "cases/public.html.j2", context, status=status)


def _send(request: HttpRequest, form: PublicForm) -> str:
    data, now, address = form.cleaned_data, clock.now(), client_address(request)[:64]
    reports.check_rate(reports.sender_of(address), now)
    territory = _territory(data["territory"], data["lon"], data["lat"])
    digests = photos.keep_bare(
        request.FILES.getlist("photos"), now, via=Actor(name=_("the public")), most=reports.PHOTOS,
        side=reports.PHOTO_SIDE,
    )  # fmt: skip
    problem = rules().in_force(now.date()).type(data["problem"])
    report = Report(
        title=_("{problem}: {place}").format(problem=problem.title, place=data["place"])[:120],
        problem=problem.code, channel="public", territory=territory, found_at=data["found_at"],
        description=data["description"], lon=data["lon"], lat=data["lat"], place=data["place"],
        complainant=Complainant(data["reporter_name"].strip(), data["reporter_phone"].strip()),
        evidence=tuple(Evidence("photo_before", digest) for digest in digests),
    )  # fmt: skip
    return reports.send(report, rules(), address=address, now=now)


def _territory(code: str, lon: float | None, lat: float | None) -> Territory:
    gazetteer = Gazetteer.load()
    if lon is not None and lat is not None:
        return gazetteer.holding(lon, lat)
    return gazetteer.named(code)


def _open() -> None:
    if not reports.is_open():
        raise Http404(_("Reports of the public are not taken here. Ring the hotline."))


urls = [
    path("report/", page, name="public"),
    path("report/state/", follow, name="public-state"),
    path("report/map/", territories, name="public-map"),
]
