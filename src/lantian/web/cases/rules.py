"""What the actions need to know: the catalogue, working time, and who answers; passed in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from lantian.home.layout import Home
from lantian.web.cases import catalogue_versions, clocks
from lantian.web.cases.catalogue import Catalogue, ProblemType, Stage, by_version, in_force
from lantian.web.cases.clocks import Clock
from lantian.web.duties import resolving
from lantian.web.duties.responsibility import Responsibility
from lantian.web.places.models import Territory
from lantian.workdays import Calendar


class Resolve(Protocol):
    """Says who answers, as :func:`lantian.web.duties.resolving.resolve` does."""

    def __call__(
        self,
        *,
        territory: Territory,
        sector: str,
        source_kind: str,
        problem_type: str,
        source: int | None,
        on: date,
    ) -> Responsibility:
        """Return who answers on a day."""


@dataclass(frozen=True)
class Rules:
    """By what the loop goes.

    Parameters
    ----------
    catalogues
        All versions there are.
    calendar
        The working time of the office.
    resolve
        Says who answers.
    seal
        Is told of every version a case refers to, which must not change from then on.
    """

    catalogues: Sequence[Catalogue]
    calendar: Calendar
    resolve: Resolve
    seal: Callable[[str], None]

    def in_force(self, on: date) -> Catalogue:
        """Return the catalogue under which cases are opened on a day."""
        return in_force(self.catalogues, on)

    def problem(self, code: str, version: str) -> ProblemType:
        """Return a problem type of a version.

        Raises
        ------
        UnknownNameError
            ``cases.unknown_problem``, ``cases.unknown_catalogue``.
        """
        return by_version(self.catalogues, version).type(code)

    def clock(self, problem: ProblemType, stage: Stage, begun: datetime) -> Clock:
        """Start the clock of a stage."""
        return clocks.start(self.calendar, begun, problem.limits[stage])

    def look_back_on(self, problem: ProblemType, closed: datetime, zone: ZoneInfo) -> date:
        """Return the local day on which a closed case is to be looked at again."""
        limit = problem.limits["look_back"]
        return self.calendar.add(closed, limit.value, limit.unit).at.astimezone(zone).date()


def of_home(home: Home) -> Rules:
    """Return the rules of a home: its catalogues, its working time and its matrix.

    Raises
    ------
    DomainError
        A file of ``rules/`` in the home cannot be used; it says which.
    """
    return Rules(
        catalogues=catalogue_versions.versions(home.path),
        calendar=home.workdays(),
        resolve=resolving.resolve,
        seal=lambda version: catalogue_versions.seal(home.path, version),
    )
