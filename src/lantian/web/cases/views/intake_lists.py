"""Lists taken in at once: the hotline's workbook, the fires of satellites; seen first."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from lantian.errors import DomainError, InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.web.accounts.access import needs
from lantian.web.air import uploads
from lantian.web.air.notices import done
from lantian.web.air.uploads import Upload
from lantian.web.audit.actors import of_request
from lantian.web.cases.actions import Report
from lantian.web.cases.intake import fires, hotline
from lantian.web.cases.intake.landing import Origin, doer_for, land
from lantian.web.cases.rules import Rules
from lantian.web.cases.standing_rules import rules
from lantian.web.core import clock
from lantian.web.core.downloads import blob
from lantian.web.core.errors import status_of
from lantian.web.core.formats import with_query

_NEED = "cases.bulk"
_SHOWN = 500  # rows of a table on the page
_HOTLINE, _FIRES = "hotline", "fires"


@needs(_NEED)
@require_http_methods(["GET", "POST"])
def hotline_send(request: HttpRequest) -> HttpResponse:
    """Ask for the workbook of a hotline, and take it aside."""
    return _send(request, _HOTLINE, "cases/hotline.html.j2", "cases:hotline-import")


@needs(_NEED)
@require_GET
def hotline_form(request: HttpRequest) -> HttpResponse:
    """Return the workbook with its columns and no row."""
    del request
    return blob(hotline.template(), _("hotline list"), "xlsx")


@needs(_NEED)
@require_http_methods(["GET", "POST"])
def hotline_import(request: HttpRequest, token: str) -> HttpResponse:
    """Show what a list would do, and take it in: whole or not at all."""
    upload = uploads.find(token, _HOTLINE)
    if "discard" in request.POST:
        return _discard(upload, "cases:hotline")
    error: DomainError | None = None
    plan: hotline.Plan | None = None
    try:
        standing = rules()
        plan = _planned(upload, standing)
        if request.method == "POST":
            n = _land_hotline(request, plan, standing)
            uploads.discard(upload)
            done(request, _("{n} cases are taken in from the hotline.").format(n=n))
            return redirect(with_query(reverse("cases:ledger"), {"channel": "hotline"}))
    except DomainError as problem:
        error = problem
        plan = None if request.method == "GET" else _again(upload)
    return render(request, "cases/hotline_import.html.j2", {
        "upload": upload, "plan": plan, "error": error, "most": _SHOWN,
        "types": rules().in_force(clock.today()).types,
    }, status=status_of(error) if error else 200)  # fmt: skip


def _planned(upload: Upload, standing: Rules) -> hotline.Plan:
    now = clock.now()
    return hotline.plan(
        upload.paths()[0], standing.in_force(now.date()), zone=settings.HOME.zone, now=now
    )


def _again(upload: Upload) -> hotline.Plan | None:
    """Return the plan beside the error of carrying it out; None: the file cannot be read."""
    try:
        return _planned(upload, rules())
    except DomainError:
        return None  # the error shown says so already


def _land_hotline(request: HttpRequest, plan: hotline.Plan, standing: Rules) -> int:
    if plan.problems or not plan.new:
        raise InvalidArgumentError(
            "cases.list_not_sound", _("Nothing was taken in: correct the rows that are wrong.")
        )
    with transaction.atomic():
        for entry in plan.new:
            land(
                entry.report, doer_for(request, entry.report.territory), standing,
                now=clock.now(), origin=Origin("hotline", entry.number, {"number": entry.number}),
            )  # fmt: skip
    return len(plan.new)


@needs(_NEED)
@require_http_methods(["GET", "POST"])
def fires_send(request: HttpRequest) -> HttpResponse:
    """Ask for a file of FIRMS, and take it aside."""
    return _send(request, _FIRES, "cases/fires.html.j2", "cases:fires-import")


@needs(_NEED)
@require_http_methods(["GET", "POST"])
def fires_import(request: HttpRequest, token: str) -> HttpResponse:
    """Show the fires of a file within the network, and take those in that are ticked."""
    upload = uploads.find(token, _FIRES)
    if "discard" in request.POST:
        return _discard(upload, "cases:fires")
    error: DomainError | None = None
    plan = None
    try:
        plan = fires.plan(upload.paths()[0], clock.now())
        if request.method == "POST":
            n = _land_fires(request, plan)
            uploads.discard(upload)
            done(request, _("{n} fires are taken in as cases.").format(n=n))
            return redirect(with_query(reverse("cases:ledger"), {"channel": "satellite"}))
    except DomainError as problem:
        error = problem
    return render(request, "cases/fires_import.html.j2", {
        "upload": upload, "plan": plan, "error": error, "most": _SHOWN,
        "least": fires.LEAST, "satellite": fires.satellite_word,
        "new": [f for f in plan.fires if f.case is None] if plan else [],
    }, status=status_of(error) if error else 200)  # fmt: skip


def _land_fires(request: HttpRequest, plan: fires.Plan) -> int:
    ticked = set(request.POST.getlist("take"))
    chosen = [f for f in plan.fires if f.case is None and f.key in ticked]
    if plan.problems or not chosen:
        raise InvalidArgumentError(
            "cases.no_fire_chosen",
            _("Nothing was taken in: tick the fires, and correct rows that are wrong."),
        )
    standing = rules()
    with transaction.atomic():
        for fire in chosen:
            top = fire.hottest
            keys = tuple(d.key for d in fire.detections)
            about = {
                "satellite": top.satellite, "instrument": top.instrument, "frp": fire.frp,
                "confidence": top.confidence, "pixels": len(keys),
            }  # fmt: skip
            land(
                _report(fire), doer_for(request, fire.territory), standing, now=clock.now(),
                origin=Origin("fire", fire.key, about, also=keys),
            )  # fmt: skip
    return len(chosen)


def _report(fire: fires.Fire) -> Report:
    top = fire.hottest
    moment = timezone.localtime(top.at)
    title = _("Satellite fire in {place}, {moment}")
    text = _("{satellite} {instrument}: {n} hot pixels, confidence {confidence}, radiative power "
             "{frp} MW, seen at {moment}.")  # fmt: skip
    return Report(
        title=title.format(place=fire.territory.name, moment=f"{moment:%m-%d %H:%M}")[:120],
        problem=fires.PROBLEM, channel="satellite", territory=fire.territory, found_at=top.at,
        lon=top.lon, lat=top.lat,
        description=text.format(
            satellite=fires.satellite_word(top.satellite), instrument=top.instrument,
            n=len(fire.detections), confidence=top.confidence, frp=f"{fire.frp:.1f}",
            moment=f"{moment:%Y-%m-%d %H:%M}",
        ),
    )  # fmt: skip


def _send(request: HttpRequest, purpose: str, template: str, onward: str) -> HttpResponse:
    error: DomainError | None = None
    if request.method == "POST":
        try:
            files = request.FILES.getlist("files")[:1]
            found = uploads.receive(
                files, uploads.Choices(), of_request(request), clock.now(), purpose=purpose
            )
        except DomainError as problem:
            error = problem
        else:
            return redirect(onward, found.token)
    about = {
        "error": error,
        "least": fires.LEAST,
        "columns": hotline.COLUMNS,
        "most": hotline.LIMIT,
    }
    return render(request, template, about, status=status_of(error) if error else 200)


def _discard(upload: Upload, onward: str) -> HttpResponse:
    uploads.discard(upload)
    return redirect(onward)


urls = [
    path("cases/hotline/", hotline_send, name="hotline"),
    path("cases/hotline/form/", hotline_form, name="hotline-form"),
    path("cases/hotline/<str:token>/", hotline_import, name="hotline-import"),
    path("cases/fires/", fires_send, name="fires"),
    path("cases/fires/<str:token>/", fires_import, name="fires-import"),
]
