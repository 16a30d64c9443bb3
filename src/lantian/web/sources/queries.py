"""What the pages of sources show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from django.db.models import Count, Max, Q, QuerySet
from django.http import QueryDict

from lantian.errors import InvalidArgumentError
from lantian.evaluation.neighbours import nearest
from lantian.i18n import gettext as _
from lantian.web.accounts.access import Access
from lantian.web.core.air import network
from lantian.web.duties.sectors import SECTORS
from lantian.web.places.models import Territory
from lantian.web.places.queries import descendants
from lantian.web.sources.kinds import KINDS
from lantian.web.sources.models import Source, Status
from lantian.web.sources.reach import Reach

PAGE = 50
ALL = "all"
NEAREST = 4
_LONGEST = 80  # characters of a search
_HERE = "\0"  # no station is called so


@dataclass(frozen=True)
class Asked:
    """The filters of the list and the map; empty: none, but closed sources are left out."""

    kind: str = ""
    territory: str = ""
    sector: str = ""
    status: str = ""
    q: str = ""

    @classmethod
    def of(cls, given: QueryDict) -> tuple[Asked, list[str]]:
        """Return the filters of an address, and a sentence for each that means nothing."""
        known: Mapping[str, Any] = {
            "kind": KINDS, "sector": SECTORS, "status": {*Status.values, ALL},
        }  # fmt: skip
        found: dict[str, str] = {
            "q": given.get("q", "").strip()[:_LONGEST],
            "territory": given.get("territory", "").strip(),
        }
        problems = []
        for name, values in known.items():
            text = given.get(name, "")
            if text and text not in values:
                problems.append(_("“{text}” means nothing here; it is left out.").format(text=text))
                text = ""
            found[name] = text
        return cls(**found), problems

    @classmethod
    def strict(cls, **given: str) -> Asked:
        """Return the filters a program gives.

        Raises
        ------
        InvalidArgumentError
            ``sources.bad_filter``: a value that means nothing.
        """
        asked = cls(**given)
        known: Mapping[str, Any] = {
            "kind": KINDS, "sector": SECTORS, "status": [*Status.values, ALL],
        }  # fmt: skip
        for name, values in known.items():
            if getattr(asked, name) and getattr(asked, name) not in values:
                raise InvalidArgumentError(
                    "sources.bad_filter",
                    _("“{text}” is no {name}; there are {known}.").format(
                        text=getattr(asked, name), name=name, known=", ".join(values)
                    ),
                    {"parameter": name},
                )
        return asked

    def query(self, **changes: object) -> dict[str, object]:
        """Return them as the query of an address."""
        own = {f: getattr(self, f) for f in ("kind", "territory", "sector", "status", "q")}
        return {**own, **changes}


def chosen(reach: Reach, asked: Asked) -> QuerySet[Source]:
    """Return the sources a person sees that fit the filters, by number."""
    rows = narrowed(reach.sources(), asked)
    return rows.filter(kind=asked.kind) if asked.kind else rows


def narrowed(rows: QuerySet[Source], asked: Asked) -> QuerySet[Source]:
    """Return those of ``rows`` that fit all filters but the kind."""
    if asked.sector:
        rows = rows.filter(sector=asked.sector)
    if asked.status == "":
        rows = rows.exclude(status=Status.CLOSED)
    elif asked.status != ALL:
        rows = rows.filter(status=asked.status)
    if asked.territory:
        top = Territory.objects.filter(code=asked.territory)
        rows = rows.filter(territory__in=[t.pk for t in descendants(top)])
    if asked.q:
        rows = rows.filter(
            Q(name__icontains=asked.q) | Q(number__iexact=asked.q)
            | Q(credit_code__iexact=asked.q) | Q(address__icontains=asked.q)
            | Q(organisation__name__icontains=asked.q)
        )  # fmt: skip
    return rows


def kinds_counted(reach: Reach, asked: Asked) -> dict[str, int]:
    """Return how many sources of each kind fit the other filters."""
    rows = narrowed(reach.sources(), asked).order_by().values_list("kind").annotate(n=Count("pk"))
    counted = dict(rows)
    return {kind: counted[kind] for kind in KINDS if kind in counted}


def territories_of(reach: Reach) -> list[tuple[str, str]]:
    """Return code and name of the territories in which a person sees sources."""
    rows = reach.sources().order_by("territory__code")
    return list(rows.values_list("territory__code", "territory__name").distinct())


def mark() -> str:
    """Return what changes whenever a source does; one query, answered from an index."""
    found = Source.objects.aggregate(last=Max("changed_at"), count=Count("pk"))
    return f"{found['last']}/{found['count']}"


@dataclass(frozen=True)
class Near:
    """A station near a source, and its air of the newest hour.

    Parameters
    ----------
    distance
        From the source [km].
    bearing
        Towards the station, clockwise from north [°]; None: in the same place.
    aqi
        None: not computed.
    """

    station: str
    name: str
    lon: float
    lat: float
    distance: float
    bearing: float | None
    aqi: int | None = None
    category: str | None = None
    values: Mapping[str, float | None] | None = None


def near(source: Source, mine: Access) -> tuple[list[Near], datetime | None]:
    """Return the nearest stations a person sees with the air of the newest hour, and its label."""
    if source.lon is None or source.lat is None:
        return [], None
    stations = (
        network().stations().select("station", "name", "lon", "lat").drop_nulls(["lon", "lat"])
    )
    if mine.stations is not None:
        stations = stations.filter(pl.col("station").is_in(list(mine.stations)))
    if stations.is_empty():
        return [], None
    here = pl.DataFrame(
        {"station": [_HERE], "name": [""], "lon": [source.lon], "lat": [source.lat]},
        schema=stations.schema,
    )
    found = nearest(pl.concat([stations, here]), _HERE, count=NEAREST)
    recent = network().recent(1)
    return [_near(row, stations, recent) for row in found.iter_rows(named=True)], recent.until


def _near(row: Mapping[str, Any], stations: pl.DataFrame, recent: Any) -> Near:  # noqa: ANN401
    station = row["station"]
    about = stations.row(by_predicate=pl.col("station") == station, named=True)
    fits = (pl.col("station") == station) & (pl.col("time") == recent.until)
    air = recent.aqi.filter(fits)
    values = recent.hours.filter(fits)
    judged = air.row(0, named=True) if air.height else {}
    return Near(
        station, about["name"] or station, about["lon"], about["lat"], row["distance"],
        row["bearing"], judged.get("aqi"), judged.get("category"),
        values.row(0, named=True) if values.height else None,
    )  # fmt: skip


def siblings(source: Source, reach: Reach) -> Sequence[Source]:
    """Return sources of the same kind in the same territory, as a sweep of alike ones needs."""
    rows = reach.sources().filter(kind=source.kind, territory=source.territory_id)
    return list(rows.exclude(pk=source.pk).exclude(status=Status.CLOSED)[:8])
