"""What every page knows: the network, the person, the navigation, the time."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

import lantian
from lantian.i18n import active
from lantian.web.accounts.access import Access
from lantian.web.core import clock, nav
from lantian.web.core.air import network
from lantian.web.notifications.queries import unread_of


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the variables of the base template."""
    access: Access = getattr(request, "access", Access())
    return {
        "language": active(),
        "network_name": network().name,
        "simulated": network().simulated,
        "now": clock.now(),
        "clock_speed": clock.speed(),
        "user": request.user,
        "unread_notices": unread_of(request),
        "access": access,
        "nav": nav.lines(request, access) if request.user.is_authenticated else [],
        "version": lantian.__version__,
        "web": settings.WEB,
        "address": request.get_full_path(),
        "wall": request.GET.get("wall") == "1",
    }
