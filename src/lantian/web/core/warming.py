"""What a web server does while nobody asks yet: it reads what the first page will need."""

from __future__ import annotations

import logging
import threading
from datetime import date, timedelta

from django.template import engines
from django.urls import reverse
from jinja2 import Environment

from lantian.errors import DomainError
from lantian.web.core.air import network
from lantian.web.core.clock import today

log = logging.getLogger(__name__)


def begin() -> threading.Thread:
    """Start reading in the background; a request that needs the same waits for it or is first."""
    thread = threading.Thread(target=warm, name="warming", daemon=True)
    thread.start()
    return thread


def warm() -> None:
    """Read the code of all pages, the newest hours, the days of this year; compile templates."""
    reverse("air:today")  # reads every address and with it every view: seconds of the first request
    try:
        served = network()
        served.recent()
        extent = served.extent()
        if extent is not None:
            last = min(extent[1], today() - timedelta(days=1))
            first = max(extent[0], date(last.year, 1, 1))
            if first <= last:
                served.days(first, last)
    except (DomainError, OSError) as error:  # the page that needs it will say it to a person
        log.warning("Nothing could be read ahead: %s", error)
    environment: Environment = engines["jinja2"].env  # type: ignore[attr-defined]
    for name in environment.list_templates(extensions=["j2"]):
        environment.get_template(name)
