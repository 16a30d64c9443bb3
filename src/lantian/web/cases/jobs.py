"""What cases need done by the clock."""

from __future__ import annotations

import logging

from django.conf import settings
from huey import crontab

from lantian.errors import DomainError
from lantian.home.clock import clock_of
from lantian.web.cases import climbing, ladder
from lantian.web.cases.rules import of_home
from lantian.web.core.jobs import queue

logger = logging.getLogger("lantian.jobs")


@queue.periodic_task(crontab())
def climb() -> None:
    """Remind of cases that are late, and put the rungs that need it up for signature."""
    try:
        rules, rungs = of_home(settings.HOME), ladder.load(settings.HOME.path)
    except DomainError as error:
        logger.warning("%s", error.message)  # the doctor shows it until the file is mended
        return
    climbing.run(rules, rungs, now=clock_of(settings.HOME)())
