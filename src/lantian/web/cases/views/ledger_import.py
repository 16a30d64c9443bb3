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
from lantian.web.air.uploads import Upload
from lantian.web.audit.actors import of_request
from lantian.web.cases.ledger import kept
from lantian.web.cases.ledger.acting import Acting
from lantian.web.cases.ledger.cells import FREE
from lantian.web.cases.ledger.kept import Check
from lantian.web.cases.ledger.planning import Plan, enter, plan
from lantian.web.cases.ledger.telling import Teller
from lantian.web.cases.reach import reach
from lantian.web.cases.standing_rules import rules
from lantian.web.core import clock
from lantian.web.core.errors import status_of

PURPOSE = "cases-ledger"
# The cases are not, or no more, what was shown.
_MOVED = frozenset({"store.not_as_shown", "ledger.bad_rows"})


@needs("cases.bulk")
@require_http_methods(["GET", "POST"])
def take_in(request: HttpRequest) -> HttpResponse:
    """Ask for a file, check it, and keep it aside with what the check found."""
    error: DomainError | None = None
    if request.method == "POST":
        try:
            files = request.FILES.getlist("files")[:1]
            found = uploads.receive(
                files, uploads.Choices(), of_request(request), clock.now(), purpose=PURPOSE
            )  # fmt: skip
            try:
                _check(request, found)
            except DomainError:  # it cannot be read: there is nothing to keep
                uploads.discard(found)
                raise
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
    """Show what the check of a file found; with POST check it again, change the cases, or leave it.

    The check tries each correction and takes it back, so only a POST does it.
    """
    found = uploads.find(token, PURPOSE)
    check = kept.of(found, request.user.pk)
    error: DomainError | None = None
    if request.method == "POST":
        if "discard" in request.POST:
            uploads.discard(found)
            return redirect("cases:ledger")
        try:
            if "check" in request.POST:
                _check(request, found)
                return redirect("cases:ledger-import", token)
            made = _enter(request, found)
        except DomainError as problem:
            error = problem
            check = _again(request, found, problem) or check
        else:
            uploads.discard(found)
            done(request, _("{n} cases are corrected.").format(n=len(made.entries)))
            return redirect("cases:ledger")
    teller = Teller([c.told for c in check.changes] if check else [], rules().catalogues)
    return render(request, "cases/ledger_import.html.j2", {
        "upload": found, "check": check, "error": error,
        "told": [(c, teller.lines(c.told)) for c in check.changes] if check else [],
        "reason": request.POST.get("reason", ""),
    }, status=status_of(error) if error else 200)  # fmt: skip


def _check(request: HttpRequest, found: Upload) -> Check:
    planned = plan(
        found.paths()[0], Acting.of(request), reach(request), rules(), clock.now()
    )  # fmt: skip
    return kept.keep(found, planned, request.user.pk)


def _enter(request: HttpRequest, found: Upload) -> Plan:
    reason = request.POST.get("reason", "").strip()
    if not reason:
        raise InvalidArgumentError("cases.no_reason", _("Say why these are corrected."))
    return enter(
        found.paths()[0], Acting.of(request), reach(request), rules(),
        expected=request.POST.get("expected", ""), reason=reason, now=clock.now(),
    )  # fmt: skip


def _again(request: HttpRequest, found: Upload, problem: DomainError) -> Check | None:
    """Return what a new check finds where the cases are not as they were shown; else None."""
    return _check(request, found) if problem.code in _MOVED else None


urls = [
    path("cases/ledger/import/", take_in, name="ledger-take-in"),
    path("cases/ledger/import/<str:token>/", preview, name="ledger-import"),
]
