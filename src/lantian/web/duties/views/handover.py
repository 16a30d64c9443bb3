"""Handing over: all posts of somebody who leaves, to somebody else."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.i18n import ngettext
from lantian.web.accounts import actions
from lantian.web.accounts.access import needs
from lantian.web.accounts.actions.handover import Move, fingerprint, planned
from lantian.web.accounts.queries import as_post
from lantian.web.audit.actors import of_request
from lantian.web.core import clock
from lantian.web.core.errors import status_of
from lantian.web.duties.forms import HandoverForm


@needs("accounts.manage")
@never_cache
@require_http_methods(["GET", "POST"])
def handover(request: HttpRequest) -> HttpResponse:
    """Show what handing over would do (GET), and do it (POST)."""
    day = clock.today()
    given = request.POST if request.method == "POST" else request.GET
    chosen = "successor" in given
    form = HandoverForm(
        given if chosen else None, today=day, initial={"leaver": given.get("leaver", "")}
    )
    moves: list[Move] | None = None
    error: DomainError | None = None
    if chosen and form.is_valid():
        leaver, successor = form.cleaned_data["leaver"], form.cleaned_data["successor"]
        last = form.cleaned_data["last_day"] or day - timedelta(days=1)
        try:
            if request.method == "POST":
                done = actions.hand_over(
                    of_request(request), leaver, successor, last_day=last, today=day,
                    expected=given.get("expected", ""),
                )  # fmt: skip
                return _done(request, done, successor.pk, successor.name)
            moves = planned(leaver, successor, last)
        except DomainError as problem:
            error = problem
    return render(request, "duties/handover.html.j2", {
        "form": form, "error": error, "moves": moves,
        "shown": [(m, as_post(m.post, day)) for m in moves or ()],
        "expected": fingerprint(moves) if moves else "",
    }, status=status_of(error) if error else 200)  # fmt: skip


def _done(request: HttpRequest, moves: list[Move], pk: int, name: str) -> HttpResponse:
    moved = sum(m.what == "moves" for m in moves)
    text = ngettext("{n} post is handed over to {name}.", "{n} posts are handed over to {name}.",
                    moved)  # fmt: skip
    messages.success(request, text.format(n=moved, name=name) if moved else _("The posts end."))
    return redirect("accounts:person", pk)
