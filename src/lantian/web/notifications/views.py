"""The page of what one was told."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from lantian.i18n import ngettext
from lantian.web.accounts.access import signed_in
from lantian.web.core import clock
from lantian.web.core.formats import with_query
from lantian.web.notifications import actions, queries, registry


@signed_in
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """List what somebody was told, the newest first."""
    unread, title = _asked(request)
    found = queries.notices(request.user.pk or 0, unread=unread, title=title)
    page = Paginator(found, queries.PAGE).get_page(request.GET.get("page"))

    def link(number: int) -> str:
        kept = {"show": "unread" if unread else None, "kind": title or None}
        return with_query(request.path, {**kept, "page": number if number > 1 else None})

    shown = [(n, registry.sentence(n.kind, n.data)) for n in page]
    return render(request, "notifications/list.html.j2", {
        "shown": shown, "page": page, "link": link, "only_unread": unread, "kind": title,
        "kinds": registry.titles(), "filtered": unread or bool(title),
        "all_url": with_query(request.path, {"kind": title or None}),
        "unread_url": with_query(request.path, {"show": "unread", "kind": title or None}),
    })  # fmt: skip


@signed_in
@require_POST
def opened(request: HttpRequest, notice: int) -> HttpResponse:
    """Note that a notice was read, and go where it leads."""
    found = actions.read(request.user, notice, now=clock.now())  # type: ignore[arg-type]
    if found is None:
        raise Http404
    if found.case is not None and "stay" not in request.POST:
        return redirect("cases:case", found.case.code)
    return redirect(_back(request))


@signed_in
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Note that all notices were read, or those the filter shows."""
    _unread, title = _asked(request)
    kinds = registry.of_title(title) if title else None
    n = actions.read_all(request.user, kinds, now=clock.now())  # type: ignore[arg-type]
    said = ngettext("{n} notice is marked as read.", "{n} notices are marked as read.", n)
    messages.success(request, said.format(n=n))
    return redirect(_back(request))


def _asked(request: HttpRequest) -> tuple[bool, str]:
    """Return whether only unread ones are asked for, and the kind; unknown ones count for all."""
    given = request.POST if request.method == "POST" else request.GET
    title = given.get("kind", "")
    known = title in dict(registry.titles())
    return given.get("show") == "unread", title if known else ""


def _back(request: HttpRequest) -> str:
    unread, title = _asked(request)
    show = "unread" if unread else None
    return with_query(reverse("notifications:list"), {"show": show, "kind": title or None})
