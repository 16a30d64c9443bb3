"""The page of the system: in what condition the installation is, and the clock of a demo."""

from __future__ import annotations

import dataclasses

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from lantian.home import clock
from lantian.i18n import gettext as _
from lantian.web.accounts.access import needs
from lantian.web.core import actions, condition
from lantian.web.core.air import network


class SpeedForm(forms.Form):
    """How fast the clock of a demo runs; the bounds are those of the clock."""

    speed = forms.FloatField(min_value=0.0, max_value=clock.FASTEST)


@needs("system.see")
@require_GET
def system(request: HttpRequest) -> HttpResponse:
    """Show in what condition the installation is."""
    context = {
        "c": condition.condition(),
        "home": settings.HOME,
        "speeds": condition.SPEEDS,
        "states": _states(),
        "processes": _processes(),
        "values": {n: _worded(v) for n, v in dataclasses.asdict(network().settings).items()},
    }
    return render(request, "core/system.html.j2", context)


@needs("system.see")
@require_GET
def findings(request: HttpRequest) -> HttpResponse:
    """Show what the doctor finds: as a piece of the page of the system, or by itself."""
    piece = request.headers.get("HX-Request") == "true"
    template = "core/findings.html.j2" if piece else "core/findings_page.html.j2"
    return render(request, template, {"findings": condition.findings()})


@needs("system.see")
@require_POST
def speed(request: HttpRequest) -> HttpResponse:
    """Let the clock of a demo run at another speed."""
    form = SpeedForm(request.POST)
    if not form.is_valid():
        messages.error(
            request,
            _("The speed is a number from 0 to {most:g}.").format(most=clock.FASTEST),
        )
        return redirect("core:system")
    after = actions.change_speed(request, form.cleaned_data["speed"])
    messages.success(request, _("The clock now runs {n:g} times as fast.").format(n=after.speed))
    return redirect("core:system")


def _worded(value: object) -> str:
    """Return the value of a setting as a page writes it."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)


def _processes() -> dict[str, str]:
    """Return what the processes the supervisor runs are called."""
    return {"web": _("web pages"), "worker": _("worker"), "simulator": _("simulator")}


def _states() -> dict[str, str]:
    """Return what the states of a process are called."""
    return {
        "starting": _("starting"),
        "running": _("running"),
        "waiting": _("waiting to be started again"),
        "failing": _("failing"),
        "stopping": _("stopping"),
        "stopped": _("stopped"),
    }
