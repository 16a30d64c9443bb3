"""A new case: typed in by hand, or made of an excursion of the air."""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_safe

from lantian.errors import DomainError, InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.web.accounts.access import access, needs
from lantian.web.air.notices import done
from lantian.web.audit.actors import of_request
from lantian.web.cases import actions
from lantian.web.cases.actions import Complainant, Evidence, Report
from lantian.web.cases.intake import excursions, landing, photos, wording
from lantian.web.cases.intake.excursions import Excursion
from lantian.web.cases.intake.forms import CaseForm, find_source
from lantian.web.cases.models import Case
from lantian.web.cases.queries import Duplicate, duplicates
from lantian.web.cases.reach import reach
from lantian.web.cases.rows import rows_of, with_clock
from lantian.web.cases.standing_rules import rules
from lantian.web.cases.views import intake_air, intake_lists, intake_public
from lantian.web.core import clock
from lantian.web.core.air import network
from lantian.web.core.errors import status_of
from lantian.web.evidence.said import said_in
from lantian.web.places.models import Territory
from lantian.web.sources.locating import Gazetteer
from lantian.web.sources.reach import reach as sources_reach

_NEED = "cases.take_in"
_SALT = "lantian.cases.photos"
_ALERT_PROBLEM = "station_rise"
_FOUND = 20  # sources offered for what is typed
_PATIENCE = 86_400  # s for which a form with photographs may lie open
MOST_PHOTOS = 10


@needs(_NEED)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Ask for a problem, show what may be the same one, and take it in."""
    given = request.POST or request.GET
    found = _excursion(request, given.get("excursion", ""))
    case = _known(found)
    if case is not None:
        done(request, _("This excursion was taken in already."))
        return redirect("cases:case", case.code)
    form = _form(request, found)
    if request.method != "POST":
        return _page(request, form, found, [])
    digests, wrong = _photos(request)  # kept first: a field that is wrong costs no photograph
    if not form.is_valid() or wrong is not None:
        return _page(request, form, found, digests, error=wrong, status=400)
    try:
        return _taken_in(request, form, found, digests)
    except DomainError as error:
        return _page(request, form, found, digests, error=error, status=status_of(error))


def _taken_in(
    request: HttpRequest, form: CaseForm, found: Excursion | None, digests: list[str]
) -> HttpResponse:
    """Make a case of the report, add it to the case that was chosen, or ask which it is."""
    report = _report(form, digests)
    same = [] if "still" in request.POST else _same(request, report)
    if code := request.POST.get("add"):
        return _add(request, report, code)
    if same:
        return _page(request, form, found, digests, same=same)
    origin = landing.Origin("excursion", found.key, _about(found)) if found else None
    made = landing.land(
        report, landing.doer_for(request, report.territory), rules(), now=clock.now(),
        origin=origin,
    )  # fmt: skip
    done(request, _("Taken in as case {case}.").format(case=made.code))
    return redirect("cases:case", made.code)


@needs(_NEED)
@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Return, for what is typed so far, the fitting problem types, the place, and the same ones."""
    found = _excursion(request, request.GET.get("excursion", ""))
    form = _form(request, found, bound=True)
    form.is_valid()
    data = form.cleaned_data
    territory, words = _where(data)
    same: list[Duplicate] = []
    if data.get("problem") and data.get("found_at") and (data.get("source") or data.get("lon")):
        same = _seen(request, data)
    return render(request, "cases/new_about.html.j2", {
        "form": form, "type": _type(form), "territory": territory, "where": words,
        "same": _shown(same), "source": data.get("source"),
    })  # fmt: skip


@needs(_NEED)
@require_safe
def find_sources(request: HttpRequest) -> HttpResponse:
    """Return the sources whose name or number has what is typed, as options."""
    text = request.GET.get("source", "").strip()[:80]
    rows = sources_reach(request).sources()
    found = (rows.filter(name__icontains=text) | rows.filter(number__icontains=text))[:_FOUND]
    return render(request, "cases/new_sources.html.j2", {"sources": found if text else ()})


def _form(request: HttpRequest, found: Excursion | None, *, bound: bool = False) -> CaseForm:
    now = clock.now()
    data = request.POST if request.method == "POST" else request.GET if bound else None
    return CaseForm(
        data, catalogue=rules().in_force(now.date()), sources=sources_reach(request), now=now,
        alert=found is not None, initial=_initial(request, found),
    )  # fmt: skip


def _initial(request: HttpRequest, found: Excursion | None) -> dict[str, Any]:
    if found is not None:
        return {
            "channel": "alert", "title": wording.title(found),
            "description": wording.description(found, network().zone),
            "found_at": found.at.astimezone(clock.now().tzinfo), "problem": _ALERT_PROBLEM,
            "lon": found.lon, "lat": found.lat, "place": found.name[:120],
        }  # fmt: skip
    mine = landing.doers_of(request)
    walks = bool(mine) and mine[0].post.role in ("grid_member", "stationed_supervisor")
    start: dict[str, Any] = {"channel": "patrol" if walks else "manual"}
    for name in ("channel", "source", "problem", "territory"):
        if name in request.GET:
            start[name] = request.GET[name]
    source = find_source(sources_reach(request), start.get("source", ""))
    if source is not None:
        start |= {"lon": source.lon, "lat": source.lat, "place": source.address}
    return start


def _page(
    request: HttpRequest, form: CaseForm, found: Excursion | None, digests: list[str], *,
    same: list[Duplicate] | None = None, error: DomainError | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    data = form.cleaned_data if form.is_bound else {}
    territory, words = _where(data)
    return render(request, "cases/new.html.j2", {
        "form": form, "error": error, "excursion": found, "type": _type(form),
        "territory": territory, "where": words, "same": _shown(same or []), "asks": bool(same),
        "source": data.get("source"), "photos": digests, "most": MOST_PHOTOS,
        "kept": signing.dumps([request.user.pk, digests], salt=_SALT) if digests else "",
        "hours": intake_air.hours_url(found) if found else "", "sentence": wording.sentence,
        "map_data": reverse("cases:new-map"), "may_list": "cases.bulk" in access(request),
    }, status=status)  # fmt: skip


def _type(form: CaseForm) -> Any:  # noqa: ANN401 - a ProblemType or None
    code = form["problem"].value() or ""
    return rules().in_force(clock.today()).types.get(code)


def _where(data: dict[str, Any]) -> tuple[Territory | None, str]:
    """Return the territory of what is typed so far; or why there is none."""
    try:
        return _territory(data), ""
    except DomainError as error:
        return None, error.message


def _territory(data: dict[str, Any]) -> Territory | None:
    source = data.get("source")
    if data.get("territory"):
        return Territory.objects.filter(code=data["territory"]).first()
    if data.get("lon") is not None and data.get("lat") is not None:
        return Gazetteer.load().holding(data["lon"], data["lat"])
    return source.territory if source else None


def _report(form: CaseForm, digests: list[str]) -> Report:
    data = form.cleaned_data
    source = data["source"]
    lon, lat = data["lon"], data["lat"]
    if lon is None and source is not None:
        lon, lat = source.lon, source.lat
    territory = _territory(data)
    assert territory is not None  # noqa: S101 - the form asked for a place
    if data["territory"] and data["lon"] is not None:
        Gazetteer.load().check_within(territory, lon, lat)
    return Report(
        title=data["title"], problem=data["problem"], channel=data["channel"],
        territory=territory, found_at=data["found_at"], description=data["description"],
        severity=data["severity"], source=source, lon=lon, lat=lat, place=data["place"],
        external_number=data["external_number"], external_due=data["external_due"],
        own_due=data["own_due"],
        complainant=Complainant(
            data["reporter_name"].strip(), data["reporter_phone"].strip(),
            data["reporter_address"].strip(),
        ),
        evidence=tuple(Evidence("photo_before", digest) for digest in digests),
    )  # fmt: skip


def _same(request: HttpRequest, report: Report) -> list[Duplicate]:
    found = duplicates(
        report.problem, report.found_at, lon=report.lon, lat=report.lat, source=report.source
    )
    return _visible(request, found)


def _seen(request: HttpRequest, data: dict[str, Any]) -> list[Duplicate]:
    source = data.get("source")
    lon, lat = data.get("lon"), data.get("lat")
    if lon is None and source is not None:
        lon, lat = source.lon, source.lat
    found = duplicates(data["problem"], data["found_at"], lon=lon, lat=lat, source=source)
    return _visible(request, found)


def _visible(request: HttpRequest, found: list[Duplicate]) -> list[Duplicate]:
    """Return those the person sees: of others not even that they are there is told."""
    mine = reach(request).cases().filter(pk__in=[d.case.pk for d in found])
    seen = set(mine.values_list("pk", flat=True))
    return [d for d in found if d.case.pk in seen]


def _shown(found: list[Duplicate]) -> list[tuple[Any, Duplicate]]:
    keys = [d.case.pk for d in found]
    mine = Case.objects.filter(pk__in=keys).select_related("territory", "source", "lead")
    rows = {r.case.pk: r for r in rows_of(with_clock(mine), clock.now())}
    return [(rows[d.case.pk], d) for d in found if d.case.pk in rows]


def _add(request: HttpRequest, report: Report, code: str) -> HttpResponse:
    """Say it as a comment of the case that is there already."""
    case = reach(request).case(code)
    doer = landing.doer_for(request, case.territory)
    parts = (report.title, report.description, report.place)
    actions.comment(
        case, doer, now=clock.now(), text="\n".join(p for p in parts if p),
        evidence=report.evidence,
    )  # fmt: skip
    done(request, _("Added to case {case} as a comment.").format(case=case.code))
    return redirect("cases:case", case.code)


def _photos(request: HttpRequest) -> tuple[list[str], DomainError | None]:
    """Return the digests of the photographs that came, now or with the form before; what is wrong.

    What is right is kept in either case.
    """
    person: Any = request.user
    digests: list[str] = []
    try:
        digests = _photos_kept(request)
        sent = photos.keep(
            request.FILES.getlist("photos"), person, clock.now(), via=of_request(request),
            before=len(digests), most=MOST_PHOTOS, said=said_in(request.POST),
        )  # fmt: skip
    except DomainError as error:
        return digests, error
    return list(dict.fromkeys([*digests, *sent])), None


def _photos_kept(request: HttpRequest) -> list[str]:
    """Return the digests of photographs the person sent before a question was asked back.

    Raises
    ------
    InvalidArgumentError
        ``cases.photos_lost``.
    """
    if not (kept := request.POST.get("kept", "")):
        return []
    try:
        who, found = signing.loads(kept, salt=_SALT, max_age=_PATIENCE)
    except signing.BadSignature:
        who, found = None, []  # too old, or not our words
    if who != request.user.pk:
        raise InvalidArgumentError(
            "cases.photos_lost",
            _("This form lay open too long, and its photographs are gone. Choose them again."),
        )
    return list(found)


def _excursion(request: HttpRequest, key: str) -> Excursion | None:
    """Return the excursion of a key, at a station the person sees."""
    found = excursions.one(network(), key) if key else None
    return found if found is not None and access(request).sees(found.station) else None


def _known(found: Excursion | None) -> Case | None:
    return landing.known("excursion", [found.key]).get(found.key) if found else None


def _about(found: Excursion) -> dict[str, Any]:
    return {
        "station": found.station, "parameter": found.parameter, "rule": found.rule.code,
        "edition": found.edition, "day": found.day.isoformat(), "hours": found.hours,
        "value": found.value, "against": found.against, "at": found.at.isoformat(),
    }  # fmt: skip


urls = [
    path("cases/new/", new, name="new"),
    path("cases/new/about/", about, name="new-about"),
    path("cases/new/sources/", find_sources, name="new-sources"),
    *intake_air.urls, *intake_lists.urls, *intake_public.urls,
]  # fmt: skip
