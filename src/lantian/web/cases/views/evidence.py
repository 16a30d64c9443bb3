"""The evidence of a case: all of it on a page, and each file."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from lantian.web.accounts.access import needs
from lantian.web.cases import converters  # noqa: F401 - registers the kind of address
from lantian.web.cases.doing.keeping import own_file
from lantian.web.cases.models import CaseEvent
from lantian.web.cases.reach import reach
from lantian.web.evidence import flags, words
from lantian.web.evidence.queries import file_of, of_case
from lantian.web.evidence.serving import SIZES, answer


@needs("cases.see")
@require_safe
def album(request: HttpRequest, code: str) -> HttpResponse:
    """Show all the evidence of a case: what it shows, who brought it when, and its digest."""
    mine = reach(request)
    case = mine.case(code)
    pieces = of_case(case, mine.cases())
    events = CaseEvent.objects.filter(case__in=[case.pk, *(p.case.pk for p in pieces)])
    known = flags.known(case, pieces, events, mine.cases())
    return render(request, "cases/do_album.html.j2", {
        "case": case, "pieces": pieces, "known_of": lambda p: known.get(flags.key_of(p)),
        "flag_words": words.sentence, "told": words.told,
        "may_flags": words.sees_flags(request),
    })  # fmt: skip


@needs("cases.see")
@require_safe
def file(request: HttpRequest, code: str, digest: str) -> HttpResponse:
    """Send a file to somebody who sees the case it came with, or who has just sent it."""
    mine = reach(request)
    case = mine.case(code)
    found = own_file(request, case, digest) or file_of(case, digest, mine.cases())
    size = request.GET.get("size", "")
    if found is None or size not in SIZES or (size and not found.is_picture):
        raise Http404
    return answer(request, found, f"{case.code}-{digest[:8]}", size=size)


urls = [
    path("cases/<case_code:code>/evidence/", album, name="album"),
    path("cases/<case_code:code>/evidence/<slug:digest>/", file, name="evidence"),
]
