"""A wall screen: which page it shows next, and when."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from lantian.web.accounts.access import access
from lantian.web.core.formats import with_query

_LEAST, _MOST = 5, 3600  # s
PAGES = (("air:today", "today"), ("air:network", "air"), ("cases:board", "cases.see"))


@dataclass(frozen=True)
class Wall:
    """How a wall screen goes on.

    Parameters
    ----------
    every
        Seconds until the next page; None: it stays on this one.
    next
        Address of that page.
    leave
        Address of the page without the wall.
    """

    every: int | None
    next: str
    leave: str


def wall_of(request: HttpRequest) -> Wall | None:
    """Return how the wall screen of a request goes on; None: it is none."""
    if request.GET.get("wall") != "1":
        return None
    every = _seconds(request.GET.get("rotate", ""))
    mine = [reverse(name) for name, capability in PAGES if capability in access(request)]
    here = mine.index(request.path) if request.path in mine else 0
    query = {"wall": 1, "rotate": every}
    kept = {k: v for k, v in request.GET.items() if k not in ("wall", "rotate")}
    return Wall(
        every if len(mine) > 1 else None,
        with_query(mine[(here + 1) % len(mine)], query),
        with_query(request.path, kept),
    )


def _seconds(text: str) -> int | None:
    if not text.isdecimal() or len(text) > 5:
        return None
    return min(max(int(text), _LEAST), _MOST)
