"""Cases as lists show them, with the clock that runs; one query for all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import cos, pi, sin
from typing import Any, cast

from django.db.models import F, FilteredRelation, Q, QuerySet
from django.urls import reverse

from lantian.web.cases.catalogue import by_version
from lantian.web.cases.clocks import Clock, Colour
from lantian.web.cases.models import Case
from lantian.web.cases.rules import Rules
from lantian.web.cases.standing_rules import rules
from lantian.web.cases.table import TABLE
from lantian.workdays import Unit

_CLOCK = ("begun_at", "yellow_at", "due_at", "unit", "provisional")


@dataclass(frozen=True)
class Row:
    """One case as a list shows it, in the language in force.

    Parameters
    ----------
    clock
        Of the stage it is in; None: none runs.
    share
        How much of the stage's time is used, from 0 to 1, in plain time; for the dial.
    """

    case: Case
    problem: str
    territory_name: str
    source_name: str
    lead_name: str
    clock: Clock | None
    colour: Colour | str
    clock_words: str
    share: float

    @property
    def dial(self) -> str:
        """Return the path of the dial of its clock, 16 × 16: a pie, or hands once it is late."""
        return _dial(self.share, late=self.colour == "red")

    @property
    def code(self) -> str:
        """Return the number as people write it."""
        return self.case.code

    @property
    def title(self) -> str:
        """Return what the problem is called."""
        return self.case.title

    @property
    def url(self) -> str:
        """Return the address of the page of the case."""
        return reverse("cases:case", args=[self.case.code])

    @property
    def state(self) -> str:
        """Return the code of its state."""
        return self.case.state

    @property
    def state_title(self) -> str:
        """Return its state."""
        return TABLE.states[self.case.state].title

    @property
    def channel_title(self) -> str:
        """Return by what channel it came in."""
        return TABLE.channels[self.case.channel].title

    @property
    def serious(self) -> bool:
        """Say whether the case is serious."""
        return self.case.severity == "serious"


def with_clock(rows: QuerySet[Case]) -> QuerySet[Case]:
    """Return ``rows`` with the clock that runs: begun_at, yellow_at, due_at, unit, provisional.

    Each is None where none runs. The step itself is joined as ``running``.
    """
    if "running" in rows.query.annotations or "due_at" in rows.query.annotations:
        return rows
    open_step = FilteredRelation("steps", condition=Q(steps__ended_at__isnull=True))
    return rows.annotate(running=open_step).annotate(
        **{name: F(f"running__{name}") for name in _CLOCK}
    )


def rows_of(cases: Iterable[Case], now: datetime) -> list[Row]:
    """Return cases as a list shows them.

    Parameters
    ----------
    cases
        With territory, source and lead joined and the clock annotated, as
        :meth:`~lantian.web.cases.asked.Asked.apply` gives of
        :meth:`~lantian.web.cases.reach.Reach.cases`; so that no further query is made.
    """
    by = rules()
    return [row_of(case, now, by) for case in cases]


def row_of(case: Any, now: datetime, by: Rules) -> Row:  # noqa: ANN401 - an annotated case
    """Return one case as a list shows it; its clock is annotated."""
    clock = None
    if case.due_at is not None:
        unit = cast(Unit, case.unit)
        clock = Clock(case.begun_at, case.due_at, case.yellow_at, unit, case.provisional)
    return Row(
        case=case,
        problem=by_version(by.catalogues, case.catalogue).type(case.problem).title,
        territory_name=case.territory.name,
        source_name="" if case.source is None else case.source.name,
        lead_name="" if case.lead is None else case.lead.name,
        clock=clock,
        colour="" if clock is None else clock.colour(now),
        clock_words="" if clock is None else clock.words(now),
        share=0.0 if clock is None else _share(clock, now),
    )


def _share(clock: Clock, now: datetime) -> float:
    whole = (clock.due - clock.begun).total_seconds()
    if whole <= 0:
        return 1.0
    return min(1.0, max(0.0, (now - clock.begun).total_seconds() / whole))


def _dial(share: float, *, late: bool) -> str:
    if late:
        return "M8 4.2V8.6L10.6 10.2"
    turn = 2 * pi * min(0.999, max(0.02, share))
    x, y = 8 + 4.5 * sin(turn), 8 - 4.5 * cos(turn)
    return f"M8 8V3.5A4.5 4.5 0 {int(turn > pi)} 1 {x:.1f} {y:.1f}Z"
