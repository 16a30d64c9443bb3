"""The duty rota: a week of it, entering and removing shifts, Excel in and out."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.web.accounts.access import access, needs
from lantian.web.accounts.models import User
from lantian.web.audit.actors import of_request
from lantian.web.core import clock
from lantian.web.core.downloads import blob, links, wanted
from lantian.web.core.formats import with_query
from lantian.web.core.forms import Sentences
from lantian.web.duties import rota as queries
from lantian.web.duties import sheets
from lantian.web.duties.actions.rota import add_shift, import_rota, remove_shift
from lantian.web.duties.models import Shift
from lantian.web.duties.shifts import SHIFTS
from lantian.web.duties.views.shared import Table, take_in

_MANAGE = "duties.rota"


class ShiftForm(Sentences):
    """Who is on duty when."""

    def fields_of(self) -> dict[str, forms.Field]:
        """Return the fields by name."""
        people = User.objects.filter(is_active=True, appointments__isnull=False).distinct()
        return {
            "user": forms.ModelChoiceField(people.order_by("name"), label=_("Person")),
            "kind": forms.ChoiceField(
                label=_("Shift"),
                choices=[(k.code, f"{k.title} {k.hours}") for k in SHIFTS.values()],
            ),
            "day": forms.DateField(
                label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            ),
            "note": forms.CharField(label=_("Note"), max_length=120, required=False),
        }


@needs("duties.see")
@require_safe
def rota(request: HttpRequest) -> HttpResponse:
    """Show a week of the rota, as a page or as a workbook."""
    day = _day(request.GET.get("week")) or clock.today()
    return _page(request, day)


def _page(request: HttpRequest, day: date, form: ShiftForm | None = None) -> HttpResponse:
    week = queries.week_of(day)
    if wanted(request, "xlsx") is not None:
        rows = Shift.objects.filter(day__range=(week.monday, week.monday + timedelta(days=6)))
        return blob(sheets.rota_xlsx(rows.select_related("user")), _("duty rota"), "xlsx")
    context: dict[str, Any] = {
        "week": week, "kinds": list(SHIFTS.values()), "today": clock.today(),
        "on_duty": queries.on_duty(clock.now()), "files": links(request, "xlsx"),
        "before": _week(request, week.monday - timedelta(days=7)),
        "after": _week(request, week.monday + timedelta(days=7)),
        "may_change": _MANAGE in access(request),
    }  # fmt: skip
    if _MANAGE in access(request):
        context["form"] = form or ShiftForm(initial={"day": day.isoformat()})
    return render(request, "duties/rota.html.j2", context, status=400 if form else 200)


def _week(request: HttpRequest, day: date) -> str:
    return with_query(request.path, {"week": day.isoformat()})


@needs(_MANAGE)
@require_http_methods(["GET", "POST"])
def shift_add(request: HttpRequest) -> HttpResponse:
    """Put somebody on duty."""
    if request.method == "GET":  # somebody comes back to the address, or changes the language
        return redirect("duties:rota")
    form = ShiftForm(request.POST)
    if form.is_valid():
        try:
            made = add_shift(of_request(request), **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("{name} is on duty: {shift}, {day}.").format(
                name=made.user.name, shift=SHIFTS[made.kind].title, day=made.day.isoformat()
            ))  # fmt: skip
            return redirect(_rota(made.day))
    return _page(request, _day(request.POST.get("day")) or clock.today(), form)


@needs(_MANAGE)
@require_POST
def shift_remove(request: HttpRequest, shift: int) -> HttpResponse:
    """Take a shift out of the rota."""
    found = Shift.objects.select_related("user").filter(pk=shift).first()
    if found is None:
        raise Http404
    day, name = found.day, found.user.name
    remove_shift(of_request(request), found)
    messages.success(request, _("{name} is not on duty on {day} any more.").format(
        name=name, day=day.isoformat()
    ))  # fmt: skip
    return redirect(_rota(day))


ROTA = Table(
    salt="lantian.duties.rota",
    headers=sheets.ROTA,
    needed=("first", "kind", "name"),
    take=import_rota,
    back="duties:rota",
    title=lambda: _("Import the duty rota"),
    note=lambda: _(
        "Each row is a day, a shift and a person. The days that the file names become as the file "
        "says; other days stay."
    ),
)


@needs(_MANAGE)
@require_http_methods(["GET", "POST"])
def rota_import(request: HttpRequest) -> HttpResponse:
    """Take in the rota from a table."""
    return take_in(request, ROTA)


def _rota(day: date) -> str:
    return with_query(reverse("duties:rota"), {"week": day.isoformat()})


def _day(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(text) if text else None
    except ValueError:
        return None
    # the calendar ends somewhere: a week before and after must exist
    return found if found is None or 1900 <= found.year < 9000 else None
