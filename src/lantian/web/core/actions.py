"""What may be changed of the installation itself."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from lantian.home import clock
from lantian.web.audit import chain


def change_speed(request: HttpRequest, speed: float) -> clock.Simulation:
    """Let the clock of a simulated home run at another speed from now on.

    Parameters
    ----------
    speed
        Simulated seconds in a real one.

    Raises
    ------
    InvalidArgumentError
        ``home.bad_speed``.
    DomainError
        ``home.not_simulated``.
    """
    home = settings.HOME
    before = clock.read(home.path)
    with transaction.atomic():
        chain.record(
            "core.clock_changed",
            ("home", home.path.name, home.name),
            {"before": None if before is None else before.speed, "after": speed},
            request=request,
        )
        return clock.set_speed(home, speed)  # where it fails, nothing was logged either
