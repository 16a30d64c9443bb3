"""In which territory a place lies, and which one a text names."""

from __future__ import annotations

from collections.abc import Iterable

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from lantian.errors import DomainError, InvalidArgumentError, UnknownNameError
from lantian.i18n import gettext as _
from lantian.web.places.models import Territory
from lantian.web.places.queries import LEVELS

# Boundaries are drawn by many hands: a source this near [°, about 1 km] is not beyond one.
_NEAR = 0.01


class Gazetteer:
    """The territories, by code, by name and by place."""

    def __init__(self, territories: Iterable[Territory]) -> None:
        self.by_code = {t.code: t for t in territories}
        self._by_name: dict[str, list[Territory]] = {}
        for one in self.by_code.values():
            self._by_name.setdefault(one.name, []).append(one)
        self._bounded = [t for t in self.by_code.values() if t.boundary]
        self._shapes = [shape(t.boundary) for t in self._bounded]
        self._tree = shapely.STRtree(self._shapes)
        self._shape_of = {t.pk: s for t, s in zip(self._bounded, self._shapes, strict=True)}

    @classmethod
    def load(cls) -> Gazetteer:
        """Return that of all territories; one query."""
        return cls(Territory.objects.all())

    def named(self, text: str) -> Territory:
        """Return the territory of a code or a name.

        Raises
        ------
        UnknownNameError
            ``sources.no_territory``.
        InvalidArgumentError
            ``sources.many_territories``.
        """
        found = self.by_code.get(text)
        same = [found] if found is not None else self._by_name.get(text, [])
        if len(same) == 1:
            return same[0]
        if same:
            raise InvalidArgumentError(
                "sources.many_territories",
                _("Several territories are called “{name}”; give its code.").format(name=text),
            )
        raise UnknownNameError(
            "sources.no_territory", _("There is no territory “{name}”.").format(name=text)
        )

    def holding(self, lon: float, lat: float) -> Territory:
        """Return the smallest territory in which a place lies [° WGS84].

        Raises
        ------
        DomainError
            ``sources.nowhere``: it lies in none that has a boundary.
        """
        hits = self._tree.query(shapely.Point(lon, lat), predicate="intersects")
        found = [self._bounded[int(i)] for i in hits]
        if not found:
            raise DomainError(
                "sources.nowhere",
                _(
                    "{lon}, {lat} lies in no territory with a boundary. Check the position and its "
                    "datum, or name the territory."
                ).format(lon=f"{lon:.5f}", lat=f"{lat:.5f}"),
            )
        return max(found, key=lambda t: LEVELS.index(t.level))

    def check_within(self, territory: Territory, lon: float, lat: float) -> None:
        """Object to a place that lies well outside a territory.

        Raises
        ------
        DomainError
            ``sources.elsewhere``.
        """
        area: BaseGeometry | None = self._shape_of.get(territory.pk)
        if area is not None and area.distance(shapely.Point(lon, lat)) > _NEAR:
            raise DomainError(
                "sources.elsewhere",
                _(
                    "{lon}, {lat} lies outside {territory}. Check the position and its datum, or "
                    "the territory."
                ).format(lon=f"{lon:.5f}", lat=f"{lat:.5f}", territory=territory.name),
            )
