"""Which stations lie where, and the tree of territories."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import shapely
from django.db.models import Count, Max
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from lantian.web.core.air import network
from lantian.web.places.models import Level, Territory

LEVELS: tuple[str, ...] = tuple(Level.values)
_KEPT = 512
_found: OrderedDict[Hashable, frozenset[str]] = OrderedDict()
_mutex = threading.Lock()


@dataclass(frozen=True)
class Branch:
    """A territory with what is below it, as a page lists it.

    Parameters
    ----------
    depth
        How many territories are above it.
    stations
        How many stations lie in it.
    posts
        How many appointments name it.
    """

    territory: Territory
    depth: int
    stations: int
    posts: int
    children: int

    @property
    def free(self) -> bool:
        """Say whether nothing hangs on it, so that it may be deleted."""
        return not self.posts and not self.children


def mark() -> tuple[object, int]:
    """Return what changes whenever a territory does; one query, answered from an index."""
    found = Territory.objects.aggregate(last=Max("changed_at"), count=Count("pk"))
    return found["last"], found["count"]


def descendants(territories: Iterable[Territory]) -> list[Territory]:
    """Return ``territories`` and everything below them; one query for each level of the tree."""
    found = {t.pk: t for t in territories}
    layer = list(found)
    while layer:
        below = Territory.objects.filter(parent_id__in=layer).exclude(pk__in=found)
        layer = []
        for territory in below:
            found[territory.pk] = territory
            layer.append(territory.pk)
    return list(found.values())


def stations_within(territories: Iterable[Territory]) -> frozenset[str]:
    """Return the stations of ``territories``.

    A station with a position lies where its position is, if the territory has a boundary or
    everything that could hold it has one. Otherwise the register's town (or city) must name the
    territory, and no other territory of that level may be called so.
    """
    given = list(territories)
    if not given:
        return frozenset()
    key = (tuple(sorted(t.pk for t in given)), network().home.path, _register_mark(), mark())
    with _mutex:
        if key in _found:
            _found.move_to_end(key)
            return _found[key]
    made = _within(given)
    with _mutex:
        _found[key] = made
        while len(_found) > _KEPT:
            _found.popitem(last=False)
    return made


def tree() -> list[Branch]:
    """Return all territories, each below the one it belongs to, in order of their codes."""
    rows = list(
        Territory.objects.annotate(posts=Count("appointments", distinct=True)).order_by("code")
    )
    posts = {row.pk: int(getattr(row, "posts", 0)) for row in rows}  # annotated
    below: dict[int | None, list[Territory]] = {}
    for row in rows:
        below.setdefault(row.parent_id, []).append(row)
    counts = _station_counts(rows)
    found: list[Branch] = []

    def add(parent: int | None, depth: int) -> None:
        for row in below.get(parent, ()):
            found.append(
                Branch(row, depth, counts[row.pk], posts[row.pk], len(below.get(row.pk, ())))
            )
            add(row.pk, depth + 1)

    add(None, 0)
    return found


def _station_counts(rows: Sequence[Territory]) -> dict[int, int]:
    """Return how many stations each territory holds."""
    names = _ambiguous()
    register = _places()
    points = register.drop_nulls(["lon", "lat"])
    lon, lat = points["lon"].to_numpy(), points["lat"].to_numpy()
    own: dict[int, set[str]] = {}
    for row in rows:
        held = _named(register, [row], names)
        if row.boundary:
            held |= _inside(shape(row.boundary), points["station"], lon, lat)
        own[row.pk] = held
    children: dict[int | None, list[Territory]] = {}
    for row in rows:
        children.setdefault(row.parent_id, []).append(row)

    def all_of(row: Territory) -> set[str]:
        if row.boundary:
            return own[row.pk] | _without_place(register, row, children, own)
        return own[row.pk].union(*(all_of(c) for c in children.get(row.pk, ())))

    return {row.pk: len(all_of(row)) for row in rows}


def _without_place(
    register: pl.DataFrame, row: Territory, children: dict[int | None, list[Territory]],
    own: dict[int, set[str]],
) -> set[str]:  # fmt: skip
    """Return the stations below a territory that are known by a name only."""
    placeless = set(register.filter(pl.col("lon").is_null() | pl.col("lat").is_null())["station"])
    found: set[str] = set()
    for child in children.get(row.pk, ()):
        found |= own[child.pk] & placeless
        found |= _without_place(register, child, children, own)
    return found


def _within(given: Sequence[Territory]) -> frozenset[str]:
    register = _places()
    family = descendants(given)
    points = register.drop_nulls(["lon", "lat"])
    lon, lat = points["lon"].to_numpy(), points["lat"].to_numpy()
    inside = _named(register, family, _ambiguous())
    for area in _areas(given, family):
        inside |= _inside(area, points["station"], lon, lat)
    return frozenset(inside)


def _areas(given: Sequence[Territory], family: Sequence[Territory]) -> list[BaseGeometry]:
    """Return the boundaries of the given territories; of one without, those of what is below."""
    children: dict[int | None, list[Territory]] = {}
    for territory in family:
        children.setdefault(territory.parent_id, []).append(territory)
    found: list[BaseGeometry] = []
    waiting = list(given)
    seen: set[int] = set()
    while waiting:
        territory = waiting.pop()
        if territory.pk in seen:
            continue
        seen.add(territory.pk)
        if territory.boundary:
            found.append(shape(territory.boundary))
        else:
            waiting += children.get(territory.pk, [])
    return found


def _inside(area: BaseGeometry, stations: pl.Series, lon: object, lat: object) -> set[str]:
    shapely.prepare(area)
    held = np.asarray(shapely.intersects_xy(area, lon, lat), dtype=bool)
    return set(stations.filter(pl.Series(held)))


def _named(
    register: pl.DataFrame, family: Sequence[Territory], ambiguous: set[tuple[str, str]]
) -> set[str]:
    """Return the stations known to belong to a territory by its name only."""
    found: set[str] = set()
    for level, column in ((Level.TOWN, "town"), (Level.CITY, "city")):
        mine = [t for t in family if t.level == level and (level, t.name) not in ambiguous]
        bounded = [t.name for t in mine if t.boundary]
        unbounded = [t.name for t in mine if not t.boundary]
        placeless = pl.col("lon").is_null() | pl.col("lat").is_null()
        fits = (pl.col(column).is_in(bounded) & placeless) | pl.col(column).is_in(unbounded)
        found |= set(register.filter(fits)["station"])
    return found


def _ambiguous() -> set[tuple[str, str]]:
    """Return the names that several territories of one level have."""
    counted = Counter(Territory.objects.values_list("level", "name"))
    return {pair for pair, n in counted.items() if n > 1}


def _places() -> pl.DataFrame:
    return network().stations().select("station", "town", "city", "lon", "lat")


def _register_mark() -> tuple[int, int]:
    return network().home.store.stations_mark()
