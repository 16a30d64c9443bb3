"""The search: under its field while one types, and as a page of its own."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from lantian.web.accounts.access import signed_in
from lantian.web.core import finding

_LONGEST = 80  # characters; as long as a name may be


@signed_in
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Show what is found: to htmx the piece under the field, else a page."""
    text = request.GET.get("q", "").strip()[:_LONGEST]
    piece = request.headers.get("HX-Request") == "true"
    groups = finding.find(request, text, finding.FEW if piece else finding.MANY)
    template = "core/found.html.j2" if piece else "core/search.html.j2"
    return render(request, template, {"text": text, "groups": groups, "piece": piece})
