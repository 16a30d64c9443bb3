"""Whose air a page shows: one city or one station, among those the person sees."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import polars as pl

import lantian.evaluation as ev
from lantian.errors import UnknownNameError
from lantian.i18n import gettext as _
from lantian.reports import words
from lantian.web.accounts.access import Access
from lantian.web.air.queries.asked import Asking, Judging
from lantian.web.core.air import network

_LISTED = 300  # stations a select holds; more are found by typing
_NAMED = 8


@dataclass(frozen=True)
class Place:
    """A city (``station`` empty) or a station (``city`` empty)."""

    station: str
    city: str
    name: str

    @property
    def query(self) -> dict[str, str | None]:
        """Return the parameter that names the place."""
        return {"station": self.station or None, "city": self.city or None}

    @property
    def value(self) -> str:
        """Return the place as the value of a select."""
        return self.station or self.city

    def days(self, span: ev.Span, asked: Judging, edition: str | None = None) -> pl.DataFrame:
        """Return the daily table of the place, under an edition (None: the one asked for)."""
        used = edition or asked.edition
        if self.city:
            days = network().city_days(
                span.start, span.end, edition=used, calibre=asked.given_calibre, dust=asked.dust
            )
            return days.filter(pl.col("station") == self.city)
        return network().days(
            span.start, span.end, stations=(self.station,), edition=used,
            calibre=asked.given_calibre, dust=asked.dust,
        )  # fmt: skip


@dataclass(frozen=True)
class Choices:
    """The places one may choose: few stations are listed, many are found by typing."""

    cities: tuple[str, ...]
    stations: tuple[tuple[str, str, str], ...]  # id, name, kind
    listed: bool

    @property
    def kinds(self) -> list[tuple[str, list[tuple[str, str, str]]]]:
        """Return the stations by kind, in the order of the register."""
        found: dict[str, list[tuple[str, str, str]]] = {}
        for row in self.stations:
            found.setdefault(row[2], []).append(row)
        return list(found.items())


def choices(who: Access) -> Choices:
    """Return the cities, and the stations the person sees."""
    return _choices(network().stamp(), who.stations)


@lru_cache(maxsize=64)  # of so many territories, while nothing changes
def _choices(stamp: str, seen: frozenset[str] | None) -> Choices:
    del stamp
    cities = network().stations().filter("assessed")["city"].unique().sort().to_list()
    known = known_stations()
    if seen is not None:
        known = known.filter(pl.col("station").is_in(sorted(seen)))
    rows = tuple(known.select("station", "name", "kind").iter_rows())
    return Choices(tuple(cities), rows, len(rows) <= _LISTED)


def known_stations() -> pl.DataFrame:
    """Return ``station, name, kind, town`` of the register and of what has values beside it."""
    register = network().stations().select("station", "name", "kind", "town")
    extent = network().extent()
    if not register.is_empty() or extent is None:
        return register
    ids = network().days(*extent)["station"].unique().sort()
    return pl.DataFrame({"station": ids, "name": ids}).with_columns(
        pl.lit("other").alias("kind"), pl.lit(None, pl.String).alias("town")
    )


def place_of(asking: Asking, who: Access, known: Choices) -> Place | None:
    """Return the place asked for; else the first city, else the first station; None: there is none.

    A station outside the person's reach is as unknown as one that does not exist.
    """
    asked = asking.text("station")
    city = asking.text("city") or (asked if asked in known.cities else "")
    usual = _usual(known)
    if city:
        if city in known.cities:
            return Place("", city, city)
        asking.problems.append(
            UnknownNameError(
                "air.unknown_city",
                _("There is no city “{name}” here; there are {names}.").format(
                    name=city, names=words.joined(known.cities) or words.NONE
                ),
            )
        )
        return usual
    if not asked:
        return usual
    found = _matching(asked, known)
    if len(found) == 1:
        return Place(found[0][0], "", found[0][1])
    asking.problems.append(_unknown(asked, found))
    return usual


def _usual(known: Choices) -> Place | None:
    if known.cities:
        return Place("", known.cities[0], known.cities[0])
    if known.stations:
        return Place(known.stations[0][0], "", known.stations[0][1])
    return None


def _matching(text: str, known: Choices) -> list[tuple[str, str, str]]:
    """Return the station of an id, else those of a name, else those whose name has the text."""
    tests = (
        lambda s: s[0] == text,
        lambda s: s[1] == text,
        lambda s: text.lower() in s[1].lower(),
    )
    return next((found for t in tests if (found := [s for s in known.stations if t(s)])), [])


def _unknown(text: str, found: list[tuple[str, str, str]]) -> UnknownNameError:
    if not found:
        return UnknownNameError(
            "air.unknown_station",
            _("Among your stations there is none with the id or name “{name}”.").format(name=text),
        )
    names = words.joined(f"{name} ({station})" for station, name, _kind in found[:_NAMED])
    return UnknownNameError(
        "air.several_stations",
        _("{n} stations match “{name}”; give the id of one: {names}.").format(
            n=len(found), name=text, names=names
        ),
    )
