"""Which cases are in the scope of a task force."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.db.models import Q
from django.utils import timezone

from lantian.web.places.queries import descendants
from lantian.web.taskforces.models import TaskForce


def condition(force: TaskForce) -> Q:
    """Return the condition that a case is in the scope of a task force.

    That is: of its territories, problem types and kinds of sources, taken in by its last day, and
    not ended before its first.
    """
    first = timezone.make_aware(datetime.combine(force.starts, time()))
    found = Q(ended_at__isnull=True) | Q(ended_at__gte=first)
    if force.ends is not None:
        after = datetime.combine(force.ends + timedelta(days=1), time())
        found &= Q(taken_in_at__lt=timezone.make_aware(after))
    if force.problems:
        found &= Q(problem__in=force.problems)
    if force.kinds:
        found &= Q(source__kind__in=force.kinds)
    places = list(force.territories.all())
    if places:
        found &= Q(territory__in=[t.pk for t in descendants(places)])
    return found


def condition_of(number: str) -> Q:
    """Return the same of a task force by its number; of one that is not there: no case."""
    force = TaskForce.objects.filter(pk=int(number)).first()
    return Q(pk__in=()) if force is None else condition(force)
