"""Files of sources: sending one, seeing what it would change, entering it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.web.accounts.access import needs
from lantian.web.air import uploads
from lantian.web.air.notices import done
from lantian.web.audit.actors import of_request
from lantian.web.core import clock
from lantian.web.core.downloads import blob
from lantian.web.core.errors import status_of
from lantian.web.places.forms import ImportForm
from lantian.web.places.sending import taken_aside
from lantian.web.sources import actions, exporting
from lantian.web.sources.kinds import KINDS
from lantian.web.sources.planning import plan
from lantian.web.sources.showing import value_text
from lantian.web.sources.words import label

PURPOSE = "sources"
_SHOWN = 500


@needs("sources.manage")
@require_http_methods(["GET", "POST"])
def take_in(request: HttpRequest) -> HttpResponse:
    """Ask for a file, and take it aside."""
    form = ImportForm(request.POST or None)
    form.fields["datum"].required = False
    error: DomainError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            found = taken_aside(request, form, PURPOSE)
        except DomainError as problem:
            error = problem
        else:
            return redirect("sources:import", found.token)
    context = {"form": form, "error": error, "kinds": list(KINDS.values())}
    status = status_of(error) if error else 400 if form.errors else 200
    return render(request, "sources/take_in.html.j2", context, status=status)


@needs("sources.manage")
@require_GET
def empty_form(request: HttpRequest) -> HttpResponse:
    """Return a workbook with the columns of every kind and no row."""
    del request
    return blob(exporting.xlsx((), people=True), exporting.title(), "xlsx")


@needs("sources.manage")
@require_http_methods(["GET", "POST"])
def preview(request: HttpRequest, token: str) -> HttpResponse:
    """Show what a file would change, and change it."""
    found = uploads.find(token, PURPOSE)
    file, datum = found.paths()[0], found.choices.datum
    error: DomainError | None = None
    if request.method == "POST":
        if "discard" in request.POST:
            uploads.discard(found)
            return redirect("sources:list")
        try:
            made = actions.enter(
                of_request(request), file, datum,
                expected=request.POST.get("expected", ""), now=clock.now(),
            )  # fmt: skip
        except DomainError as problem:
            error = problem
        else:
            uploads.discard(found)
            text = _("{new} sources are entered, {changed} are changed.")
            done(request, text.format(new=made.count("new"), changed=made.count("changed")))
            return redirect("sources:list")
    try:
        planned = plan(file, datum, clock.now().date())
    except DomainError as problem:
        planned, error = None, problem
    return render(request, "sources/import.html.j2", {
        "upload": found, "plan": planned, "error": error, "most": _SHOWN,
        "touched": [e for e in planned.entries if e.state != "same"] if planned else [],
        "label": label, "value_text": value_text,
    }, status=status_of(error) if error else 200)  # fmt: skip
