"""Files of the ledger: sending one, seeing what it would change, entering it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from lantian.errors import DomainError, InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.web.accounts.access import needs
from lantian.web.air import uploads
from lantian.web.air.notices import done
from lantian.web.audit.actors import of_request
from lantian.web.cases.ledger.acting import Acting
from lantian.web.cases.ledger.cells import FREE
from lantian.web.cases.ledger.planning import Plan, enter, plan, touched_texts
from lantian.web.cases.reach import reach
from lantian.web.cases.standing_rules import rules
from lantian.web.core import clock
from lantian.web.core.errors import status_of

PURPOSE = "cases-ledger"
_SHOWN = 500


@needs("cases.bulk")
@require_http_methods(["GET", "POST"])
def take_in(request: HttpRequest) -> HttpResponse:
    """Ask for a file, and take it aside."""
    error: DomainError | None = None
    if request.method == "POST":
        try:
            files = request.FILES.getlist("files")[:1]
            found = uploads.receive(
                files, uploads.Choices(), of_request(request), clock.now(), purpose=PURPOSE
            )  # fmt: skip
        except DomainError as problem:
            error = problem
        else:
            return redirect("cases:ledger-import", found.token)
    return render(request, "cases/ledger_take_in.html.j2", {
        "error": error, "free": [c.title for c in FREE],
    }, status=status_of(error) if error else 200)  # fmt: skip


@needs("cases.bulk")
@require_http_methods(["GET", "POST"])
def preview(request: HttpRequest, token: str) -> HttpResponse:
    """Show what a file would change, and change it."""
    found = uploads.find(token, PURPOSE)
    file, acting, mine, by = found.paths()[0], Acting.of(request), reach(request), rules()
    error: DomainError | None = None
    if request.method == "POST":
        if "discard" in request.POST:
            uploads.discard(found)
            return redirect("cases:ledger")
        try:
            reason = request.POST.get("reason", "").strip()
            if not reason:
                raise InvalidArgumentError("cases.no_reason", _("Say why these are corrected."))
            made = enter(
                file, acting, mine, by, expected=request.POST.get("expected", ""), reason=reason,
                now=clock.now(),
            )  # fmt: skip
        except DomainError as problem:
            error = problem
        else:
            uploads.discard(found)
            done(request, _("{n} cases are corrected.").format(n=len(made.entries)))
            return redirect("cases:ledger")
    planned: Plan | None = None
    try:
        planned = plan(file, acting, mine, by, clock.now())
    except DomainError as problem:
        error = problem
    return render(request, "cases/ledger_import.html.j2", {
        "upload": found, "plan": planned, "error": error, "most": _SHOWN,
        "touched": touched_texts(planned.entries[:_SHOWN], by) if planned else [],
        "reason": request.POST.get("reason", ""),
    }, status=status_of(error) if error else 200)  # fmt: skip


urls = [
    path("cases/ledger/import/", take_in, name="ledger-take-in"),
    path("cases/ledger/import/<str:token>/", preview, name="ledger-import"),
]
