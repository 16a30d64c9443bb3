"""What pages that count cases share: when counts change, months, places, the choices of filters."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import TypeVar, cast

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from lantian.i18n import gettext as _
from lantian.web.cases.asked import COLOURS
from lantian.web.cases.catalogue import Catalogue
from lantian.web.cases.models import CaseEvent
from lantian.web.cases.ontime import Period
from lantian.web.cases.table import TABLE
from lantian.web.duties.models import Kind, Organisation
from lantian.web.places.models import Level, Territory

MOST_COLUMNS = 20  # towns up to which a table has one column each; more: counties
_UNITS = (Kind.OFFICE, Kind.DEPARTMENT, Kind.TOWN, Kind.SUPERVISION, Kind.OTHER)
_FILTERED = (Level.CITY, Level.COUNTY, Level.TOWN)
_KEPT = 1024  # months of figures
_figures: OrderedDict[Hashable, object] = OrderedDict()
_mutex = threading.Lock()
T = TypeVar("T")
Options = list[tuple[str, str]]


def mark(actions: Collection[str] | None = None) -> int:
    """Return what changes whenever anything happens to a case: the number of the last event.

    Parameters
    ----------
    actions
        Whenever one of these happens; None: any.
    """
    events = CaseEvent.objects.order_by()
    if actions is not None:
        events = events.filter(action__in=sorted(actions))
    last: int | None = events.aggregate(last=Max("pk"))["last"]
    return last or 0


def kept(key: Hashable, make: Callable[[], T]) -> T:
    """Return figures from memory, or made now; ``key`` names all they depend on, and the home."""
    whole = (settings.HOME.path, key)
    with _mutex:
        if whole in _figures:
            _figures.move_to_end(whole)
            return cast("T", _figures[whole])
    made = make()
    with _mutex:
        _figures[whole] = made
        while len(_figures) > _KEPT:
            _figures.popitem(last=False)
    return made


def forget() -> None:
    """Drop the figures in memory, as after the database was put back to a state of before."""
    with _mutex:
        _figures.clear()


def to_the_minute(now: datetime) -> datetime:
    """Return the minute a page speaks of, so that all who look within it see the same."""
    return now.replace(second=0, microsecond=0)


def month_of(day: date) -> Period:
    """Return the local month of a day."""
    return months(day, 1)[0]


def months(last: date, count: int) -> list[Period]:
    """Return ``count`` local months up to that of ``last``, in time."""
    firsts = [last.replace(day=1)]
    for _n in range(count):
        firsts.append((firsts[-1] - timedelta(days=1)).replace(day=1))
    after = (firsts[0] + timedelta(days=31)).replace(day=1)
    bounds = [timezone.make_aware(datetime.combine(d, time())) for d in (after, *firsts[:count])]
    return [Period(start, end) for end, start in pairwise(bounds)][::-1]


def days_of(period: Period) -> tuple[date, date]:
    """Return the first and the last local day of a period."""
    last = timezone.localtime(period.end) - timedelta(microseconds=1)
    return timezone.localtime(period.start).date(), last.date()


@dataclass(frozen=True)
class Place:
    """A column of a table by place.

    Parameters
    ----------
    whole
        It stands for all that lies in it; else for what lies in it and in nothing below.
    """

    code: str
    name: str
    whole: bool


def columns() -> dict[int, Place]:
    """Return the column of each territory: its town, or its county where there are many towns."""
    rows = list(Territory.objects.values_list("pk", "code", "name", "level", "parent").order_by())
    of = {row[0]: row for row in rows}
    levels = [row[3] for row in rows]
    many = levels.count(Level.TOWN) > MOST_COLUMNS and levels.count(Level.COUNTY) > 1
    wanted = Level.COUNTY if many else Level.TOWN
    found: dict[int, Place] = {}
    for pk, code, name, _level, _parent in rows:
        at, above = pk, of[pk][4]
        while of[at][3] != wanted and above is not None:  # a tree: it comes to its end
            at, above = above, of[above][4]
        top = of[at][3] == wanted
        own = of[at] if top else (pk, code, name)
        found[pk] = Place(own[1], own[2], whole=top)
    return found


def choices(catalogue: Catalogue, today: date) -> Mapping[str, Options]:
    """Return the choices of the filters a board, a map and statistics have."""
    places = Territory.objects.filter(level__in=_FILTERED).values_list("code", "name")
    units = Organisation.objects.filter(kind__in=_UNITS, valid_to__isnull=True)
    whole = ("", _("all"))
    words = {"green": _("in time"), "yellow": _("nearly due"), "red": _("overdue")}
    media = {"air": _("air"), "water": _("water"), "soil": _("soil")}
    years = [str(year) for year in range(today.year, today.year - 3, -1)]
    return {
        "territory": [whole, *places],
        "lead": [whole, *units.values_list("code", "name").order_by("code")],
        "colour": [whole, *((c, words[c]) for c in COLOURS)],
        "channel": [whole, *((c.code, c.title) for c in TABLE.channels.values())],
        "problem": [whole, *((t.code, t.title) for t in catalogue.types.values())],
        "medium": [whole, *media.items()],
        "year": [whole, *((y, y) for y in years)],
    }
