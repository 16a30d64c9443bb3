"""The time pages speak of: the network's, which in a demo may run fast."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from lantian.home import clock
from lantian.web.core.air import network


def now() -> datetime:
    """Return the moment, in the zone of the network."""
    return network().now().astimezone(ZoneInfo(network().zone))


def today() -> date:
    """Return the local day."""
    return now().date()


def speed() -> float:
    """Return how many times as fast as the machine's the clock runs: 1 but in a demo."""
    simulation = clock.read(settings.HOME.path)
    return simulation.speed if simulation else 1.0
