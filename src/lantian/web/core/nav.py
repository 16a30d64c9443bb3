"""The one navigation, in the order of the loop: what exists and the person may open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.http import HttpRequest
from django.urls import reverse

from lantian.i18n import gettext as _
from lantian.web.accounts.access import Access


@dataclass(frozen=True)
class Place:
    """One line of the navigation.

    Parameters
    ----------
    view
        Name of the page; the line is there for whoever has ``needs``.
    also
        Names of further pages on which the line is marked as the one one is on.
    """

    view: str
    title: str
    needs: str
    also: Sequence[str] = ()
    children: Sequence[Place] = ()
    separated: bool = False


@dataclass(frozen=True)
class Line:
    """A line as a page shows it."""

    url: str
    title: str
    here: bool
    inside: bool
    separated: bool
    children: Sequence[Line] = field(default=())


_SOURCES = (
    "sources:map", "sources:source", "sources:new", "sources:change", "sources:move",
    "sources:take-in", "sources:import",
)  # fmt: skip
_RULES = ("duties:rule", "duties:rule-new", "duties:rules-import")
_FORCES = ("taskforces:one", "taskforces:new", "taskforces:change")
_UNITS = ("duties:organisation", "duties:organisation-new")


_CASES = (
    "cases:case", "cases:case-file", "cases:album", "cases:do", "cases:reporter", "cases:new",
    "cases:excursions", "cases:hotline", "cases:hotline-import", "cases:fires",
    "cases:fires-import",
)  # fmt: skip
_DOCUMENTS = ("documents:document", "documents:due", "documents:office", "documents:write")


def places() -> tuple[Place, ...]:
    """Return the whole navigation, in the language in force."""
    return (
        Place("air:today", _("Today"), "today"),
        Place("enterprise:home", _("My enterprise"), "field.self"),
        Place("air:network", _("Air"), "air", children=(
            Place("air:network", _("Network now"), "air"),
            Place("air:stations", _("Station pages"), "air", also=("air:station", "air:hours")),
            Place("air:calendar", _("Calendar"), "air"),
            Place("air:ranking", _("Ranking"), "air"),
            Place("air:editions", _("Compare editions"), "air"),
            Place("air:data", _("Data and quality"), "data.see"),
        )),
        Place("cases:mine", _("Cases"), "cases.see", children=(
            Place("cases:mine", _("My work"), "cases.see"),
            Place("cases:board", _("Board"), "cases.see"),
            Place("cases:ledger", _("Ledger"), "cases.see", also=_CASES),
            Place("cases:map", _("Map"), "cases.see"),
            Place("cases:statistics", _("Statistics"), "cases.see"),
            Place("cases:catalogue", _("Catalogue"), "cases.see"),
        )),
        Place("documents:register", _("Field work"), "documents.see", children=(
            Place("documents:register", _("Documents"), "documents.see", also=_DOCUMENTS),
        )),
        Place("sources:list", _("Sources"), "sources.see", also=_SOURCES),
        Place("duties:matrix", _("Duties"), "duties.see", children=(
            Place("duties:matrix", _("Matrix"), "duties.see", also=_RULES),
            Place("duties:who", _("Who answers?"), "duties.see"),
            Place("duties:gaps", _("Gaps and overlaps"), "duties.see"),
            Place("duties:organisations", _("Organisations"), "duties.see", also=_UNITS),
            Place("duties:rota", _("Duty rota"), "duties.see"),
            Place("taskforces:list", _("Task forces"), "taskforces.see", also=_FORCES),
            Place("duties:handover", _("Handover"), "accounts.manage"),
        )),
        Place("accounts:people", _("Administration"), "accounts.manage", separated=True, children=(
            Place("accounts:people", _("People"), "accounts.manage", also=("accounts:person",)),
            Place("places:territories", _("Territories"), "places.manage"),
            Place("places:stations", _("Station register"), "places.manage"),
            Place("audit:events", _("Audit"), "audit.see"),
            Place("core:system", _("System"), "system.see"),
        )),
    )  # fmt: skip


def lines(request: HttpRequest, access: Access) -> list[Line]:
    """Return the navigation for the person and the page of ``request``."""
    match = request.resolver_match
    here = match.view_name if match else ""
    return [line for place in places() if (line := _line(place, here, access)) is not None]


def _line(place: Place, here: str, access: Access) -> Line | None:
    children = [line for c in place.children if (line := _line(c, here, access)) is not None]
    if place.children:
        if not children:
            return None
        inside = any(c.here or c.inside for c in children)
        return Line(children[0].url, place.title, False, inside, place.separated, children)
    if place.needs not in access:
        return None
    at = here == place.view or here in place.also or _below(place.view, here)
    return Line(reverse(place.view), place.title, at, False, place.separated)


def _below(view: str, here: str) -> bool:
    """Say whether ``here`` is a page of ``view``, as ``air:data-undo`` is of ``air:data``."""
    return here.startswith(f"{view}-")
