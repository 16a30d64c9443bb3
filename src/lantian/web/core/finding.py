"""What a search finds: stations, towns, pages, people — of what the person may open."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from lantian.i18n import gettext as _
from lantian.i18n import ngettext
from lantian.web.accounts.access import Access, access
from lantian.web.accounts.models import User
from lantian.web.cases import searching
from lantian.web.cases.reach import reach as cases_of
from lantian.web.cases.table import TABLE
from lantian.web.core import nav
from lantian.web.core.air import network
from lantian.web.core.formats import with_query
from lantian.web.sources.queries import Asked, chosen
from lantian.web.sources.reach import reach

FEW = 6  # of a kind under the search field, so that it fits on a screen
MANY = 100  # on the page of results


@dataclass(frozen=True)
class Hit:
    """Something found: where it is, what it is called, what it is further."""

    url: str
    title: str
    note: str = ""


@dataclass(frozen=True)
class Group:
    """Hits of a kind; ``more``: how many there are beyond those shown."""

    title: str
    hits: tuple[Hit, ...]
    more: int


def find(request: HttpRequest, text: str, most: int) -> list[Group]:
    """Return what ``text`` finds, by kind, at most ``most`` of each.

    Names that begin with it come before those that contain it. Full-width letters, case and
    spaces at the ends do not matter.
    """
    wanted = _plain(text)
    if not wanted:
        return []
    mine = access(request)
    kinds = (
        (_("Stations"), _stations(wanted, mine)),
        (_("Towns"), _towns(wanted, mine)),
        (_("Sources"), _sources(wanted, request, mine)),
        (_("Cases"), _cases(wanted, request, mine)),
        (_("Pages"), _pages(wanted, request, mine)),
        (_("People"), _people(wanted, mine)),
    )
    return [_group(title, list(hits), most) for title, found in kinds if (hits := _ordered(found))]


def _group(title: str, hits: list[Hit], most: int) -> Group:
    return Group(title, tuple(hits[:most]), max(0, len(hits) - most))


def _ordered(found: Iterator[tuple[int, Hit]]) -> list[Hit]:
    return [hit for _place, hit in sorted(found, key=lambda f: f[0])]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _place(wanted: str, *names: str | None) -> int | None:
    """Return 0 where a name is what is wanted, 1 where one begins with it, 2 where one has it."""
    plain = [_plain(n) for n in names if n]
    if wanted in plain:
        return 0
    if any(n.startswith(wanted) for n in plain):
        return 1
    return 2 if any(wanted in n for n in plain) else None


def _stations(wanted: str, mine: Access) -> Iterator[tuple[int, Hit]]:
    if "air" not in mine:
        return
    columns = network().stations().select("station", "name", "town")
    for station, name, town in columns.iter_rows():
        place = _place(wanted, name, station)
        if place is None and _place(wanted, town) is not None:
            place = 3  # of a town that is called so
        if place is not None and mine.sees(station):
            note = " · ".join(n for n in (station, town) if n)
            yield place, Hit(reverse("air:station", args=[station]), name, note)


def _towns(wanted: str, mine: Access) -> Iterator[tuple[int, Hit]]:
    if "air" not in mine:
        return
    counted: Counter[str] = Counter()
    for station, town in network().stations().select("station", "town").iter_rows():
        if town and mine.sees(station):
            counted[town] += 1
    for town, n in counted.items():
        place = _place(wanted, town)
        if place is not None:
            stations = ngettext("{n} station", "{n} stations", n).format(n=n)
            yield place, Hit(with_query(reverse("air:stations"), {"town": town}), town, stations)


def _pages(wanted: str, request: HttpRequest, mine: Access) -> Iterator[tuple[int, Hit]]:
    seen = set()
    for line in _lines(nav.lines(request, mine)):
        place = _place(wanted, line.title)
        if place is not None and line.url not in seen:
            seen.add(line.url)
            yield place, Hit(line.url, line.title)


def _lines(lines: Iterable[nav.Line]) -> Iterator[nav.Line]:
    for line in lines:
        if line.children:
            yield from _lines(line.children)
        else:
            yield line


def _sources(wanted: str, request: HttpRequest, mine: Access) -> Iterator[tuple[int, Hit]]:
    if "sources.see" not in mine:
        return
    for source in chosen(reach(request), Asked(q=wanted))[:MANY]:
        place = _place(wanted, source.name)
        address = reverse("sources:source", args=[source.number])
        yield 3 if place is None else place, Hit(address, source.name, source.territory.name)


def _cases(wanted: str, request: HttpRequest, mine: Access) -> Iterator[tuple[int, Hit]]:
    """Find cases as the ledger does, by number, words or source, the newest first."""
    if "cases.see" not in mine:
        return
    seen = cases_of(request).cases()
    # the keys alone first: of what fits a common word, only the rows that are shown are read
    keys = list(
        searching.found(seen, wanted)
        .order_by("-year", "-number")
        .values_list("pk", flat=True)[:MANY]
    )
    for case in seen.filter(pk__in=keys).order_by("-year", "-number"):
        note = f"{TABLE.states[case.state].title} · {case.territory.name}"
        title = f"{case.code} {case.title}"
        yield 0, Hit(reverse("cases:case", args=[case.code]), title, note)


def _people(wanted: str, mine: Access) -> Iterator[tuple[int, Hit]]:
    if "accounts.manage" not in mine:
        return
    for person in User.objects.all():
        place = _place(wanted, person.name, person.phone, person.organisation)
        if place is not None:
            yield (
                place,
                Hit(reverse("accounts:person", args=[person.pk]), person.name, person.organisation),
            )
