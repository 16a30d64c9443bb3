"""What is done with evidence by the clock."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from huey import crontab

from lantian.errors import DomainError
from lantian.home.clock import clock_of
from lantian.web.core.jobs import queue
from lantian.web.evidence.likes import compare, taken_up
from lantian.web.evidence.limits import AT_ONCE
from lantian.web.evidence.models import PICTURES, File, Print

logger = logging.getLogger("lantian.jobs")
_PATIENCE = timedelta(minutes=2)  # by then who sent pictures in the same moment is done


@queue.periodic_task(crontab())
def look_at_pictures() -> None:
    """Look at pictures nobody looked at yet, and once more at new ones."""
    take_up(AT_ONCE)


def take_up(most: int) -> int:
    """Look at up to ``most`` pictures: at new ones, then again at those sent in one moment.

    Returns
    -------
    int
        How many were looked at.
    """
    new = list(File.objects.filter(kind__in=PICTURES, print=None)[:most])
    for file in new:
        try:
            taken_up(file)
        except DomainError as error:
            logger.warning("%s", error.message)  # the doctor names it until it is brought back
    before = clock_of(settings.HOME)() - _PATIENCE
    again = Print.objects.filter(settled=False, file__at__lt=before).select_related("file")
    rows = list(again[: most - len(new)])
    for row in rows:
        compare(row)
    Print.objects.filter(pk__in=[r.pk for r in rows]).update(settled=True)
    return len(new) + len(rows)
