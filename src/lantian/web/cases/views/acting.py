"""Doing something with a case, one form for each action; and who complained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.web.accounts.access import access, needs
from lantian.web.accounts.roles import ROLES
from lantian.web.air.notices import done
from lantian.web.cases import (
    actions,
    converters,  # noqa: F401 - registers the kind of address
)
from lantian.web.cases.actions.acting import changed_meanwhile
from lantian.web.cases.catalogue import ProblemType
from lantian.web.cases.doing import keeping
from lantian.web.cases.doing.asking import ActionForm
from lantian.web.cases.doing.carrying import Filled, carry
from lantian.web.cases.doing.facts import facts
from lantian.web.cases.doing.keeping import Kept
from lantian.web.cases.doing.offers import Offer, offer_of, reader
from lantian.web.cases.models import Case
from lantian.web.cases.reach import reach
from lantian.web.cases.rules import Rules
from lantian.web.cases.standing_rules import rules
from lantian.web.cases.table import TABLE
from lantian.web.core import clock
from lantian.web.core.errors import status_of
from lantian.web.evidence.limits import LIMITS, PoorLine
from lantian.web.evidence.original import original

_MATRIX = "duties.see"
_DIGITS = 9


@needs("cases.act")
@require_http_methods(["GET", "POST"])
def do(request: HttpRequest, code: str, action: str) -> HttpResponse:
    """Show the form of an action, and do it."""
    case = reach(request).case(code)
    if action not in TABLE.actions or action == "take_in":
        raise Http404
    by = rules()
    problem = by.problem(case.problem, case.catalogue)
    offer = offer_of(request, case, TABLE.actions[action])
    seen = _seen(request, case)
    moved = None
    if seen != case.version and action != "comment":
        moved = changed_meanwhile(case, seen)
    page = _Page(request, case, offer, problem, by)
    if not offer.doers:
        return page.refused(moved)
    if request.method != "POST":
        return page.form(ActionForm(case, offer, problem, by))
    return _sent(page, seen, moved)


def _sent(page: _Page, seen: int, moved: DomainError | None) -> HttpResponse:
    """Do what a form says, or show it again with what is wrong."""
    request, case, offer, by = page.request, page.case, page.offer, page.by
    form = ActionForm(case, offer, page.problem, by, request.POST)
    kept, wrong = keeping.receive(request, case, page.kinds, clock.now())
    if moved is None and ("more" in request.POST or "drop" in request.POST):
        form = ActionForm(case, offer, page.problem, by, initial=_typed(request, form))
        return page.form(form, kept, wrong)
    wrong += keeping.missing(page.kinds, kept, offer.action)
    if moved is not None or not form.is_valid() or wrong:
        return page.form(form, kept, wrong, moved)
    filled = Filled(
        case, _chosen(offer, form), by, seen, clock.now(), form.cleaned_data,
        keeping.pieces(request, kept), reach(request),
    )  # fmt: skip
    try:
        carry(offer.action.code, filled)
    except DomainError as error:
        return page.form(form, kept, wrong, error)
    after = Case.objects.get(pk=case.pk)
    done(request, _("{case}: “{action}” is done. It is “{state}” now.").format(
        case=case.code, action=offer.action.title, state=TABLE.states[after.state].title,
    ))  # fmt: skip
    return redirect("cases:case", case.code)


@needs("cases.act")
@require_POST
def reporter(request: HttpRequest, code: str) -> HttpResponse:
    """Tell who complained, and write into the log who asked."""
    case = reach(request).case(code)
    doer = reader(request, case)
    if doer is None:
        raise Http404
    found = actions.read_reporter(case, doer, now=clock.now())
    return render(request, "cases/do_reporter.html.j2", {"case": case, "found": found})


class _Page:
    """The page of an action for one person."""

    def __init__(
        self, request: HttpRequest, case: Case, offer: Offer, problem: ProblemType, by: Rules
    ) -> None:
        self.request, self.case, self.offer = request, case, offer
        self.problem, self.by = problem, by
        self.kinds = keeping.wanted(case, offer.action, problem, by)

    def refused(self, error: DomainError | None) -> HttpResponse:
        """Say why the person may not, and what they had written."""
        request = self.request
        context = {
            "case": self.case, "offer": self.offer, "error": error, "problems": (),
            "typed": request.POST.get("reason", ""),
        }  # fmt: skip
        return render(request, "cases/do_refused.html.j2", context, status=403)

    def form(
        self, form: ActionForm, kept: Sequence[Kept] = (), wrong: Sequence[str] = (),
        error: DomainError | None = None,
    ) -> HttpResponse:  # fmt: skip
        """Show the form, with what was typed and sent."""
        request, case = self.request, self.case
        code = error.code if error is not None else ""
        if code == "cases.changed_meanwhile":  # what they see now is the newest
            case.refresh_from_db(fields=["version"])
        status = status_of(error) if error else 400 if form.errors or wrong else 200
        known = facts(case, self.offer.action, self.problem, self.by, clock.now())
        notes = {k.code: request.POST.get(f"note_{k.code}", "") for k in self.kinds}
        context: dict[str, Any] = {
            "case": case, "offer": self.offer, "action": self.offer.action, "form": form,
            "kinds": self.kinds, "kept": kept, "wrong": wrong, "error": error, "problems": (),
            "facts": known, "limits": LIMITS, "poor_line": _poor_line(),
            "problem": self.problem, "notes": notes,
            "moved": code == "cases.changed_meanwhile", "roles": ROLES,
            "may_matrix": _MATRIX in access(request),
        }  # fmt: skip
        return render(request, "cases/do.html.j2", context, status=status)


def _poor_line() -> PoorLine | None:
    """Return what the browser makes of photographs before it sends them; None: nothing."""
    return LIMITS.poor_line if original(settings.HOME.path) == "resize" else None


def _seen(request: HttpRequest, case: Case) -> int:
    """Return the version of the case the person saw; a form that says none saw none."""
    text = request.POST.get("seen", "")
    if request.method != "POST":
        return case.version
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else 0


def _typed(request: HttpRequest, form: ActionForm) -> dict[str, Any]:
    """Return what was written so far, as it stands in the form; nothing of it is judged yet."""
    several = ("sources", "mentions")
    sent = request.POST
    return {
        name: sent.getlist(name) if name in several else sent.get(name)
        for name in form.fields
        if name in sent
    }


def _chosen(offer: Offer, form: ActionForm) -> actions.Doer:
    """Return the person in the post they chose, or in the only one there is."""
    post = form.cleaned_data.get("post")
    return next((d for d in offer.doers if str(d.post.pk) == post), offer.doers[0])


urls = [
    path("cases/<case_code:code>/do/<slug:action>/", do, name="do"),
    path("cases/<case_code:code>/reporter/", reporter, name="reporter"),
]
