"""The pages of the log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.web.accounts.access import access, needs
from lantian.web.audit import anchors, chain, queries, registry
from lantian.web.audit.models import Event
from lantian.web.audit.queries import Filter
from lantian.web.audit.verify import Verdict, verify
from lantian.web.audit.words import field_title
from lantian.web.core import downloads
from lantian.web.core.formats import with_query

SEE = "audit.see"


@needs(SEE)
@never_cache
@require_GET
def events(request: HttpRequest) -> HttpResponse:
    """List events, as a page or as a file."""
    return _events(request)


def _events(request: HttpRequest, verdict: Verdict | None = None, wrong: str = "") -> HttpResponse:
    chosen = _filter(request)
    found = queries.events(chosen, settings.HOME.zone)
    wanted = downloads.wanted(request, "csv", "xlsx", "json")
    if wanted is not None:
        made = queries.table(found)
        kept = {k: str(v) for k, v in vars(chosen).items() if v} | {"events": made.height}
        chain.record("audit.exported", data=kept, request=request)
        return downloads.table(made, _("audit log"), wanted)
    try:
        anchor = anchors.last(anchors.path_of(settings.HOME))
    except DomainError as error:  # the log itself can be read
        anchor, wrong = None, wrong or error.message
    get = request.GET.get
    shown = queries.page(found, before=_number(get("before")), after=_number(get("after")))
    link = _link_of(request)
    context = {
        "chosen": chosen,
        "events": shown.events,
        "older": None if shown.older is None else link(before=shown.older),
        "newer": None if shown.newer is None else link(after=shown.newer),
        "newest": link(),
        "head": chain.head(),
        "anchor": anchor,
        "choices": _choices(),
        "said": registry.sentence,
        "files": downloads.links(request, "csv", "xlsx", "json", before=None, after=None),
        "verdict": verdict,
        "wrong": wrong,
        "may_people": "accounts.manage" in access(request),
    }
    return render(request, "audit/events.html.j2", context)


@needs(SEE)
@never_cache
@require_GET
def event(request: HttpRequest, number: int) -> HttpResponse:
    """Show one event whole."""
    found = get_object_or_404(Event, pk=number)
    details = found.details
    before, after = details.get("before"), details.get("after")
    context = {
        "event": found,
        "said": registry.sentence(found.action),
        "changes": _changes(before, after),
        "both": before is not None and after is not None,
        "details": {k: v for k, v in details.items() if k not in ("before", "after")},
        "previous": Event.objects.filter(pk=number - 1).exists(),
        "next": Event.objects.filter(pk=number + 1).exists(),
        "field_title": field_title,
        "thing": f"{found.object_type}:{found.object_id}" if found.object_type else None,
    }
    return render(request, "audit/event.html.j2", context)


def _changes(before: Any, after: Any) -> list[tuple[str, Any, Any]]:  # noqa: ANN401
    """Return field, old and new value of everything the event says of before and after."""
    old = before if isinstance(before, dict) else {}
    new = after if isinstance(after, dict) else {}
    if not isinstance(before, dict | None) or not isinstance(after, dict | None):
        return [("", before, after)]
    return [(k, old.get(k), new.get(k)) for k in dict.fromkeys([*old, *new])]


@needs(SEE)
@never_cache
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Walk along the chain and say what was found; the walk is an event itself."""
    if request.method == "GET":  # somebody comes back to the address, or changes the language
        return redirect("audit:events")
    given = request.POST.get("anchor", "").strip()
    try:
        known = [anchors.parse(given)] if given else []
        path = anchors.path_of(settings.HOME)
        if path.exists():
            known += anchors.read(path)
    except DomainError as error:
        return _events(request, wrong=error.message)
    verdict = verify(known)
    kept = {
        "events": verdict.events,
        "anchors": verdict.anchors,
        "fault": None if verdict.fault is None else [verdict.fault.kind, verdict.fault.number],
    }
    chain.record("audit.verified", data=kept, request=request)
    return _events(request, verdict)


def _filter(request: HttpRequest) -> Filter:
    get = request.GET.get
    return Filter(
        who=get("who", "").strip()[:80],
        what=get("what", "").strip()[:64],
        first=_day(get("from")),
        last=_day(get("to")),
        thing=get("object", "").strip()[:200],
    )


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else None


def _choices() -> list[tuple[str, str]]:
    """Return every kind of event, each app's under a line for all of them."""
    parts = {
        "accounts.": _("People: all"),
        "audit.": _("Audit: all"),
        "cases.": _("Cases: all"),
        "core.": _("System: all"),
        "data.": _("Data: all"),
        "duties.": _("Duties: all"),
        "dust.": _("Sand-dust: all"),
        "evidence.": _("Evidence: all"),
        "documents.": _("Documents: all"),
        "sources.": _("Sources: all"),
        "stations.": _("Stations: all"),
        "taskforces.": _("Task forces: all"),
        "territories.": _("Territories: all"),
    }
    found: list[tuple[str, str]] = []
    seen = ""
    for name in registry.names():
        part = name.split(".")[0] + "."
        if part != seen:
            found.append((part, parts.get(part, f"{part}*")))
            seen = part
        found.append((name, registry.sentence(name)))
    return found


def _link_of(request: HttpRequest) -> Callable[..., str]:
    def link(**place: int) -> str:
        query = {k: request.GET.getlist(k) for k in request.GET if k not in ("before", "after")}
        return with_query(request.path.removesuffix("verify/"), {**query, **place})

    return link
