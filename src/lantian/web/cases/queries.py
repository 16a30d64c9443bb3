"""What is read of cases: duplicates, similar sources, the whole story, who may act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import asin, cos, radians, sin, sqrt

from django.db.models import OuterRef, Q, QuerySet

from lantian.web.cases.actions.acting import situation
from lantian.web.cases.doers import Doer, posts_of, standing
from lantian.web.cases.models import Case, CaseEvent, Comment
from lantian.web.cases.table import TABLE, Action, due, permitted
from lantian.web.places.models import Territory
from lantian.web.places.queries import descendants
from lantian.web.sources.models import Source, Status

_EARTH = 6_371_008.8  # mean radius [m], IUGG
_DEGREE = 111_195.0  # of latitude [m] on that sphere


@dataclass(frozen=True)
class Duplicate:
    """A case that may be the same problem.

    Parameters
    ----------
    metres
        How far apart they lie [m]; None: one has no position, and the source is the same.
    hours
        How long apart they were seen [h].
    """

    case: Case
    metres: float | None
    hours: float


def duplicates(
    problem: str, found_at: datetime, *, lon: float | None = None, lat: float | None = None,
    source: Source | None = None, besides: Case | None = None,
    among: Sequence[Case] | None = None,
) -> list[Duplicate]:  # fmt: skip
    """Return the open cases of a type that are near in place and time, the nearest first.

    Near are those within :attr:`~lantian.web.cases.table.Table.near` of the position, or of the
    same source; in time, within :attr:`~lantian.web.cases.table.Table.soon`.

    Parameters
    ----------
    among
        What :func:`open_between` found for a span that has ``found_at`` in it; None: asked now.
    """
    place = Q(source=source) if source is not None else Q(pk__in=())
    if lon is not None and lat is not None:
        up = TABLE.near / _DEGREE
        aside = min(180.0, up / max(cos(radians(min(89.0, abs(lat) + up))), 1e-6))
        place |= Q(lat__range=(lat - up, lat + up), lon__range=(lon - aside, lon + aside))
    if among is None:
        among = list(open_between(problem, found_at, found_at).filter(place))
    found = []
    for case in among:
        if case == besides or abs(case.found_at - found_at) > TABLE.soon:
            continue
        metres = None
        if None not in (lon, lat, case.lon, case.lat):
            metres = distance(lon, lat, case.lon, case.lat)  # type: ignore[arg-type]
        same = source is not None and case.source_id == source.pk
        if same or (metres is not None and metres <= TABLE.near):
            hours = abs((case.found_at - found_at).total_seconds()) / 3600
            found.append(Duplicate(case, metres, hours))
    return sorted(found, key=lambda d: (d.metres or 0.0, d.hours, d.case.pk))


def open_between(problem: str, first: datetime, last: datetime) -> QuerySet[Case]:
    """Return the open cases of a type that are near in time to a span of moments."""
    span = (first - TABLE.soon, last + TABLE.soon)
    rows = Case.objects.filter(problem=problem, found_at__range=span)
    return rows.exclude(state__in=TABLE.ended).select_related("territory", "source")


def distance(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Return the great-circle distance of two positions [m] (haversine formula)."""
    north, south = radians(lat), radians(other_lat)
    half = (
        sin((south - north) / 2) ** 2
        + cos(north) * cos(south) * sin(radians(other_lon - lon) / 2) ** 2
    )
    return 2 * _EARTH * asin(min(1.0, sqrt(half)))


def similar_sources(case: Case) -> list[Source]:
    """Return the sources of the same kind in the same network that work, the nearest first.

    Of a case without a source there are none.
    """
    if case.source is None:
        return []
    top: Territory = case.territory
    while top.parent is not None:
        top = top.parent
    rows = Source.objects.filter(
        kind=case.source.kind, status=Status.OPERATING, territory__in=descendants([top])
    )
    here = case.source

    def near(source: Source) -> tuple[bool, float, str]:
        if None in (here.lon, here.lat, source.lon, source.lat):
            return True, 0.0, source.number
        return False, distance(here.lon, here.lat, source.lon, source.lat), source.number  # type: ignore[arg-type]

    return sorted(rows.exclude(pk=here.pk).select_related("territory"), key=near)


def absorbed(case: Case, seen: QuerySet[Case] | None = None) -> list[Case]:
    """Return the cases merged into a case, and those merged into them; one query for each level.

    Parameters
    ----------
    seen
        The cases a person sees: no other is returned; None: all. Who takes part in the case that
        goes on need not have been concerned by those merged into it.
    """
    among = Case.objects.all() if seen is None else seen
    found: list[Case] = []
    layer = [case.pk]
    while layer:
        rows = among.filter(merged_into__in=layer).order_by("year", "number")
        below = list(rows.select_related("territory", "source"))
        found += below
        layer = [c.pk for c in below]
    return found


def history(case: Case) -> list[CaseEvent]:
    """Return everything that was done to a case and to those merged into it, in time."""
    return events_of([case, *absorbed(case)])


def deeds(case: str, *actions: str) -> QuerySet[CaseEvent]:
    """Return the events of some actions of one case, that of an outer query.

    Parameters
    ----------
    case
        The column of the outer query that is the key of the case.
    """
    return CaseEvent.objects.filter(case=OuterRef(case), action__in=actions).order_by()


def events_of(cases: Sequence[Case]) -> list[CaseEvent]:
    """Return everything that was done to some cases, in time."""
    rows = CaseEvent.objects.filter(case__in=[c.pk for c in cases])
    return list(rows.select_related("case", "organisation").order_by("at", "case", "number"))


def comments_of(cases: Sequence[Case]) -> list[Comment]:
    """Return everything that was said about some cases, in time."""
    rows = Comment.objects.filter(case__in=[c.pk for c in cases])
    return list(rows.select_related("case", "author").order_by("at", "id"))


def possible(case: Case, doer: Doer, day: date) -> list[Action]:
    """Return what somebody may do with a case as it stands, in the order of the table."""
    where, who = situation(case), standing(case, doer, posts_of(doer, day))
    return [
        action
        for action in TABLE.actions.values()
        if case.state in action.states
        and permitted(action, where, who) is None
        and due(action, where) is None
    ]
