"""Sand-dust decisions: which days are deducted, by whose word."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from lantian.errors import DomainError
from lantian.home import dust as kept
from lantian.i18n import gettext as _
from lantian.web.accounts.access import access, needs
from lantian.web.air import actions
from lantian.web.air.forms import DustForm, ReasonForm
from lantian.web.air.notices import done
from lantian.web.audit.actors import of_request
from lantian.web.core.air import network
from lantian.web.core.errors import status_of


@needs("data.see")
@require_http_methods(["GET", "POST"])
def dust(request: HttpRequest) -> HttpResponse:
    """Show the decisions, and enter one."""
    form: DustForm | None = None
    error: DomainError | None = None
    if request.method == "POST":
        actions.permit(of_request(request), "dust")
        form = DustForm(request.POST)
        if form.is_valid():
            data = form.cleaned_data
            try:
                start, end = kept.local_days(data["first"], data["last"], network().zone)
                made = actions.add_dust(
                    of_request(request), start=start, end=end,
                    decision=data["decision"], stations=data["stations"],
                )  # fmt: skip
            except DomainError as problem:
                error = problem
            else:
                numbers = ", ".join(str(d.id) for d in made)
                done(request, _("Sand-dust decision {number} is entered.").format(number=numbers))
                return redirect("air:data-dust")
    status = status_of(error) if error else 400 if form is not None and form.errors else 200
    names = dict(network().stations().select("station", "name").iter_rows())
    return render(request, "air/data_dust.html.j2", {
        "decisions": sorted(kept.load(settings.HOME.path), key=lambda d: (-d.counts, -d.id)),
        "form": form or DustForm(), "error": error, "names": names,
        "may": "dust" in access(request), "open": form is not None,
    }, status=status)  # fmt: skip


@needs("dust")
@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, number: int) -> HttpResponse:
    """Take a decision back, with the reason."""
    held = next((d for d in kept.load(settings.HOME.path) if d.id == number), None)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.remove_dust(of_request(request), number, reason=form.cleaned_data["reason"])
        done(request, _("Sand-dust decision {number} is taken back.").format(number=number))
        return redirect("air:data-dust")
    if held is None or not held.counts:
        return redirect("air:data-dust")
    names = dict(network().stations().select("station", "name").iter_rows())
    context = {"held": held, "form": form, "names": names}
    return render(
        request, "air/data_dust_remove.html.j2", context, status=400 if form.errors else 200
    )


urls = [
    path("air/data/dust/", dust, name="data-dust"),
    path("air/data/dust/<int:number>/remove/", remove, name="data-dust-remove"),
]
