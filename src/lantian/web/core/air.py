"""The network whose air this server shows: one for the process, opened when first asked for."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from lantian.home.clock import clock_of
from lantian.network import Network


def network() -> Network:
    """Return the network of the home that is served."""
    return _opened()


@cache
def _opened() -> Network:
    return Network(settings.HOME, clock=clock_of(settings.HOME))
