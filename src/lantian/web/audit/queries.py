"""What the page of the log shows: by number from the newest down, however long the log is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from django.db.models import QuerySet

from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.web.audit.models import Event
from lantian.web.audit.registry import names, sentence

PAGE = 50
_FIRST, _LAST = date(1, 1, 2), date(9999, 12, 30)
# Rows of one file from the page; `lantian audit export` writes any number.
MOST = 100_000
FIELDS = (
    "id", "at", "actor_name", "actor_id", "action", "object_type", "object_id", "object_label",
    "data", "address", "request", "previous", "hash",
)  # fmt: skip


@dataclass(frozen=True)
class Filter:
    """Which events are shown; the defaults show all.

    Parameters
    ----------
    who
        Name of the actor.
    what
        Dotted name of the event, or of a part with a final dot (``accounts.``).
    first, last
        Local days, both included.
    thing
        ``type:id`` of the object, or what it is called, e.g. a case’s ``2026-0042``.
    """

    who: str = ""
    what: str = ""
    first: date | None = None
    last: date | None = None
    thing: str = ""


@dataclass(frozen=True)
class Page:
    """A page of events, the newest first.

    Parameters
    ----------
    older, newer
        Number below or above which the neighbouring page begins; None: there is none.
    """

    events: list[Event]
    older: int | None
    newer: int | None


def events(chosen: Filter, zone: str) -> QuerySet[Event]:
    """Return the events of a filter, the newest first."""
    found = Event.objects.order_by("-id")
    if chosen.who:
        found = found.filter(actor_name=chosen.who)
    if chosen.what.endswith("."):
        found = found.filter(action__in=[n for n in names() if n.startswith(chosen.what)])
    elif chosen.what:
        found = found.filter(action=chosen.what)
    if chosen.thing:
        kind, colon, key = chosen.thing.partition(":")
        if colon:
            found = found.filter(object_type=kind, object_id=key)
        else:  # as people name it, e.g. 2026-0042
            found = found.filter(object_label=chosen.thing)
    return _within(found, chosen, ZoneInfo(zone))


def _within(found: QuerySet[Event], chosen: Filter, zone: ZoneInfo) -> QuerySet[Event]:
    """Narrow events to days, by number: time never runs backward along the log."""
    # the calendar ends somewhere: what lies there is before or after all events
    if chosen.first is not None and chosen.first > _FIRST:
        begin = Event.objects.filter(at__gte=_begin(chosen.first, zone)).order_by("at", "id")
        number = begin.values_list("id", flat=True).first()
        if number is None:
            return found.none()
        found = found.filter(id__gte=number)
    if chosen.last is not None and chosen.last < _LAST:
        after = _begin(chosen.last + timedelta(days=1), zone)
        end = Event.objects.filter(at__lt=after).order_by("-at", "-id")
        number = end.values_list("id", flat=True).first()
        if number is None:
            return found.none()
        found = found.filter(id__lte=number)
    return found


def _begin(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def page(found: QuerySet[Event], *, before: int | None, after: int | None) -> Page:
    """Return the page below event ``before``, or the one above event ``after``; else the newest."""
    if after is not None:
        rows = list(found.filter(id__gt=after).order_by("id")[: PAGE + 1])
        more, rows = len(rows) > PAGE, rows[:PAGE][::-1]
        return Page(rows, rows[-1].id if rows else None, rows[0].id if more else None)
    below = found if before is None else found.filter(id__lt=before)
    rows = list(below[: PAGE + 1])
    more, rows = len(rows) > PAGE, rows[:PAGE]
    newer = rows[0].id if rows and before is not None else None
    return Page(rows, rows[-1].id if more else None, newer)


def table(rows: QuerySet[Event]) -> pl.DataFrame:
    """Return events as a table, hashes included.

    Raises
    ------
    InvalidArgumentError
        ``audit.too_many``.
    """
    found: list[tuple[Any, ...]] = list(rows.values_list(*FIELDS)[: MOST + 1])
    if len(found) > MOST:
        raise InvalidArgumentError(
            "audit.too_many",
            _(
                "These are more than {most} events. Choose fewer days, or write them all on the "
                "machine: lantian audit export FILE"
            ).format(most=MOST),
        )
    return frame(found)


def frame(rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    """Return rows as :func:`table` reads them as a table."""
    columns = {
        "number": pl.Int64(), "time": pl.Datetime("us", "UTC"), "who": pl.String(),
        "who_id": pl.Int64(), "action": pl.String(), "object_type": pl.String(),
        "object_id": pl.String(), "object": pl.String(), "data": pl.String(),
        "address": pl.String(), "request": pl.String(), "previous": pl.String(),
        "hash": pl.String(),
    }  # fmt: skip
    made = pl.DataFrame(rows, schema=columns, orient="row")
    said = {a: sentence(a) for a in made["action"].unique()}
    what = pl.col("action").replace_strict(said, return_dtype=pl.String()) if said else pl.lit("")
    return made.with_columns(what.alias("what")).select(
        "number", "time", "who", "what", *[c for c in columns if c not in ("number", "time", "who")]
    )
