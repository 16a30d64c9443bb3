"""The cases of a source and of a territory, for their own pages; within what the person sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from lantian.web.accounts.access import access
from lantian.web.cases.asked import ENDED, OPEN, Asked
from lantian.web.cases.reach import reach
from lantian.web.cases.rows import Row, rows_of
from lantian.web.core.clock import now
from lantian.web.places.models import Territory
from lantian.web.sources.models import Source

_OPEN_SHOWN, _ENDED_SHOWN = 20, 10


@dataclass(frozen=True)
class Here:
    """Cases of a place: those that go on, the newest that ended, how many of each, the ledger."""

    open: Sequence[Row]
    ended: Sequence[Row]
    open_count: int
    ended_count: int
    open_url: str
    ended_url: str


def of_source(request: HttpRequest, source: Source) -> Here | None:
    """Return the cases of a source; None: the person sees no cases at all."""
    return _here(request, Asked(source=source.number))


def of_territory(request: HttpRequest, territory: Territory) -> Here | None:
    """Return the cases of a territory and what is below; None: the person sees none at all."""
    return _here(request, Asked(territory=territory.code))


def _here(request: HttpRequest, asked: Asked) -> Here | None:
    if "cases.see" not in access(request):
        return None
    at, mine = now(), reach(request).cases()
    going, gone = asked.but(open=OPEN), asked.but(open=ENDED, sort="-ended")
    running, over = going.apply(mine, at), gone.apply(mine, at)
    ledger = reverse("cases:ledger")
    return Here(
        rows_of(running[:_OPEN_SHOWN], at), rows_of(over[:_ENDED_SHOWN], at),
        running.count(), over.count(), going.link(ledger), gone.link(ledger),
    )  # fmt: skip
